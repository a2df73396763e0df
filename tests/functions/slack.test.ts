import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { type AlertMessage, alertMessageBody, parseAlertMessage } from "../../packages/aws/src/alert-message.ts";
import type { Alert } from "../../packages/core/src/finding/alert.ts";
import { eachRecord } from "../../packages/functions/src/lib/partial-batch.ts";
import { escapeSlack, type SlackMessage } from "../../packages/functions/src/slack/block-kit.ts";
import { tellSlack } from "../../packages/functions/src/slack/handle.ts";
import { slackPost } from "../../packages/functions/src/slack/post.ts";
import { renderAlarm, renderAlert } from "../../packages/functions/src/slack/render.ts";
import { sampleAlert } from "../aws/sample-alert.ts";
import { memoryLog, sqsRecord } from "./samples.ts";

const alarm = {
  AlarmName: "bedrock-key-guard-prod-key-dead-letters",
  AlarmDescription: "A message could not be handled",
  NewStateValue: "ALARM",
  NewStateReason: "Threshold Crossed: 1 datapoint [1.0] was > the threshold (0.0).",
  StateChangeTime: "2026-11-02T10:00:00.000+0000",
  AWSAccountId: "111122223333",
  Region: "EU (Ireland)",
};

function asRead(alert: Alert): AlertMessage {
  const parsed = parseAlertMessage(JSON.parse(alertMessageBody(alert)));
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.value;
}

const golden = (name: string) => join(import.meta.dirname, `../cases/slack/${name}.json`);
const pretty = (message: SlackMessage) => `${JSON.stringify(message, null, 2)}\n`;

describe("a slack message", () => {
  test("tells a problem with its reasons and what to do", async () => {
    await expect(pretty(renderAlert(asRead(sampleAlert())))).toMatchFileSnapshot(golden("problem"));
  });

  test("tells a repair and what was added", async () => {
    const repair = sampleAlert({
      kind: "repaired",
      severity: "low",
      headline: "The guard added a statement.",
      findings: [],
    });
    await expect(pretty(renderAlert(asRead(repair)))).toMatchFileSnapshot(golden("repaired"));
  });

  test("tells an alarm", async () => {
    await expect(pretty(renderAlarm(alarm))).toMatchFileSnapshot(golden("alarm"));
  });

  test("calls nobody, links nothing and breaks out of no code block, whatever an agent is called", async () => {
    const evil = "<!channel> <@U123> <https://evil.example|click> & ``` *bold*\u202e";
    const hostile = sampleAlert({
      headline: evil,
      agents: [{ id: sampleAlert().agents[0]?.id ?? expect.unreachable(), name: evil }],
      diff: [evil],
      nextSteps: [evil],
    });
    const message = renderAlert(asRead(hostile));
    for (const text of textsOf(message)) {
      expect(text).not.toMatch(/[<>]|\u202e/);
      expect(text.split("```").length % 2).toBe(1);
    }
    await expect(pretty(message)).toMatchFileSnapshot(golden("hostile"));
  });

  test("keeps Slack's limits, however much there is to say", () => {
    const long = fc.string({ unit: "grapheme", minLength: 1, maxLength: 4_000 }).map((text) => text.repeat(3));
    fc.assert(
      fc.property(long, fc.integer({ min: 1, max: 40 }), (text, n) => {
        const finding = sampleAlert().findings[0] ?? expect.unreachable();
        const findings = Array(n).fill({ ...finding, title: text, detail: text, evidence: [text], remedy: [text] });
        const message = renderAlert(asRead(sampleAlert({ headline: text, diff: [text], findings })));
        expect(message.blocks.length).toBeLessThanOrEqual(50);
        expect(textsOf(message).join("").length).toBeLessThanOrEqual(13_000 + 3_000);
        for (const block of message.blocks) {
          if (block.type === "header") expect(block.text.text.length).toBeLessThanOrEqual(150);
          if (block.type === "section" && "text" in block) expect(block.text.text.length).toBeLessThanOrEqual(3_000);
          if (block.type === "section" && "fields" in block) {
            for (const field of block.fields) expect(field.text.length).toBeLessThanOrEqual(2_000);
          }
        }
      }),
      { numRuns: 40 },
    );
  });

  test("is cut between escapes, never within one", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("&", "<", "a", "🔑") }),
        fc.integer({ min: 2, max: 40 }),
        (text, limit) => {
          const escaped = escapeSlack(text, limit);
          expect(escaped.length).toBeLessThanOrEqual(limit);
          expect(escaped.replaceAll(/&(amp|lt|gt);/g, "")).not.toMatch(/[&<>]/);
          expect(escaped.isWellFormed()).toBe(true);
        },
      ),
    );
  });
});

