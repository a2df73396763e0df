/** Telling Slack, whatever it answers: nothing is lost, nothing doubled, and nothing overtakes what came before it. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { alertMessageBody } from "../../packages/aws/src/alert-message.ts";
import { slackMessageOfAlarm } from "../../packages/core/src/channel/slack.ts";
import { inOrder } from "../../packages/functions/src/lib/partial-batch.ts";
import { tellSlack } from "../../packages/functions/src/slack/handle.ts";
import { type Post, slackPost } from "../../packages/functions/src/slack/post.ts";
import { type Behaviour, type SlackEndpoint, startSlackEndpoint } from "../../packages/local/src/slack-endpoint.ts";
import { sampleAlert } from "../aws/sample-alert.ts";
import { allSamples } from "../core/channel/samples.ts";
import { memoryLog, sqsRecord } from "./samples.ts";

const alarm = {
  AlarmName: "bedrock-key-guard-prod-key-dlq",
  AlarmDescription: "A message could not be handled. Look at it: -- aws sqs receive-message --queue-url Q",
  NewStateValue: "ALARM",
  NewStateReason: "Threshold Crossed: 1 datapoint [1.0] was > the threshold (0.0).",
  StateChangeTime: "2026-11-02T10:00:00.000+0000",
  AWSAccountId: "111122223333",
  Region: "EU (Ireland)",
};

let slack: SlackEndpoint;
let slept: number[];
let post: Post;
beforeEach(async () => {
  slack = await startSlackEndpoint();
  slept = [];
  const sleep = async (milliseconds: number) => void slept.push(milliseconds);
  post = slackPost(slack.url, { timeoutMs: 300, sleep });
});
afterEach(() => slack.stop());

const bodyOf = (n: number) => alertMessageBody(sampleAlert({ id: `alert-${n}`, headline: `headline ${n}` }));
const rateLimited = (seconds?: number): Behaviour => ({
  kind: "answers",
  status: 429,
  text: "rate_limited",
  ...(seconds === undefined ? {} : { seconds }),
});

async function run(bodies: readonly string[], group?: string) {
  const log = memoryLog();
  const records = bodies.map((text, index) => sqsRecord(`m${index}`, text, group));
  const { batchItemFailures } = await inOrder(records, tellSlack(post, log), log);
  const logged = log.lines
    .map((line) => `${line.message} ${JSON.stringify(line.fields)} ${String(line.fields.error)}`)
    .join("\n");
  return { failed: batchItemFailures.map((failure) => failure.itemIdentifier), logged };
}

const texts = () => slack.posted.map((one) => (one as { text: string }).text);

describe("telling slack", () => {
  test("posts alerts and alarms as they come", async () => {
    expect((await run([bodyOf(1), JSON.stringify(alarm)])).failed).toEqual([]);
    expect(texts()).toEqual([expect.stringContaining("headline 1"), expect.stringContaining("prod-key-dlq")]);
  });

  test.each([
    ["not JSON", "hello"],
    ["an alert of another version", bodyOf(1).replace('"v":2', '"v":7')],
    ["neither an alert nor an alarm", '{"hello":1}'],
    ["a broken alarm", '{"AlarmName":7}'],
  ])("puts a message back that is %s, and posts the others", async (_what, malformed) => {
    expect((await run([malformed, bodyOf(1)])).failed).toEqual(["m0"]);
    expect(slack.posted).toHaveLength(1);
  });

  test("posts every kind of alert with its blocks: Slack refuses none for its form", async () => {
    const samples = await allSamples();
    const { failed, logged } = await run(samples.map(({ alert }) => alertMessageBody(alert)));
    expect([failed, logged]).toEqual([[], ""]);
    expect(slack.posted).toHaveLength(samples.length);
    for (const posted of slack.posted) expect(posted).toHaveProperty("blocks");
  });

  test("waits where Slack asks for it, as long as it asks, and then posts once", async () => {
    slack.misbehave(rateLimited(3), rateLimited(2));
    expect((await run([bodyOf(1)])).failed).toEqual([]);
    expect(slept).toEqual([3_000, 2_000]);
    expect(texts()).toEqual([expect.stringContaining("headline 1")]);
  });

  test.each([
    ["for longer than the function lives", rateLimited(60), 1],
    ["without saying for how long", rateLimited(), 1],
    ["again and again", rateLimited(1), 3],
  ])("puts the message back where Slack asks to wait %s", async (_what, behaviour, requests) => {
    slack.always(behaviour);
    expect((await run([bodyOf(1), bodyOf(2)])).failed).toEqual(["m0", "m1"]);
    expect(slack.requests()).toBe(requests);
    slack.misbehave();
    expect((await run([bodyOf(1), bodyOf(2)])).failed).toEqual([]);
    expect(texts()).toEqual([expect.stringContaining("headline 1"), expect.stringContaining("headline 2")]);
  });

  test.each([
    [
      "is down",
      { kind: "answers", status: 503, text: "see /services/T000/B000/secret" },
      "slack answered `503`: `no reason`",
    ],
    ["fails", { kind: "answers", status: 500, text: "internal_error" }, "slack answered `500`: `internal_error`"],
    ["never answers", { kind: "hangs" }, "slack did not answer: `TimeoutError`"],
    ["hangs up", { kind: "breaks" }, "slack did not answer"],
    [
      "knows the webhook no more",
      { kind: "answers", status: 404, text: "no_service" },
      "slack answered `404`: `no_service`",
    ],
    ["forbids it", { kind: "answers", status: 403, text: "invalid_token" }, "slack answered `403`: `invalid_token`"],
  ] as const)(
    "tries once and puts all back when Slack %s, without a word of the url",
    async (_what, behaviour, text) => {
      slack.always(behaviour);
      const { failed, logged } = await run([bodyOf(1), bodyOf(2), bodyOf(3)], "alerts");
      expect(failed).toEqual(["m0", "m1", "m2"]);
      expect(slack.requests()).toBe(1);
      expect(logged).toContain(text);
      expect(logged).not.toContain("secret");
    },
  );

  test("tells in plain words what Slack refuses for its form, so that it holds up nobody", async () => {
    slack.misbehave({ kind: "answers", status: 400, text: "invalid_blocks" });
    const { failed, logged } = await run([bodyOf(1), bodyOf(2)], "alerts");
    expect(failed).toEqual([]);
    expect(slack.posted[0]).not.toHaveProperty("blocks");
    expect(texts()).toEqual([
      expect.stringMatching(/headline 1[\s\S]*did not take the whole message/),
      expect.stringContaining("headline 2"),
    ]);
    expect(logged).toContain("slack answered `400`: `invalid_blocks`");
  });

  test("lets nothing of a group pass what failed before it", async () => {
    slack.misbehave({ kind: "takes" }, { kind: "answers", status: 400, text: "x" }, { kind: "breaks" });
    expect((await run([bodyOf(1), bodyOf(2), bodyOf(3)], "alerts")).failed).toEqual(["m1", "m2"]);
    expect(texts()).toEqual([expect.stringContaining("headline 1")]);
  });

  test("loses and doubles nothing over a bad hour: each message is delivered until it is taken, in its order", async () => {
    const bad: readonly Behaviour[] = [
      rateLimited(1),
      { kind: "answers", status: 500, text: "x" },
      { kind: "hangs" },
      { kind: "takes" },
      { kind: "breaks" },
      rateLimited(30),
      { kind: "takes" },
      { kind: "answers", status: 503, text: "x" },
    ];
    slack.misbehave(...bad);
    let queue = Array.from({ length: 5 }, (_, n) => bodyOf(n));
    for (let delivery = 0; queue.length > 0 && delivery < 30; delivery++) {
      const { failed } = await run(queue, "alerts");
      queue = failed.map((id) => queue[Number(id.slice(1))] ?? "");
    }
    expect(queue).toEqual([]);
    expect(texts().map((text) => /headline \d/.exec(text)?.[0])).toEqual([0, 1, 2, 3, 4].map((n) => `headline ${n}`));
  });

  test("does not follow a redirect", async () => {
    const server: Server = createServer((_request, response) =>
      response.writeHead(307, { location: "http://127.0.0.1:1/" }).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const elsewhere = slackPost(`http://127.0.0.1:${(server.address() as AddressInfo).port}/secret`);
    await expect(elsewhere(slackMessageOfAlarm(alarm))).rejects.toThrow("slack did not answer");
    server.close();
  });

  test.each(["", "hooks.slack.com/services/secret", "http://hooks.slack.com/services/secret", "file:///secret"])(
    "does not start with the url %j, and does not repeat it",
    (url) => {
      const start = () => slackPost(url);
      expect(start).toThrow("not an https url");
      expect(start).not.toThrow(/secret\b.*secret|services/);
    },
  );
});
