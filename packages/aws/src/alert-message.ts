/**
 * The alert as machines get it: JSON, what SNS subscribers that are programs are given and what `notify-slack` reads from its
 * queue. Readers take words that they don't know yet: a new kind of problem must still be told.
 */
import { ALERT_KINDS, type Alert, CHANGES } from "@bedrock-key-guard/core/alert/alert.ts";
import { FINDING_KINDS, SEVERITIES } from "@bedrock-key-guard/core/finding/finding.ts";
import { isMode } from "@bedrock-key-guard/core/key/rails.ts";
import * as z from "zod";
import type { Parsed } from "./messages.ts";
import { accountIdText, agentIdText, callerArnText, causes, keyArnText, orUndefined, reasonOf } from "./schema.ts";

export const ALERT_VERSION = 2;

const text = z.string();
const lines = z.array(text);

/** A word of a newer version is read as the nearest one that this code knows. */
function oneOf<const T extends string>(known: readonly T[], otherwise: T) {
  return text.transform((word): T => known.find((one) => one === word) ?? otherwise);
}

const severity = oneOf(SEVERITIES, "high");

const finding = z.object({
  refs: lines,
  kind: oneOf(FINDING_KINDS, "no-safe-patch"),
  severity,
  change: oneOf(CHANGES, "opened"),
  title: text,
  detail: text,
  key: orUndefined(keyArnText),
  caller: orUndefined(callerArnText),
  agents: z.array(agentIdText),
  since: text,
  resolved: orUndefined(z.object({ at: text, by: oneOf(["guard", "others"], "others") })),
  times: z.number(),
  evidence: lines,
  diff: lines,
  remedy: lines,
});

const alertMessage: z.ZodType<Alert> = z.object({
  v: z.literal(ALERT_VERSION),
  id: text.min(1),
  at: text,
  kind: oneOf(ALERT_KINDS, "problem"),
  severity,
  mode: text.transform((word) => (isMode(word) ? word : "observe")),
  subject: text,
  headline: text,
  account: z.object({ id: accountIdText, alias: orUndefined(text) }),
  region: text,
  keys: z.array(z.object({ arn: keyArnText, aliases: lines })),
  callers: z.array(callerArnText),
  agents: z.array(z.object({ id: agentIdText, name: text })),
  causes: z.union([z.tuple([]), causes]),
  findings: z.array(finding),
  sections: z.array(z.object({ title: text, lines })),
  nextSteps: lines,
  wayBack: lines,
  thread: text,
  perhapsAgain: z.boolean(),
});

/** @param value - JSON, already parsed. */
export function parseAlertMessage(value: unknown): Parsed<Alert> {
  const parsed = alertMessage.safeParse(value);
  return parsed.success
    ? { kind: "parsed", value: parsed.data }
    : {
        kind: "malformed",
        reason: `not an alert of the guard in version \`${ALERT_VERSION}\`: ${reasonOf(parsed.error)}`,
      };
}

export function alertMessageBody(alert: Alert): string {
  return JSON.stringify(alert);
}

/** Progressively less of what is long; who, what and what to do stay until the last. */
const SHORTER: readonly { readonly line: number; readonly lines: number }[] = [
  { line: 8_000, lines: 200 },
  { line: 1_000, lines: 40 },
  { line: 300, lines: 10 },
  { line: 200, lines: 4 },
];

/**
 * An alert that fits: one about a huge policy is cut rather than lost, since the journal has the whole documents.
 *
 * @param fits - asked of each shorter form
 */
export function shortened(alert: Alert, fits: (alert: Alert) => boolean): Alert {
  let shorter = alert;
  for (const limits of SHORTER) {
    if (fits(shorter)) break;
    shorter = shorten(alert, limits);
  }
  return shorter;
}

function shorten(alert: Alert, limits: (typeof SHORTER)[number]): Alert {
  const list = (all: readonly string[]): readonly string[] =>
    all
      .slice(0, limits.lines)
      .map((one) => (one.length <= limits.line ? one : `${one.slice(0, limits.line)}\n... (shortened)`));
  const most = limits.lines;
  return {
    ...alert,
    subject: list([alert.subject])[0] ?? "",
    headline: list([alert.headline])[0] ?? "",
    keys: alert.keys.slice(0, most),
    callers: alert.callers.slice(0, most),
    agents: alert.agents.slice(0, most),
    causes: alert.causes.slice(0, most),
    sections: alert.sections.map((section) => ({ ...section, lines: list(section.lines) })),
    nextSteps: list(alert.nextSteps),
    wayBack: list(alert.wayBack),
    findings: alert.findings.slice(0, most).map((one) => ({
      ...one,
      agents: one.agents.slice(0, most),
      refs: one.refs.slice(0, most),
      title: list([one.title])[0] ?? "",
      detail: list([one.detail])[0] ?? "",
      evidence: list(one.evidence),
      diff: list(one.diff),
      remedy: list(one.remedy),
    })),
  };
}
