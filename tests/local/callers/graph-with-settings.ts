import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensurePlatform } from "../../../scripts/sst-platform.ts";
import type { Settings } from "../../../stacks/settings.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../../..");

/** The resource graph that would be deployed with other settings. On a fresh clone this installs SST's components, once. */
export async function graphWithSettings(settings: Partial<Settings>): Promise<unknown> {
  ensurePlatform(root);
  const directory = mkdtempSync(join(tmpdir(), "graph-"));
  try {
    const file = join(directory, "graph.json");
    const options = ["--settings", JSON.stringify(settings), file];
    await run(process.execPath, [join(root, "scripts/stack-graph.ts"), ...options], { cwd: root });
    return JSON.parse(readFileSync(file, "utf8"));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
