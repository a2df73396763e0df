import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { type SNSClient, SNSServiceException } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alertMessageBody, parseAlertMessage } from "../../packages/aws/src/alert-message.ts";
import { chatChannel } from "../../packages/aws/src/chat-channel.ts";
import { eventBridgeEvents } from "../../packages/aws/src/event-bridge.ts";
import { hubChannel, hubMessage } from "../../packages/aws/src/hub-channel.ts";
import { slackQueueChannel } from "../../packages/aws/src/slack-queue-channel.ts";
import { emailOf, safeSubject } from "../../packages/core/src/channel/email.ts";
import { sampleAlert } from "./sample-alert.ts";

/** A client that keeps what it was sent, and answers as it is told. */
function client<T>(answer: () => unknown = () => ({})) {
  const sent: Record<string, unknown>[] = [];
  const send = async ({ input }: { input: Record<string, unknown> }) => {
    sent.push(input);
    return answer();
  };
  return { sent, client: { send } as unknown as T };
}

const TOPIC = "arn:aws:sns:eu-west-1:111122223333:alerts";

describe("an alert on the hub", () => {
  test("is text for people and JSON for machines, with attributes to filter by", async () => {
    const { sent, client: sns } = client<SNSClient>();
    await hubChannel(sns, TOPIC).deliver(sampleAlert());
    const message = JSON.parse(String(sent[0]?.Message));
    expect(Object.keys(message)).toEqual(["default", "email"]);
    expect(message.email).toBe(emailOf(sampleAlert()).text);
    expect(parseAlertMessage(JSON.parse(message.default))).toEqual({ kind: "parsed", value: sampleAlert() });
    expect(sent[0]).toMatchObject({
      TopicArn: TOPIC,
      MessageStructure: "json",
      Subject: "[bedrock-key-guard] high: a Deny blocks its key, key 11111111 of agent-1",
      MessageAttributes: {
        severity: { DataType: "String", StringValue: "high" },
        kind: { DataType: "String.Array", StringValue: '["blocked-by-deny"]' },
      },
    });
  });

  test("fits into a publish however much there is to say, and can still be read", () => {
    const long = 'é"\u0001'.repeat(10_000);
    const [one] = sampleAlert().findings;
    if (!one) throw new Error("the sample has no finding");
    const finding = { ...one, detail: long, evidence: Array(50).fill(long), diff: Array(90).fill(long) };
    const message = hubMessage(sampleAlert({ headline: long, findings: Array(20).fill(finding) }));
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(262_144 - 20_000);
    expect(JSON.parse(message).email).toContain("(shortened)");
    expect(parseAlertMessage(JSON.parse(JSON.parse(message).default)).kind).toBe("parsed");
  });

  test("that SNS refuses is thrown, with the service's word for it", async () => {
    const { client: sns } = client<SNSClient>(() => {
      throw new SNSServiceException({ name: "AuthorizationError", $fault: "client", $metadata: {}, message: "no" });
    });
    await expect(hubChannel(sns, TOPIC).deliver(sampleAlert())).rejects.toThrow("AuthorizationError");
  });
});

test("an alert for Slack is one of its queue's one group, and one by its id", async () => {
  const { sent, client: sqs } = client<SQSClient>();
  await slackQueueChannel(sqs, "https://queue").deliver(sampleAlert());
  expect(sent[0]).toMatchObject({ MessageGroupId: "alerts", MessageDeduplicationId: sampleAlert().id });
  expect(parseAlertMessage(JSON.parse(String(sent[0]?.MessageBody))).kind).toBe("parsed");
});

test("an alert for the chat is a custom notification and nothing else", async () => {
  const { sent, client: sns } = client<SNSClient>();
  await chatChannel(sns, TOPIC).deliver(sampleAlert());
  expect(JSON.parse(String(sent[0]?.Message))).toMatchObject({ version: "1.0", source: "custom" });
  expect(sent[0]?.MessageStructure).toBeUndefined();
});

describe("events", () => {
  const [finding] = sampleAlert().findings;
  if (!finding) throw new Error("the sample has no finding");
  const { account, region, mode } = sampleAlert();
  const cause = { kind: "sweep", id: "s", at: "2026-11-02T10:00:04.000Z", whole: true } as const;
  const event = (n: number) =>
    ({
      id: `0123456789ab-${n}`,
      at: "2026-11-02T10:00:05.000Z",
      finding,
      causes: [cause],
      account: account.id,
      region,
      mode,
    }) as const;

  test("are put ten at a time, as one that AWS takes", async () => {
    const { sent, client: bus } = client<EventBridgeClient>(() => ({ FailedEntryCount: 0 }));
    await eventBridgeEvents(bus).emit(Array.from({ length: 12 }, (_, n) => event(n)));
    expect(sent.map(({ Entries }) => (Entries as unknown[]).length)).toEqual([10, 2]);
    expect((sent[0] as { Entries: Record<string, unknown>[] }).Entries[0]).toMatchObject({
      Source: "bedrock-key-guard",
      DetailType: "Finding Opened",
    });
  });

  test("of which EventBridge did not take one are thrown, though it answers with success", async () => {
    const { client: bus } = client<EventBridgeClient>(() => ({
      FailedEntryCount: 1,
      Entries: [{ EventId: "1" }, { ErrorCode: "ThrottlingException", ErrorMessage: "slow" }],
    }));
    await expect(eventBridgeEvents(bus).emit([event(1), event(2)])).rejects.toThrow(
      "1 of 2 events were not taken: ThrottlingException",
    );
  });
});

describe("the alert as JSON", () => {
  test("is read back as it was written", () => {
    expect(parseAlertMessage(JSON.parse(alertMessageBody(sampleAlert())))).toEqual({
      kind: "parsed",
      value: sampleAlert(),
    });
  });

  test("of a newer version is told all the same: words that are not known are read as the nearest that are", () => {
    const newer = JSON.parse(alertMessageBody(sampleAlert()));
    newer.kind = "escalated";
    newer.severity = "emergency";
    newer.findings[0].kind = "key-of-the-moon";
    const parsed = parseAlertMessage({ ...newer, more: 1 });
    expect(parsed).toMatchObject({ kind: "parsed", value: { kind: "problem", severity: "high" } });
  });

  test.each([{}, { v: 1 }, { ...sampleAlert(), v: 3 }, { ...sampleAlert(), keys: ["arn"] }, null])(
    "%j is none",
    (value) => {
      expect(parseAlertMessage(value)).toMatchObject({
        kind: "malformed",
        reason: expect.stringContaining("version `2`"),
      });
    },
  );
});

describe("a subject", () => {
  test("is one that SNS takes, whatever it is made of", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (subject) => {
        expect(safeSubject(subject)).toMatch(/^[\x21-\x7e][\x20-\x7e]{0,98}$/);
      }),
    );
  });

  test.each([
    ["Key policy repaired: agent – ü", "Key policy repaired: agent - u"],
    ["two\r\nlines\tand more", "two lines and more"],
    ["", "bedrock-key-guard alert"],
    ["x".repeat(120), `${"x".repeat(96)}...`],
  ])("%j becomes %j", (subject, safe) => expect(safeSubject(subject)).toBe(safe));
});
