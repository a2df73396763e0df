import { expect, test } from "vitest";
import { readGraph } from "../../../packages/local/src/laptop.ts";
import { expectedUsage } from "../../../packages/local/src/runner/expected-usage.ts";
import { compareUsage } from "../../../packages/local/src/runner/usage.ts";
import { SCENES } from "../../../packages/local/src/scenes/scenes.ts";
import { openTheatre, type Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { timeline } from "../../../packages/local/src/scenes/timeline.ts";
import { probe } from "./probes.ts";

const silent = timeline(() => {});

async function play(graph: unknown, acts: (theatre: Theatre) => Promise<void>) {
  const theatre = await openTheatre(silent, { graph, timeScale: 600 });
  try {
    await theatre.settle();
    await acts(theatre);
    return compareUsage(expectedUsage(graph), theatre.laptop.stack.usage());
  } finally {
    await theatre.stop();
  }
}

test("a run uses every permission, event pattern, variable and queue policy of the graph, and asks for no other", async () => {
  const difference = await play(readGraph(), async (theatre) => {
    for (const scene of SCENES) await scene.play(theatre);
    await probe(theatre);
    const lines = theatre.laptop.stack.failures.map(({ functionName, result }) => `${functionName}: ${result.kind}`);
    expect(lines).toEqual([]);
  });
  expect(difference).toEqual({ missing: [], unused: [] });
}, 120_000);
