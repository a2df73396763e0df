import { describe, expect, it, vi } from "vitest";
import { itemFailures } from "../../../packages/local/src/runner/sqs-event.ts";
import { inputsOf, smallGraph } from "./small-graph.ts";
import { order, printed, smallStack, worked } from "./small-stack.ts";

describe("a function on a queue", () => {
  it("gets only the failed messages of a batch again", async () => {
    const stack = await smallStack();
    await order(stack, "jobs", { name: "good" }, { name: "bad", failTimes: 1 });
    await stack.idle();
    expect(worked(stack).toSorted()).toEqual(["bad#1", "bad#2", "good#1"]);
  });

  it("loses a message to the dead letters after its last attempt, and the alarm tells by mail, once", async () => {
    const stack = await smallStack();
    await order(stack, "jobs", { name: "bad", failTimes: 99 });
    await stack.idle();
    expect(worked(stack)).toEqual(["bad#1", "bad#2", "bad#3"]);
    expect(stack.queue("jobs-dlq").depth().visible).toBe(1);
    expect(stack.alarmState("jobs-dlq")).toBe("ALARM");
    expect(stack.mailbox).toHaveLength(1);
    expect(stack.mailbox[0]?.subject).toBe('ALARM: "jobs-dlq" in eu-west-1');
    expect(JSON.parse(stack.mailbox[0]?.text ?? "")).toMatchObject({ OldStateValue: "OK", NewStateValue: "ALARM" });
  });

  it("gets a whole batch again after its process has crashed, in a new process", async () => {
    const stack = await smallStack();
    await order(stack, "jobs", { name: "first", crash: true });
    await stack.idle();
    expect(worked(stack)).toEqual(["first#1", "first#2"]);
    expect(stack.failures).toEqual([
      { functionName: "worker", result: { kind: "crashed", detail: "exited with code 7" } },
    ]);
  });

  it("is stopped at its timeout, and gets the batch again", async () => {
    const stack = await smallStack();
    await order(stack, "jobs", { name: "slow", hang: true });
    await stack.idle();
    expect(worked(stack)).toEqual(["slow#1", "slow#2", "slow#3"]);
    expect(stack.failures[0]?.result).toEqual({ kind: "timed-out", seconds: 1 });
    expect(stack.logs.some(({ line }) => line.includes("Task timed out after 1.00 seconds"))).toBe(true);
  });

  it("works on a delayed message after the compressed delay, and the stack is busy until then", async () => {
    const graph = smallGraph();
    inputsOf(graph, "Jobs").delaySeconds = 120;
    const stack = await smallStack(graph);
    const began = performance.now();
    await order(stack, "jobs", { name: "later" });
    await expect(stack.idle(50)).rejects.toThrow("jobs has 0 waiting, 1 delayed");
    await stack.idle();
    expect(worked(stack)).toEqual(["later#1"]);
    expect(performance.now() - began).toBeGreaterThan(200);
  });

  it("waits for more messages within the batching window", async () => {
    const graph = smallGraph();
    inputsOf(graph, "WorkerFromJobs").maximumBatchingWindowInSeconds = 300;
    const stack = await smallStack(graph);
    await order(stack, "jobs", { name: "one" }, { name: "two" }, { name: "three" });
    await stack.idle();
    expect(printed(stack).filter(({ batch }) => batch)).toEqual([{ batch: ["one", "two", "three"] }]);
  });

  it("runs at most as often at once as the mapping says", async () => {
    const graph = smallGraph();
    inputsOf(graph, "WorkerFromJobs").batchSize = 1;
    inputsOf(graph, "Worker").reservedConcurrentExecutions = 1;
    const stack = await smallStack(graph);
    await order(stack, "jobs", { name: "one", take: 50 }, { name: "two", take: 50 }, { name: "three", take: 50 });
    await stack.idle();
    const steps = printed(stack).flatMap(({ batch, done }) => (batch ? ["start"] : done ? ["end"] : []));
    expect(steps).toEqual(["start", "end", "start", "end", "start", "end"]);
  });
});

