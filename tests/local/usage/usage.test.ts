import { beforeAll, describe, expect, test } from "vitest";
import { readGraph } from "../../../packages/local/src/laptop.ts";
import { expectedUsage } from "../../../packages/local/src/runner/expected-usage.ts";
import { compareUsage, type Usage } from "../../../packages/local/src/runner/usage.ts";
import { SCENE_OF_CALLERS } from "../../../packages/local/src/scenes/scene-of-callers.ts";
import { SCENES } from "../../../packages/local/src/scenes/scenes.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";
import { type Graph, graphWith } from "./graph-with.ts";
import { probe } from "./probes.ts";

const silent = timeline(() => {});

interface Run {
  readonly usage: Usage;
  /** Why it ended early. */
  readonly failure: string | undefined;
  readonly crashes: readonly string[];
}

/** @param acts - gives items that were used by questions put elsewhere than to the stack */
async function run(graph: unknown, acts: (theatre: Theatre) => Promise<ReadonlySet<string>>): Promise<Run> {
  const theatre = await openTheatre(silent, { graph, timeScale: 300, clock: "compressed" });
  try {
    let asked: ReadonlySet<string> = new Set();
    const failure = await theatre
      .settle()
      .then(() => acts(theatre))
      .then(
        (used) => {
          asked = used;
          return undefined;
        },
        (error: unknown) => String(error),
      );
    const { stack } = theatre.laptop;
    const crashes = stack.failures.map(({ functionName, result }) => `${functionName}: ${result.kind}`);
    const { used, missing } = stack.usage();
    return { usage: { used: used.union(asked), missing }, failure, crashes };
  } finally {
    await theatre.stop();
  }
}

async function playFirstTwo(theatre: Theatre): Promise<ReadonlySet<string>> {
  for (const scene of SCENES.slice(0, 2)) await scene.play(theatre);
  return new Set();
}

describe("the scenes, and probes for what they leave out", () => {
  let whole: Run;
  beforeAll(async () => {
    whole = await run(readGraph(), async (theatre) => {
      for (const scene of SCENES) await scene.play(theatre);
      return probe(theatre);
    });
  });

  test("go as they should, and no function crashes", () => {
    expect(whole.failure).toBeUndefined();
    expect(whole.crashes).toEqual([]);
  });

  test("use every permission, event pattern, variable and queue policy of the graph, and ask for no other", () => {
    expect(compareUsage(expectedUsage(readGraph()), whole.usage)).toEqual({ missing: [], unused: [] });
  });

  test.for<[string, (graph: Graph) => void, string]>([
    ["permission", (graph) => graph.allow("ReconcileRole", "kms:ListKeys"), "Allow kms:ListKeys"],
    ["event name", (graph) => graph.listen("AgentChanges", "CreateFlow"), "CreateFlow"],
    ["variable", (graph) => graph.setVariable("IntakeFunction", "LEFT_OVER", "x"), "LEFT_OVER"],
    ["queue policy", (graph) => graph.copyQueuePolicy("IntakeFromRules", "KeyQueue"), "-key.fifo"],
  ])("a %s that nothing needs is found", ([, change, words]) => {
    const { unused } = compareUsage(expectedUsage(graphWith(change)), whole.usage);
    expect(unused).toHaveLength(1);
    expect(unused[0]).toContain(words);
  });
});

describe("a graph that lacks one thing makes the run fail", () => {
  test("a permission", async () => {
    const graph = graphWith((g) => g.disallow("ReconcileRole", "iam:GetRole"));
    const { failure, usage } = await run(graph, playFirstTwo);
    expect(failure).toContain("the key should have the guard's three statements");
    expect(compareUsage(expectedUsage(graph), usage).missing.join()).toContain("needs iam:GetRole");
  });

  test("a permission in IAM", async () => {
    const graph = graphWith((g) => g.disallow("CallersRole", "iam:GetAccountAuthorizationDetails"));
    const { failure, usage } = await run(graph, async (theatre) => {
      await SCENE_OF_CALLERS.play(theatre);
      return new Set();
    });
    expect(failure).toContain("what was given should be told once");
    expect(compareUsage(expectedUsage(graph), usage).missing.join()).toContain(
      "needs iam:GetAccountAuthorizationDetails",
    );
  });

  test("a name in an event pattern", async () => {
    const { failure } = await run(
      graphWith((g) => g.ignore("AgentChanges", "UpdateAgent")),
      playFirstTwo,
    );
    expect(failure).toContain("the new role should be in the key policy");
  });

  test("an environment variable", async () => {
    const graph = graphWith((g) => g.removeVariable("IntakeFunction", "TABLE_NAME"));
    await expect(run(graph, playFirstTwo)).rejects.toThrow("TABLE_NAME");
  });

  test("a queue policy", async () => {
    const graph = graphWith((g) => g.remove("IntakeFromRules"));
    const { failure, usage } = await run(graph, playFirstTwo);
    expect(failure).toContain("the key should have the guard's three statements");
    expect(compareUsage(expectedUsage(graph), usage).missing.join()).toContain("events.amazonaws.com");
  });
});
