import { defineConfig } from "vitest/config";

// Vitest runs on older versions of Node too, but hides the difference of a failed comparison there.
if (Number(process.versions.node.split(".")[0]) < 24) {
  throw new Error(`tests need Node 24 or newer, this is \`${process.version}\`; run them with \`npm test\``);
}

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 180_000,
  },
});
