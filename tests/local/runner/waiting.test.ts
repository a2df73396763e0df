import { describe, expect, it } from "vitest";
import type { Wiring } from "../../../packages/local/src/runner/start.ts";
import { inputsOf, type SmallGraph, smallGraph } from "./small-graph.ts";
import { order, printed, smallStack, worked } from "./small-stack.ts";

const MINUTE = 60_000;

function batching(batchSize: number, seconds: number): SmallGraph {
  const graph = smallGraph();
  Object.assign(inputsOf(graph, "WorkerFromJobs"), { batchSize, maximumBatchingWindowInSeconds: seconds });
  return graph;
}

/** A compressed clock, and how to read it. */
function compressed(timeScale: number) {
  let wiring: Wiring | undefined;
  return {
    options: {
      timeScale,
      clock: "compressed" as const,
      services: (given: Wiring) => {
        wiring = given;
        return [];
      },
    },
    now: () => wiring?.now().getTime() ?? Number.NaN,
  };
}

const batches = (stack: Parameters<typeof printed>[0]) =>
  printed(stack).flatMap(({ batch }) => (Array.isArray(batch) ? [batch] : []));

describe("a large batch", () => {
  it("takes more than one receive brings, in one invocation", async () => {
    const stack = await smallStack(batching(1000, 300));
    const names = Array.from({ length: 35 }, (_, index) => `n${index}`);
    await order(stack, "jobs", ...names.map((name) => ({ name })));
    await stack.idle();
    expect(batches(stack).map((batch) => batch.toSorted())).toEqual([names.toSorted()]);
  });

  it("ends before its window when it is full", async () => {
    const stack = await smallStack(batching(12, 300), { timeScale: 1 });
    const names = Array.from({ length: 12 }, (_, index) => ({ name: `n${index}` }));
    await order(stack, "jobs", ...names);
    await stack.idle();
    expect(batches(stack)).toHaveLength(1);
  });

  it.each([
    [10_001, 300],
    [100, 301],
  ])("of %i messages within %i seconds is refused", async (size, seconds) => {
    await expect(smallStack(batching(size, seconds))).rejects.toThrow("at most 10000 messages a batch, and 300 s");
  });
});

describe("waiting for a stack to be idle", () => {
  it("does not wait for the end of a batching window, under a real clock neither", async () => {
    // One second is one second: the window would last three minutes.
    const stack = await smallStack(batching(100, 180), { timeScale: 1 });
    await order(stack, "jobs", { name: "one" }, { name: "two" });
    const began = performance.now();
    await stack.idle();
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(batches(stack).flat().toSorted()).toEqual(["one", "two"]);
  });

  it("puts a compressed clock forward by the window and by a delay, for functions and services alike", async () => {
    const graph = batching(100, 180);
    inputsOf(graph, "Jobs").delaySeconds = 600;
    const clock = compressed(2);
    const stack = await smallStack(graph, clock.options);
    const before = clock.now();
    await order(stack, "jobs", { name: "look", clock: true });
    await stack.idle();
    const told = printed(stack).find((line) => "now" in line);
    expect(Number(told?.now) - before).toBeGreaterThanOrEqual(13 * MINUTE);
    expect(Number(told?.now) - before).toBeLessThan(14 * MINUTE);
    expect(clock.now()).toBeGreaterThanOrEqual(Number(told?.now));
  });

  it("puts it forward for a failed message that is to be tried again", async () => {
    const graph = smallGraph();
    inputsOf(graph, "Jobs").visibilityTimeoutSeconds = 600;
    const clock = compressed(2);
    const stack = await smallStack(graph, clock.options);
    const before = clock.now();
    await order(stack, "jobs", { name: "bad", failTimes: 1 });
    await stack.idle();
    expect(worked(stack)).toEqual(["bad#1", "bad#2"]);
    expect(clock.now() - before).toBeGreaterThanOrEqual(9 * MINUTE);
  });

  it("puts no clock forward while a function works", async () => {
    const graph = smallGraph();
    inputsOf(graph, "Jobs").delaySeconds = 600;
    const stack = await smallStack(graph, compressed(60).options);
    await order(stack, "steps.fifo", { name: "long", group: "g", take: 500 });
    await order(stack, "jobs", { name: "later" });
    await stack.idle();
    const steps = printed(stack).flatMap(({ message, done }) => ((message ?? done) ? [message ?? "done"] : []));
    expect(steps.slice(0, 3)).toEqual(["long", "done", "later"]);
  });
});