describe("a function on a FIFO queue", () => {
  it("gets several messages of one group in one batch, in order", async () => {
    const stack = await smallStack();
    const rest = ["x", "y", "z"].map((name) => ({ name, group: "g" }));
    // While the first is worked on, its group is closed and the others gather.
    await order(stack, "steps.fifo", { name: "first", group: "g", take: 400 });
    await vi.waitFor(() => expect(worked(stack)).toEqual(["first#1"]));
    await order(stack, "steps.fifo", ...rest);
    await stack.idle();
    expect(printed(stack).filter(({ batch }) => batch)).toEqual([{ batch: ["first"] }, { batch: ["x", "y", "z"] }]);
  });

  it("holds a group back behind its failed message, and no other group", async () => {
    const graph = smallGraph();
    inputsOf(graph, "WorkerFromSteps").batchSize = 1;
    const stack = await smallStack(graph);
    await order(
      stack,
      "steps.fifo",
      { name: "a1", group: "a", failTimes: 2 },
      { name: "a2", group: "a" },
      { name: "b1", group: "b" },
      { name: "b2", group: "b" },
    );
    await stack.idle();
    const names = worked(stack);
    expect(names.filter((name) => name.startsWith("a"))).toEqual(["a1#1", "a1#2", "a1#3", "a2#1"]);
    expect(names.filter((name) => name.startsWith("b"))).toEqual(["b1#1", "b2#1"]);
    expect(names.indexOf("b2#1")).toBeLessThan(names.indexOf("a2#1"));
  });

  it("gets the messages of a failed batch again in their order", async () => {
    const stack = await smallStack();
    const rest = ["x", "y", "z"].map((name) => ({ name, group: "g", failTimes: 1 }));
    await order(stack, "steps.fifo", { name: "first", group: "g", take: 400 });
    await vi.waitFor(() => expect(worked(stack)).toEqual(["first#1"]));
    await order(stack, "steps.fifo", ...rest);
    await stack.idle();
    expect(worked(stack)).toEqual(["first#1", "x#1", "y#1", "z#1", "x#2", "y#2", "z#2"]);
  });
});

describe("a mapping that Lambda would refuse", () => {
  it.each([
    [
      "a queue that shows messages again before the function's timeout",
      "Jobs",
      { visibilityTimeoutSeconds: 0 },
      "visibility timeout",
    ],
    [
      "a batching window on a FIFO queue",
      "WorkerFromSteps",
      { maximumBatchingWindowInSeconds: 1 },
      "no batching window",
    ],
    ["large batches without a window", "WorkerFromJobs", { batchSize: 11 }, "need a batching window"],
    ["a maximum concurrency of one", "WorkerFromJobs", { scalingConfig: { maximumConcurrency: 1 } }, "at least 2"],
  ])("is refused: %s", async (_what, name, change, problem) => {
    const graph = smallGraph();
    Object.assign(inputsOf(graph, name), change);
    await expect(smallStack(graph)).rejects.toThrow(problem);
  });
});

describe("an answer about single messages", () => {
  const batch = ["m1", "m2"];
  it.each([
    ["nothing", null, []],
    ["an empty object", {}, []],
    ["an empty list", { batchItemFailures: [] }, []],
    ["no list", { batchItemFailures: null }, []],
    ["one message", { batchItemFailures: [{ itemIdentifier: "m2" }] }, ["m2"]],
    ["a message that is not of the batch", { batchItemFailures: [{ itemIdentifier: "m3" }] }, batch],
    ["an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }, batch],
    ["another key", { batchItemFailures: [{ id: "m1" }] }, batch],
    ["a text", "done", batch],
    ["a list that is none", { batchItemFailures: "m1" }, batch],
  ])("that is %s", (_what, answer, failed) => {
    expect([...itemFailures(answer, batch)]).toEqual(failed);
  });
});
