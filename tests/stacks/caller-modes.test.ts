import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { actionsOf } from "../../packages/functions/src/actions.ts";
import { ensurePlatform } from "../../scripts/sst-platform.ts";
import { allRules } from "./all-rules.ts";
import { type Graph, list, readGraph, resources, root, statementsOf, storedGraph } from "./graph.ts";
import { type functions, gaps } from "./permission-gaps.ts";

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), "graphs-"));

/** What would be deployed with other options than those of the stored graph. */
async function graphWith(name: string, ...options: readonly string[]): Promise<Graph> {
  const file = join(directory, `${name}.json`);
  await run(process.execPath, [join(root, "scripts/stack-graph.ts"), ...options, file], { cwd: root });
  return readGraph(file);
}

const withMode = (mode: string) =>
  graphWith(mode, "--settings", JSON.stringify({ callers: { mode, writesPerHour: 50 } }));
const names = (graph: Graph) => graph.resources.map(({ name }) => name).sort();
const brokenRules = (graph: Graph) =>
  allRules.filter((rule) => rule.brokenBy(graph).length > 0).map(({ says }) => says);

/** What the callers function calls only where it writes. */
const ONLY_IN_ENFORCE = new Set([
  ...["iam:GetRole", "iam:GetRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy"],
  ...["iam:GetUser", "iam:GetUserPolicy", "iam:PutUserPolicy", "iam:DeleteUserPolicy"],
]);

// On a fresh clone this installs SST's components: once, in about half a minute.
beforeAll(() => ensurePlatform(root));
afterAll(() => rmSync(directory, { recursive: true }));

describe("the mode of callers", () => {
  test.each(["propose", "observe"])("`%s` deploys the same, without anything that writes to IAM", async (mode) => {
    const graph = await withMode(mode);
    expect(names(graph)).toEqual(names(storedGraph()));
    const callers = resources(graph, "aws:lambda/function:Function").find(({ name }) => name === "CallersFunction");
    expect(callers?.inputs.environment.variables.MODE).toBe(mode);
    const written = resources(graph, "aws:iam/role:Role")
      .flatMap(statementsOf)
      .flatMap(({ Action }) => list(Action))
      .filter((action) => /^iam:(?!Get(AccountAuthorizationDetails|Role)$|ListAccountAliases$)/.test(action));
    expect(written).toEqual([]);
    expect(JSON.stringify(graph)).not.toContain("CALLER#");
    const reads = (name: (typeof functions)[number]) =>
      actionsOf(name).filter((action) => name !== "callers" || !ONLY_IN_ENFORCE.has(action));
    expect(gaps(graph, reads)).toEqual([]);
    expect(brokenRules(graph)).toEqual([]);
  });

  test("`enforce` is what the stored graph has", () => {
    const reads = (name: (typeof functions)[number]) =>
      actionsOf(name).filter((action) => !ONLY_IN_ENFORCE.has(action));
    expect(gaps(storedGraph(), reads, ["callers"])).toEqual([
      { function: "callers", missing: [], unused: expect.arrayContaining([...ONLY_IN_ENFORCE]) },
    ]);
  });

  test("`off` deploys nothing for callers", async () => {
    const graph = await withMode("off");
    // `announce` is told the mode; that is all.
    expect(JSON.stringify(graph).replaceAll('"CALLERS_MODE":"off"', "")).not.toMatch(/callers?|aws\.iam/i);
    const gone = names(storedGraph()).filter((name) => !names(graph).includes(name));
    expect(gone.filter((name) => !/^Caller|^ForwardRole$/.test(name))).toEqual([]);
    expect(brokenRules(graph)).toEqual([]);
  });
});

describe("a deployment in the Region where IAM's events arrive", () => {
  test("hears of IAM by itself, and passes nothing on", async () => {
    const graph = await graphWith("home", "--region", "us-east-1");
    const gone = names(storedGraph()).filter((name) => !names(graph).includes(name));
    expect(gone).toEqual(["CallerChangesElsewhere", "CallerChangesToHub", "ForwardRole"]);
    const rule = resources(graph, "aws:cloudwatch/eventRule:EventRule").find(({ name }) => name === "CallerChanges");
    expect(rule?.state.arn).toBe("arn:aws:events:us-east-1:111122223333:rule/bedrock-key-guard-local-caller-changes");
  });
});
