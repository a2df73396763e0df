import { describe, expect, it } from "vitest";
import { arn, inputsOf, smallGraph } from "./small-graph.ts";
import { printed, smallStack, worked } from "./small-stack.ts";

const disableKey = { eventSource: "kms.amazonaws.com", eventName: "DisableKey", eventTime: "2026-11-01T10:00:00Z" };

describe("the default bus", () => {
  it("brings a CloudTrail record that a rule matches to its target, in EventBridge's envelope", async () => {
    const stack = await smallStack();
    expect(await stack.publish(disableKey)).toEqual(["changes"]);
    await stack.idle();
    expect(printed(stack).find(({ body }) => body)?.body).toEqual({
      version: "0",
      id: expect.any(String),
      "detail-type": "AWS API Call via CloudTrail",
      source: "aws.kms",
      account: "111122223333",
      time: "2026-11-01T10:00:00Z",
      region: "eu-west-1",
      resources: [],
      detail: disableKey,
    });
  });

  it("drops what no rule matches", async () => {
    const stack = await smallStack();
    expect(await stack.publish({ ...disableKey, eventName: "Decrypt" })).toEqual([]);
    expect(await stack.publish({ ...disableKey, errorCode: "AccessDenied" })).toEqual([]);
    expect(stack.queue("jobs").depth()).toEqual({ visible: 0, delayed: 0, inFlight: 0 });
  });

  it("does not see the events of another Region, such as IAM's", async () => {
    const stack = await smallStack();
    expect(await stack.publish({ ...disableKey, awsRegion: "us-east-1" })).toEqual([]);
    expect(await stack.publish({ ...disableKey, awsRegion: "eu-west-1" })).toEqual(["changes"]);
  });

  it("gives an event to the dead letters when the queue's policy does not admit the rule, and records it", async () => {
    const graph = smallGraph();
    const policy = inputsOf(graph, "JobsPolicy").policy as { Statement: { Condition: object }[] };
    for (const statement of policy.Statement) {
      statement.Condition = { ArnEquals: { "aws:SourceArn": arn("events", "rule/other") } };
    }
    const stack = await smallStack(graph);
    await stack.publish(disableKey);
    await stack.idle();
    expect(stack.queue("jobs-dlq").depth().visible).toBe(1);
    expect([...stack.usage().missing]).toContainEqual(
      `events.amazonaws.com for ${arn("events", "rule/changes")} needs sqs:SendMessage on ${arn("sqs", "jobs")}`,
    );
  });

  it("gives an event to the dead letters when the target can't be reached", async () => {
    const stack = await smallStack();
    await stack.publish(disableKey, { undeliverable: true });
    expect(stack.queue("jobs-dlq").depth().visible).toBe(1);
    expect(stack.usage().missing.size).toBe(0);
  });
});

describe("a schedule", () => {
  it("sends its input to its target when it is run by hand", async () => {
    const stack = await smallStack();
    await stack.runSchedule("hourly");
    await stack.idle();
    expect(worked(stack)).toEqual(["hourly#1"]);
  });

  it("does not run as a role that may not send", async () => {
    const graph = smallGraph();
    inputsOf(graph, "ScheduleRole").inlinePolicies = [];
    const stack = await smallStack(graph);
    await expect(stack.runSchedule("Hourly")).rejects.toThrow("sqs:SendMessage");
    expect([...stack.usage().missing].join()).toContain("role/schedule needs sqs:SendMessage");
  });

  it("does not run as a role that does not trust the scheduler", async () => {
    const graph = smallGraph();
    inputsOf(graph, "ScheduleRole").assumeRolePolicy = inputsOf(graph, "WorkerRole").assumeRolePolicy;
    const stack = await smallStack(graph);
    await expect(stack.runSchedule("Hourly")).rejects.toThrow("does not trust scheduler.amazonaws.com");
  });
});
