import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensurePlatform } from "../../scripts/sst-platform.ts";
import { root } from "./graph.ts";

const run = promisify(execFile);
const stored = join(root, "stacks/graph.json");
const directory = mkdtempSync(join(tmpdir(), "graph-"));

function check(file: string) {
  return run(process.execPath, [join(root, "scripts/stack-graph.ts"), "--check", file], { cwd: root });
}

describe("stacks/graph.json", () => {
  // On a fresh clone this installs SST's components: once, in about half a minute.
  beforeAll(() => ensurePlatform(root));
  afterAll(() => rmSync(directory, { recursive: true }));

  test("is what stacks/ would deploy", async () => {
    expect((await check(stored)).stdout).toContain("stacks/graph.json is up to date");
  });

  test("is refused with the differences and the way out when it is not", async () => {
    const former = join(directory, "graph.json");
    writeFileSync(former, readFileSync(stored, "utf8").replaceAll('"rate(6 hours)"', '"rate(1 hour)"'));
    const refusal = expect.objectContaining({
      code: 1,
      stderr: expect.stringMatching(
        /scheduleExpression: "rate\(1 hour\)" → "rate\(6 hours\)"[\s\S]*npm run stack:graph/,
      ),
    });
    await expect(check(former)).rejects.toEqual(refusal);
  });

  test("knows nothing of the machine that wrote it", () => {
    const text = readFileSync(stored, "utf8");
    expect(text).not.toContain(root);
    expect(text).not.toMatch(/"\/(home|root|tmp|work|Users|private|var)\//);
  });
});
