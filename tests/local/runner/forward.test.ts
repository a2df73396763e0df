import { describe, expect, it } from "vitest";
import { arn, inputsOf, roleArn, type SmallGraph, smallGraph } from "./small-graph.ts";
import { printed, smallStack } from "./small-stack.ts";

const hub = arn("events", "event-bus/default");
const elsewhere = "arn:aws:events:us-east-1:111122223333:rule/elsewhere";
const pattern = { source: ["aws.kms"], detail: { eventName: ["DisableKey"] } };
const record = { eventSource: "kms.amazonaws.com", eventName: "DisableKey", awsRegion: "us-east-1" };
const document = (statement: object) => ({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });

/** The small graph, and a rule in us-east-1 that passes its events on to the stack's own bus. */
function forwarding(): SmallGraph {
  const graph = smallGraph();
  graph.resources.push(
    {
      type: "aws:iam/role:Role",
      name: "ForwardRole",
      inputs: {
        name: "forward",
        assumeRolePolicy: document({
          Principal: { Service: "events.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "aws:SourceArn": elsewhere } },
        }),
        inlinePolicies: [{ name: "forward", policy: document({ Action: "events:PutEvents", Resource: hub }) }],
      },
      state: { arn: roleArn("forward") },
    },
    {
      type: "aws:cloudwatch/eventRule:EventRule",
      name: "Elsewhere",
      inputs: { name: "elsewhere", region: "us-east-1", eventPattern: pattern },
      state: { arn: elsewhere },
    },
    {
      type: "aws:cloudwatch/eventTarget:EventTarget",
      name: "ElsewhereToHub",
      inputs: { rule: "elsewhere", region: "us-east-1", arn: hub, roleArn: roleArn("forward") },
      state: {},
    },
  );
  return graph;
}

describe("an event of another Region", () => {
  it("comes to the stack when a rule there passes it on, as it was", async () => {
    const stack = await smallStack(forwarding());
    expect(await stack.publish(record)).toEqual(["elsewhere", "changes"]);
    await stack.idle();
    expect(printed(stack).find(({ body }) => body)?.body).toMatchObject({ region: "us-east-1", detail: record });
    expect(stack.usage().missing).toEqual(new Set());
  });

  it("is not seen by the stack's own rules, nor an event of the stack's Region by the rule there", async () => {
    const stack = await smallStack(forwarding());
    expect(await stack.publish({ ...record, awsRegion: "eu-west-1" })).toEqual(["changes"]);
    expect(await stack.publish({ ...record, awsRegion: "us-west-2" })).toEqual([]);
  });

  it.each([
    ["may not put events on the bus", "inlinePolicies", [], "role/forward needs events:PutEvents"],
    [
      "does not trust EventBridge",
      "assumeRolePolicy",
      document({ Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }),
      "does not trust events.amazonaws.com",
    ],
  ])("stays there when the target's role %s, and that is recorded", async (_what, input, value, missing) => {
    const graph = forwarding();
    inputsOf(graph, "ForwardRole")[input] = value;
    const stack = await smallStack(graph);
    expect(await stack.publish(record)).toEqual(["elsewhere"]);
    expect([...stack.usage().missing].join()).toContain(missing);
  });
});

describe("a rule of another Region is refused", () => {
  it("when it sends to a queue here", async () => {
    const graph = forwarding();
    Object.assign(inputsOf(graph, "ElsewhereToHub"), { arn: arn("sqs", "jobs"), roleArn: undefined });
    await expect(smallStack(graph)).rejects.toThrow("a rule in us-east-1 can't send to");
  });

  it.each([
    ["without a role for the other bus", "ElsewhereToHub", "roleArn", undefined, "needs a string"],
    ["with a role that is not there", "ElsewhereToHub", "roleArn", roleArn("none"), "role/none"],
    [
      "when its dead letters are here",
      "ElsewhereToHub",
      "deadLetterConfig",
      { arn: arn("sqs", "jobs-dlq") },
      "can't send to",
    ],
    ["when its target is of no rule there", "ElsewhereToHub", "region", "us-west-2", "us-west-2 elsewhere"],
    ["when its ARN is of another Region", "Elsewhere", "region", "us-west-2", "us-west-2"],
    [
      "when it passes on to its own bus",
      "ElsewhereToHub",
      "arn",
      elsewhere.replace("rule/elsewhere", "event-bus/default"),
      "there again",
    ],
    [
      "when it passes on to another bus than the default one",
      "ElsewhereToHub",
      "arn",
      arn("events", "event-bus/own"),
      "default buses only",
    ],
  ])("%s", async (_what, name, property, value, problem) => {
    const graph = forwarding();
    inputsOf(graph, name)[property] = value;
    await expect(smallStack(graph)).rejects.toThrow(problem);
  });
});
