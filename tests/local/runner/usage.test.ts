import { describe, expect, it } from "vitest";
import { expectedUsage } from "../../../packages/local/src/runner/expected-usage.ts";
import type { LocalStack } from "../../../packages/local/src/runner/start.ts";
import { compareUsage } from "../../../packages/local/src/runner/usage.ts";
import { arn, inputsOf, roleArn, type SmallGraph, smallGraph, statementsOf } from "./small-graph.ts";
import { order, printed, smallStack } from "./small-stack.ts";

async function difference(graph: SmallGraph, run: (stack: LocalStack) => Promise<void>) {
  const stack = await smallStack(graph);
  await run(stack);
  await stack.idle();
  return compareUsage(expectedUsage(graph), stack.usage());
}

/** Uses everything but what the worker would have to call for: its table and its topic. */
async function playAll(stack: LocalStack): Promise<void> {
  const record = { eventSource: "kms.amazonaws.com", eventName: "DisableKey" };
  await stack.publish(record);
  await stack.publish({ ...record, eventName: "EnableKey" });
  await stack.publish({ ...record, errorCode: "AccessDenied" });
  await stack.publish(record, { undeliverable: true });
  await stack.runSchedule("hourly");
  await order(stack, "jobs", { name: "bad", failTimes: 99 });
  await order(stack, "steps.fifo", { name: "step", group: "g" });
}

describe("the record of a run", () => {
  it("names what the graph holds and the run did not use, and nothing else", async () => {
    const { missing, unused } = await difference(smallGraph(), playAll);
    expect(missing).toEqual([]);
    expect(unused).toEqual([
      "function worker: variable FAREWELL",
      `role worker, policy work, statement 2: Allow dynamodb:PutItem on ${arn("dynamodb", "table/state")}`,
      `role worker, policy work, statement 3: Allow sns:Publish on ${arn("sns", "alerts")}`,
    ]);
  });

  it("tells single actions, resources, pattern values and policies apart", async () => {
    const { unused } = await difference(smallGraph(), async (stack) => {
      await stack.publish({ eventSource: "kms.amazonaws.com", eventName: "DisableKey" });
    });
    expect(unused).toContain('rule changes: detail.eventName = "EnableKey"');
    expect(unused).not.toContain('rule changes: detail.eventName = "DisableKey"');
    expect(unused).toContain('rule changes: detail.errorCode = {"exists":false}');
    expect(unused).toContain(`topic alerts, statement 0: Allow sns:Publish on ${arn("sns", "alerts")}`);
    expect(unused).not.toContain(`queue jobs, statement 0: Allow sqs:SendMessage on ${arn("sqs", "jobs")}`);
    expect(unused).toContain(`queue jobs-dlq, statement 0: Allow sqs:SendMessage on ${arn("sqs", "jobs-dlq")}`);
  });

  it("names a log that a function may not write", async () => {
    const graph = smallGraph();
    statementsOf(graph, "WorkerRole").splice(1, 1);
    const { missing } = await difference(graph, async () => undefined);
    expect(missing.join("\n")).toContain(`${roleArn("worker")} needs logs:PutLogEvents on`);
  });

  it("names an alarm that the topic does not admit", async () => {
    const graph = smallGraph();
    const policy = inputsOf(graph, "AlertsPolicy").policy as { Statement: { Principal: object }[] };
    for (const statement of policy.Statement) statement.Principal = { Service: "events.amazonaws.com" };
    const { missing } = await difference(graph, (stack) => order(stack, "jobs", { name: "bad", failTimes: 99 }));
    expect(missing.join("\n")).toContain(
      `cloudwatch.amazonaws.com for ${arn("cloudwatch", "alarm:jobs-dlq")} needs sns:Publish`,
    );
  });
});

describe("a stack that AWS would not deploy", () => {
  it("does not start without the permission to read its queue", async () => {
    const graph = smallGraph();
    for (const statement of statementsOf(graph, "WorkerRole").slice(0, 1))
      statement.Action = ["sqs:ReceiveMessage", "sqs:GetQueueAttributes"];
    await expect(smallStack(graph)).rejects.toThrow("sqs:DeleteMessage");
  });

  it("does not start with a role that Lambda may not take on", async () => {
    const graph = smallGraph();
    inputsOf(graph, "WorkerRole").assumeRolePolicy = inputsOf(graph, "ScheduleRole").assumeRolePolicy;
    await expect(smallStack(graph)).rejects.toThrow("does not trust lambda.amazonaws.com");
  });

  it("does not start without a function's bundle", async () => {
    await expect(smallStack(smallGraph(), { root: "/nonexistent" })).rejects.toThrow("is `bundles/worker` bundled?");
  });
});

describe("a function's process", () => {
  it("has the graph's variables and Lambda's own, and inherits nothing", async () => {
    process.env.INHERITED_BY_MISTAKE = "yes";
    const stack = await smallStack();
    delete process.env.INHERITED_BY_MISTAKE;
    await order(stack, "jobs", { name: "show", environment: true });
    await stack.idle();
    const shown = printed(stack).find(({ environment }) => environment);
    expect(shown).toMatchObject({ greeting: "hello" });
    const names = shown?.environment as string[];
    expect(names.filter((name) => !/^(AWS_|_HANDLER$|LAMBDA_|LANG$|PATH$|TZ$)/.test(name))).toEqual([
      "FAREWELL",
      "GREETING",
    ]);
    expect(names).toContain("AWS_ENDPOINT_URL");
  });

  it("gets the webhook that the graph keeps secret", async () => {
    const graph = smallGraph();
    inputsOf(graph, "Worker").environment = { variables: { GREETING: "https://slack.invalid/secret/SlackWebhook" } };
    const stack = await smallStack(graph, { slackWebhookUrl: "http://127.0.0.1:1/hook" });
    await order(stack, "jobs", { name: "show", environment: true });
    await stack.idle();
    expect(printed(stack)).toContainEqual(expect.objectContaining({ greeting: "http://127.0.0.1:1/hook" }));
  });

  it("ends with the stack, and so does the front door", async () => {
    const stack = await smallStack();
    await stack.stop();
    await expect(fetch(stack.endpoint)).rejects.toThrow();
    expect(process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap")).toEqual([]);
  });

  it("is invoked once by the deployment", async () => {
    const graph = smallGraph();
    graph.resources.push({
      type: "aws:lambda/invocation:Invocation",
      name: "OnceDeployed",
      inputs: { functionName: "worker", input: '{"Records":[]}', triggers: { deployment: "1" } },
      state: {},
    });
    const stack = await smallStack(graph);
    await stack.idle();
    expect(printed(stack).filter(({ batch }) => batch)).toEqual([{ batch: [] }]);
  });
});
