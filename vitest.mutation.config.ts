/**
 * The tests that mutants of the engine are run against: cases and workflows, which are many, quick and the same each time.
 * The laws are left to `npm test`: with random input a mutant would be killed today and survive tomorrow.
 *
 * Chosen here and not by Stryker's `testFiles`: with that, mutants of what is made when a module is loaded (tables,
 * constants) are never run, and count as survivors.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/core/policy/*.test.ts", "tests/core/key/*.test.ts", "tests/core/intake/*.test.ts"],
    testTimeout: 30_000,
  },
});
