/** Alarms on what functions write to their logs: an hour of the configuration is a second here. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { startLaptop } from "../../../packages/local/src/laptop.ts";
import { embeddedMetrics } from "../../../packages/local/src/runner/embedded-metrics.ts";
import { arn, inputsOf, type SmallGraph, smallGraph } from "./small-graph.ts";
import { order, smallStack } from "./small-stack.ts";

const timeScale = 3_600;

/** The small graph's alarm, on what the worker counts. */
function graph(change: object = {}): SmallGraph {
  const made = smallGraph();
  const inputs = inputsOf(made, "JobsAlarm");
  Object.assign(inputs, {
    name: "idle",
    namespace: "Small",
    metricName: "Done",
    dimensions: { service: "worker" },
    statistic: "Sum",
    period: 3_600,
    comparisonOperator: "LessThanThreshold",
    threshold: 1,
    treatMissingData: "breaching",
    ...change,
  });
  return made;
}

const line = (value: number, at = Date.now()) => ({
  _aws: {
    Timestamp: at,
    CloudWatchMetrics: [{ Namespace: "Small", Dimensions: [["service"]], Metrics: [{ Name: "Done" }] }],
  },
  service: "worker",
  Done: value,
});
const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe("an alarm on a function's own metric", () => {
  it("goes off when nothing was counted for its period, and tells by mail", async () => {
    const stack = await smallStack(graph(), { timeScale });
    expect(stack.alarmState("idle")).toBe("INSUFFICIENT_DATA");
    await vi.waitFor(() => expect(stack.alarmState("idle")).toBe("ALARM"), 5_000);
    await stack.idle();
    expect(stack.mailbox.map(({ subject }) => subject)).toEqual(['ALARM: "idle" in eu-west-1']);
    expect(JSON.parse(stack.mailbox[0]?.text ?? "")).toMatchObject({
      NewStateReason: expect.stringContaining("no datapoints were received"),
      Trigger: { MetricName: "Done", Namespace: "Small", TreatMissingData: "breaching" },
    });
  });

  it("is quiet once something was counted, and goes off when that has gone by", async () => {
    const stack = await smallStack(graph(), { timeScale });
    await order(stack, "jobs", { name: "count", log: line(1) });
    await vi.waitFor(() => expect(stack.alarmState("idle")).toBe("OK"), 900);
    expect(stack.mailbox).toEqual([]);
    await vi.waitFor(() => expect(stack.alarmState("idle")).toBe("ALARM"), 5_000);
  });

  it("is not fooled by what counts nothing", async () => {
    const stack = await smallStack(graph(), { timeScale });
    for (let tries = 0; tries < 8 && stack.alarmState("idle") !== "ALARM"; tries++) {
      await order(stack, "jobs", { name: "start", log: line(0) });
      await wait(200);
    }
    await vi.waitFor(() => expect(stack.alarmState("idle")).toBe("ALARM"), 1_000);
    expect(JSON.parse(stack.mailbox[0]?.text ?? "").NewStateReason).toContain("the last datapoint [0]");
  });

  it("takes silence for nothing where the schedules run by hand", async () => {
    const stack = await smallStack(graph(), { timeScale, silence: "says-nothing" });
    await wait(1_500);
    expect(stack.alarmState("idle")).toBe("INSUFFICIENT_DATA");
    expect(stack.mailbox).toEqual([]);
  });

  it("needs the topic to admit it, as every alarm", async () => {
    const changed = graph();
    const topic = inputsOf(changed, "AlertsPolicy").policy as { Statement: { Condition: object }[] };
    Object.assign(topic.Statement[0] ?? {}, {
      Condition: { ArnEquals: { "aws:SourceArn": arn("cloudwatch", "alarm:x") } },
    });
    const stack = await smallStack(changed, { timeScale });
    await vi.waitFor(() => expect(stack.alarmState("idle")).toBe("ALARM"), 5_000);
    await stack.idle();
    expect(stack.mailbox).toEqual([]);
    expect([...stack.usage().missing].join()).toContain("sns:Publish");
  });

  it.each([
    ["statistic", "Average", "`statistic`"],
    ["treatMissingData", "ignore", "missing data as `ignore`"],
    ["treatMissingData", undefined, "`treatMissingData`"],
  ])("is refused for what the runner does not honour: %s %s", async (property, value, problem) => {
    await expect(smallStack(graph({ [property]: value }), { timeScale })).rejects.toThrow(problem);
  });
});

