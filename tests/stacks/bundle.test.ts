import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { root } from "./graph.ts";

const run = promisify(execFile);
const script = join(root, "scripts/bundle.ts");
const bundle = join(root, "dist/functions/notify-slack/index.mjs");

describe("bundling a function", () => {
  test("gives equal bytes for equal sources, without the machine's paths", async () => {
    await run(process.execPath, [script, "notify-slack"], { cwd: root });
    const first = readFileSync(bundle, "utf8");
    await run(process.execPath, [script, "notify-slack"], { cwd: root });
    expect(readFileSync(bundle, "utf8") === first).toBe(true);
    expect(first.includes(root)).toBe(false);
  });

  test("gives an ES module that exports the handler", async () => {
    expect(readFileSync(bundle, "utf8")).toMatch(/export\{[^}]*\bhandler\b/);
  });

  test("names the entry that is missing", async () => {
    await expect(run(process.execPath, [script, "nonsense"], { cwd: root })).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("the function `nonsense` has no entry `packages/functions/src/nonsense.ts`"),
    });
  });
});