function textsOf(message: SlackMessage): readonly string[] {
  const blocks = message.blocks.flatMap((block) => {
    if (block.type === "context") return block.elements.map((element) => element.text);
    return "text" in block ? [block.text.text] : block.fields.map((field) => field.text);
  });
  return [message.text, ...blocks];
}

describe("telling slack", () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  const SECRET = "T000-B000-secretpath";

  /** @param patience - in milliseconds; short only where the answer never comes: a busy machine is slow to give one. */
  async function slackThat(
    answer: (request: string) => { status: number; text: string } | undefined,
    patience = 10_000,
  ) {
    const seen: string[] = [];
    server = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      seen.push(body);
      const given = answer(body);
      if (given) response.writeHead(given.status).end(given.text);
    });
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/${SECRET}`;
    return { seen, post: slackPost(url, patience) };
  }

  const body = alertMessageBody(sampleAlert());
  const run = async (post: ReturnType<typeof slackPost>, ...bodies: readonly string[]) => {
    const log = memoryLog();
    const records = bodies.map((text, index) => sqsRecord(`m${index}`, text));
    const { batchItemFailures } = await eachRecord(records, tellSlack(post), log);
    const logged = log.lines
      .map((line) => `${line.message} ${JSON.stringify(line.fields)} ${String(line.fields.error)}`)
      .join("\n");
    return { failed: batchItemFailures.map((failure) => failure.itemIdentifier), logged };
  };

  test("posts alerts and alarms as they come", async () => {
    const { seen, post } = await slackThat(() => ({ status: 200, text: "ok" }));
    expect((await run(post, body, JSON.stringify(alarm))).failed).toEqual([]);
    expect(seen.map((text) => JSON.parse(text).text)).toEqual([
      expect.stringContaining("A Deny in the key's policy"),
      expect.stringContaining("key-dead-letters"),
    ]);
  });

  test.each([
    ["not JSON", "hello"],
    ["an alert of another version", body.replace('"v":1', '"v":2')],
    ["neither an alert nor an alarm", '{"hello":1}'],
    ["a broken alarm", '{"AlarmName":7}'],
  ])("puts a message back that is %s, and posts the others", async (_what, malformed) => {
    const { seen, post } = await slackThat(() => ({ status: 200, text: "ok" }));
    expect((await run(post, malformed, body)).failed).toEqual(["m0"]);
    expect(seen).toHaveLength(1);
  });

  test("puts back what Slack refuses, says why, and posts the others", async () => {
    let first = true;
    const { post } = await slackThat(() => {
      const answer = first ? { status: 400, text: "invalid_blocks" } : { status: 200, text: "ok" };
      first = false;
      return answer;
    });
    const { failed, logged } = await run(post, body, body);
    expect(failed).toEqual(["m0"]);
    expect(logged).toContain("slack answered `400`: `invalid_blocks`");
  });

  test.each([
    ["is too busy", () => ({ status: 429, text: "rate_limited" }), "slack answered `429`"],
    ["is down", () => ({ status: 503, text: `see /services/${SECRET}` }), "slack answered `503`: `no reason`"],
    ["never answers", () => undefined, "slack did not answer: `TimeoutError`"],
  ])("tries once and puts all back when Slack %s, without a word of the url", async (_what, answer, text) => {
    const { seen, post } = await slackThat(answer, answer() ? undefined : 1_000);
    const { failed, logged } = await run(post, body, body, body);
    expect(failed).toEqual(["m0", "m1", "m2"]);
    expect(seen).toHaveLength(1);
    expect(logged).toContain(text);
    expect(logged).not.toContain(SECRET);
  });

  test("does not follow a redirect", async () => {
    server = createServer((_request, response) => response.writeHead(307, { location: "http://127.0.0.1:1/" }).end());
    await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
    const post = slackPost(`http://127.0.0.1:${(server.address() as AddressInfo).port}/${SECRET}`);
    await expect(post(renderAlarm(alarm))).rejects.toThrow("slack did not answer");
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