describe("an alarm on a function's errors", () => {
  const errors = {
    name: "worker-errors",
    namespace: "AWS/Lambda",
    metricName: "Errors",
    dimensions: { FunctionName: "worker" },
    period: 300,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    treatMissingData: "notBreaching",
  };

  it("goes off when the function ends without an answer, and tells by mail", async () => {
    const stack = await smallStack(graph(errors), { timeScale: 60 });
    await order(stack, "jobs", { name: "crash", crash: true });
    await vi.waitFor(() => expect(stack.alarmState("worker-errors")).toBe("ALARM"), 5_000);
    await vi.waitFor(() => expect(stack.mailbox).toHaveLength(1), 1_000);
    expect(stack.failures.map(({ functionName }) => functionName)).toHaveLength(1);
    expect(JSON.parse(stack.mailbox[0]?.text ?? "")).toMatchObject({
      AlarmName: "worker-errors",
      Trigger: { MetricName: "Errors", Namespace: "AWS/Lambda" },
    });
  });

  it("is quiet about a message that failed: its function gave an answer", async () => {
    const stack = await smallStack(graph(errors), { timeScale: 60 });
    await order(stack, "jobs", { name: "fails", failTimes: 1 });
    await stack.idle();
    await vi.waitFor(() => expect(stack.alarmState("worker-errors")).toBe("OK"), 6_000);
    expect(stack.mailbox).toEqual([]);
  });

  it("is not about another function", async () => {
    const other = { ...errors, dimensions: { FunctionName: "other" } };
    const stack = await smallStack(graph(other), { timeScale: 60 });
    await order(stack, "jobs", { name: "crash", crash: true });
    await stack.idle();
    await wait(1_500);
    expect(stack.alarmState("worker-errors")).not.toBe("ALARM");
  });
});

it("the stack's alarm on sweeps that don't finish is quiet once the first one has", async () => {
  const laptop = await startLaptop({ timeScale: 600 });
  onTestFinished(() => laptop.stop());
  const alarm = laptop.stack.model.alarms.find(({ metric }) => metric.kind === "embedded");
  expect(laptop.stack.alarmState(alarm?.name ?? "")).toBe("INSUFFICIENT_DATA");
  await vi.waitFor(() => expect(laptop.stack.alarmState(alarm?.name ?? "")).toBe("OK"), 10_000);
  expect(laptop.stack.mailbox).toEqual([]);
});

describe("the embedded metrics of a log", () => {
  const done = { namespace: "Small", name: "Done", dimensions: { service: "worker" } };

  it("are told apart by namespace, name and dimensions", () => {
    const metrics = embeddedMetrics();
    metrics.take(JSON.stringify(line(1, 5)));
    metrics.take(JSON.stringify({ ...line(2, 6), service: "other" }));
    expect(metrics.points(done)).toEqual([{ at: 5, value: 1 }]);
    expect(metrics.points({ ...done, dimensions: { service: "other" } })).toEqual([{ at: 6, value: 2 }]);
    expect(metrics.points({ ...done, namespace: "Large" })).toEqual([]);
    expect(metrics.points({ ...done, name: "Undone" })).toEqual([]);
    expect(metrics.points({ ...done, dimensions: {} })).toEqual([]);
  });

  it.each([
    ["text", "START RequestId: 1"],
    ["another line", '{"level":"INFO","Done":1}'],
    ["broken JSON", '{"_aws":'],
    ["no time", JSON.stringify({ ...line(1), _aws: { CloudWatchMetrics: [] } })],
    ["no number", JSON.stringify({ ...line(1), Done: "1" })],
    ["wrapped by a log format", JSON.stringify({ level: "INFO", message: JSON.stringify(line(1)) })],
  ])("are none in %s", (_what, text) => {
    const metrics = embeddedMetrics();
    metrics.take(text);
    expect(metrics.points(done)).toEqual([]);
  });
});
