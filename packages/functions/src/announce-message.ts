import { type Announcement, type Parsed, parseAnnouncement, parseJson } from "@bedrock-key-guard/aws/messages.ts";
import {
  type AnnounceOutcome,
  type AnnouncePorts,
  type AnnounceSettings,
  announce,
} from "@bedrock-key-guard/core/alert/announce.ts";
import type { SQSRecord } from "aws-lambda";

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
