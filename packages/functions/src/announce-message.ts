import { type Announcement, type Parsed, parseAnnouncement, parseJson } from "@bedrock-key-guard/aws/messages.ts";
import {
  type AnnounceOutcome,
  type AnnouncePorts,
  type AnnounceSettings,
  announce,
} from "@bedrock-key-guard/core/alert/announce.ts";
import { SEVERITIES } from "@bedrock-key-guard/core/finding/finding.ts";
import type { SQSRecord } from "aws-lambda";
import type { GuardMetrics } from "./lib/metrics.ts";

/** Reads one message of the alert queue. */
export function readAnnouncement({ body }: SQSRecord): Parsed<Announcement> {
  const json = parseJson(body);
  return json.kind === "malformed" ? json : parseAnnouncement(json.value);
}

/**
 * Tells people once, for all the messages of a batch.
 *
 * @param count - takes what became of it, for the metrics
 * @throws where a channel did not take an alert: the alert is stored, and the queue brings the message again
 */
export function announceAll(ports: AnnouncePorts, settings: AnnounceSettings, count: (of: AnnounceOutcome) => void) {
  return async (messages: readonly [Announcement, ...Announcement[]]): Promise<void> => {
    const outcome = await announce({ daily: messages.some(({ daily }) => daily) }, ports, settings);
    count(outcome);
    ports.log.info("people were told", { messages: messages.length, ...summaryOf(outcome) });
    if (outcome.kind === "busy" || outcome.failed.length === 0) return;
    const names = outcome.failed.map(({ channel }) => `\`${channel}\``).join(", ");
    throw new AggregateError(
      outcome.failed.map(({ error }) => error),
      `${names} did not take an alert, which is kept and given to it again`,
    );
  };
}

/** A line of the log is not to grow with a storm. */
const MOST_LOGGED = 20;

function summaryOf(outcome: AnnounceOutcome): Readonly<Record<string, unknown>> {
  if (outcome.kind === "busy") return { outcome: outcome.kind };
  const { alerts, delivered, failed, open } = outcome;
  return {
    outcome: outcome.kind,
    alerts: alerts.slice(0, MOST_LOGGED).map(({ id, kind, severity, findings }) => ({
      id,
      kind,
      severity,
      findings: findings.length,
    })),
    delivered: delivered.length,
    failed: failed.map(({ channel }) => channel),
    open: open.length,
  };
}

export function countAnnounced(outcome: AnnounceOutcome, metrics: Pick<GuardMetrics, "add">): void {
  if (outcome.kind === "busy") return;
  const { changes, delivered, failed, open } = outcome;
  for (const { finding } of changes) {
    const { kind, severity, change } = finding;
    if (change === "resolved") metrics.add("FindingsResolved", 1, { kind, severity });
    else if (change !== "worsened") metrics.add("FindingsOpened", 1, { kind, severity });
  }
  for (const { channel } of delivered) metrics.add("AlertsDelivered", 1, { channel });
  for (const { channel } of failed) metrics.add("AlertsRefused", 1, { channel });
  for (const severity of SEVERITIES) {
    metrics.add("OpenFindings", open.filter((one) => one.severity === severity).length, { severity });
  }
}
