/**
 * The alert as machines get it: what is published for SQS subscribers, and how they read it back. It is the alert
 * without its email text. Readers take kinds that they don't know yet: a new kind of problem must still be told.
 */
import type { Alert } from "@bedrock-key-guard/core/finding/alert.ts";
import * as z from "zod";
import type { Parsed } from "./messages.ts";
import { reasonOf, VERSION } from "./schema.ts";

const severity = z.enum(["critical", "high", "medium", "low"]);
const text = z.string();

const cause = z.object({
  kind: text,
  at: text,
  eventName: text.optional(),
  actor: z.object({ arn: text, sessionName: text.optional(), invokedBy: text.optional() }).optional(),
});

const finding = z.object({
  severity,
  title: text,
  detail: text,
  evidence: z.array(text),
  remedy: z.array(text),
});

const alertMessage = z.object({
  v: z.literal(VERSION),
  id: text,
  at: text,
  kind: text,
  severity,
  headline: text,
  account: text,
  region: text,
  /** Absent where it is about callers. */
  key: text.optional(),
  /** Absent in a message of an older deployment. */
  callers: z.array(text).default([]),
  agents: z.array(z.object({ id: text, name: text })),
  causes: z.array(cause),
  diff: z.array(text),
  findings: z.array(finding),
  nextSteps: z.array(text),
});

export type AlertMessage = z.infer<typeof alertMessage>;

/** @param value - JSON, already parsed. */
export function parseAlertMessage(value: unknown): Parsed<AlertMessage> {
  const parsed = alertMessage.safeParse(value);
  return parsed.success
    ? { kind: "parsed", value: parsed.data }
    : { kind: "malformed", reason: `not an alert of the guard in version \`${VERSION}\`: ${reasonOf(parsed.error)}` };
}

export function alertMessageBody({ text: _forPeople, ...machine }: Alert): string {
  return JSON.stringify(machine);
}
