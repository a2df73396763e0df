/**
 * The tests that mutants of the engine are run against. They are chosen here and not by Stryker's `testFiles`: with that,
 * mutants of what is made when a module is loaded (tables, constants) are never run, and count as survivors.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({ test: { include: ["tests/core/**/*.test.ts"], testTimeout: 30_000 } });
