import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Alert } from "@bedrock-key-guard/core/finding/alert.ts";
import type { Alerts } from "@bedrock-key-guard/core/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { alertMessageBody } from "./alert-message.ts";
import { AwsCallError } from "./errors.ts";

export const alertsActions = { publish: ["sns:Publish"] } as const satisfies ActionsOf<Alerts>;

/** Publishes one alert in two forms: its text for people, its fields as JSON for SQS subscribers. */
export function snsAlerts(client: SNSClient, topicArn: string): Alerts {
  return {
    async publish(alert: Alert): Promise<void> {
      try {
        await client.send(
          new PublishCommand({
            TopicArn: topicArn,
            Subject: safeSubject(alert.subject),
            MessageStructure: "json",
            Message: alertMessages(alert),
          }),
        );
      } catch (error) {
        throw new AwsCallError("sns:Publish", topicArn, error);
      }
    },
  };
}

const LONGEST_SUBJECT = 99;

/**
 * A subject that SNS takes: fewer than 100 characters, printable ASCII only (its older rule, which some Regions'
 * documentation still states), starting with a character that isn't a space.
 */
export function safeSubject(subject: string): string {
  const ascii = subject
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[\u2010-\u2015]/g, "-")
    .replace(/\s+/g, " ")
    .replace(/[^\u0020-\u007e]/gu, "?")
    .trim();
  const short = ascii.length > LONGEST_SUBJECT ? `${ascii.slice(0, LONGEST_SUBJECT - 3).trimEnd()}...` : ascii;
  return short || "bedrock-key-guard alert";
}

/** SNS counts all forms of a message together, in bytes; the rest is left for its own escaping. */
const LARGEST_PUBLISH = 262_144 - 1_024;

/** Progressively less of what is long; who, what and what to do stay until the last. */
const SHORTER: readonly { readonly text: number; readonly line: number; readonly lines: number }[] = [
  { text: 48_000, line: 8_000, lines: 200 },
  { text: 24_000, line: 1_000, lines: 40 },
  { text: 8_000, line: 300, lines: 10 },
  { text: 4_000, line: 200, lines: 4 },
];

/**
 * The `Message` of a publish with structure `json`. An alert about a huge policy is cut rather than lost: the
 * journal has the whole documents.
 */
export function alertMessages(alert: Alert): string {
  let message = messages(alert);
  for (const limits of SHORTER) {
    if (Buffer.byteLength(message) <= LARGEST_PUBLISH) break;
    message = messages(shorten(alert, limits));
  }
  return message;
}

function messages(alert: Alert): string {
  return JSON.stringify({ default: alert.text, email: alert.text, sqs: alertMessageBody(alert) });
}

function shorten(alert: Alert, limits: (typeof SHORTER)[number]): Alert {
  const lines = (list: readonly string[]): readonly string[] =>
    list.slice(0, limits.lines).map((line) => cut(line, limits.line));
  return {
    ...alert,
    text: cut(alert.text, limits.text),
    agents: alert.agents.slice(0, limits.lines),
    causes: alert.causes.slice(0, limits.lines),
    diff: lines(alert.diff),
    nextSteps: lines(alert.nextSteps),
    findings: alert.findings.slice(0, limits.lines).map((finding) => ({
      ...finding,
      agents: finding.agents.slice(0, limits.lines),
      detail: cut(finding.detail, limits.line),
      evidence: lines(finding.evidence),
      remedy: lines(finding.remedy),
    })),
  };
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).trimEnd()}\n... (shortened)`;
}
