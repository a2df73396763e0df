import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readStack } from "../../../packages/local/src/runner/read-stack.ts";
import { arn, inputsOf, smallGraph } from "./small-graph.ts";

describe("the resource graph", () => {
  it("of the stack is understood in full", () => {
    const graph: unknown = JSON.parse(readFileSync(new URL("../../../stacks/graph.json", import.meta.url), "utf8"));
    const model = readStack(graph);
    expect(model.functions.length).toBeGreaterThan(0);
    const fed = new Set(model.mappings.map((mapping) => mapping.functionName));
    expect(fed.size).toBe(model.functions.length);
  });

  it("is refused for a property that the runner does not honour, by its name", () => {
    const graph = smallGraph();
    inputsOf(graph, "Worker").tracingConfig = { mode: "Active" };
    expect(() => readStack(graph)).toThrow(/`Worker`: the local AWS does not honour `tracingConfig`/);
  });

  it("is refused for a property of a nested block", () => {
    const graph = smallGraph();
    inputsOf(graph, "WorkerFromJobs").scalingConfig = { maximumConcurrency: 2, minimum: 1 };
    expect(() => readStack(graph)).toThrow(/scalingConfig: the local AWS does not honour `minimum`/);
  });

  it("is refused for a resource type that the runner does not know", () => {
    const graph = smallGraph();
    graph.resources.push({ type: "aws:kinesis/stream:Stream", name: "Stream", inputs: {}, state: {} });
    expect(() => readStack(graph)).toThrow("`aws:kinesis/stream:Stream`");
  });

  it("passes over a property that stands on the list", () => {
    const graph = smallGraph();
    inputsOf(graph, "Jobs").sqsManagedSseEnabled = true;
    expect(readStack(graph).queues).toHaveLength(5);
  });

  it.each([
    ["a disabled rule", "Changes", "state", "DISABLED", "`state`"],
    ["another bus", "Changes", "eventBusName", "other", "default bus only"],
    ["another runtime", "Worker", "runtime", "nodejs20.x", "`nodejs24.x`"],
    ["a FIFO topic", "Alerts", "fifoTopic", true, "`fifoTopic`"],
    ["a topic under a key", "Alerts", "kmsMasterKeyId", "alias/aws/sns", "alias/aws/sns"],
    ["an unknown response type", "WorkerFromJobs", "functionResponseTypes", ["Other"], "`Other`"],
    ["an alarm on another metric", "JobsAlarm", "metricName", "Errors", "`metricName`"],
    ["a role that is not there", "Worker", "role", "arn:aws:iam::111122223333:role/none", "role/none"],
    ["a pattern with an unknown filter", "Changes", "eventPattern", { source: [{ cidr: "::/0" }] }, "`cidr`"],
    [
      "a managed policy whose text is not here",
      "WorkerRole",
      "managedPolicyArns",
      ["arn:aws:iam::aws:policy/X"],
      "policy/X",
    ],
    [
      "dead letters that mix FIFO and standard",
      "Jobs",
      "redrivePolicy",
      { deadLetterTargetArn: arn("sqs", "steps-dlq.fifo") },
      "both be FIFO",
    ],
  ])("is refused for %s", (_what, name, property, value, problem) => {
    const graph = smallGraph();
    inputsOf(graph, name)[property] = value;
    expect(() => readStack(graph)).toThrow(problem);
  });

  it("is refused when a queue takes no dead letters of the queue that sends them", () => {
    const graph = smallGraph();
    graph.resources.push({
      type: "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
      name: "JobsDeadLettersFrom",
      inputs: {
        queueUrl: "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs-dlq",
        redriveAllowPolicy: { redrivePermission: "byQueue", sourceQueueArns: [arn("sqs", "copies")] },
      },
      state: {},
    });
    expect(() => readStack(graph)).toThrow("takes no dead letters of `jobs`");
  });

  it("reads a policy the same as JSON and as its text", () => {
    const graph = smallGraph();
    const inputs = inputsOf(graph, "JobsPolicy");
    const parsed = readStack(graph);
    inputs.policy = JSON.stringify(inputs.policy);
    expect(readStack(graph).queues).toEqual(parsed.queues);
  });

  it.each([[undefined], [[]], [{ resources: {} }], [{ resources: [{ type: 1 }] }]])("is not %j", (text) => {
    expect(() => readStack(text)).toThrow("not a resource graph");
  });
});
