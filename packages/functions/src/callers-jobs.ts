import { type Parsed, parseCallersJob, parseJson } from "@bedrock-key-guard/aws/messages.ts";
import { type CallersJob, mergeCallersJobs } from "@bedrock-key-guard/core/callers/job.ts";
import {
  type CallersOutcome,
  type CallersPorts,
  type CallersSettings,
  reconcileCallers,
} from "@bedrock-key-guard/core/callers/reconcile.ts";
import type { SQSRecord } from "aws-lambda";
import { countLook } from "./lib/count-look.ts";
import type { GuardMetrics } from "./lib/metrics.ts";
import { putOffCallers } from "./put-off.ts";

/** Reads one message of the callers queue. */
export function readCallersJob({ body }: SQSRecord): Parsed<CallersJob> {
  const json = parseJson(body);
  return json.kind === "malformed" ? json : parseCallersJob(json.value);
}

/**
 * Looks at the callers once, for all the jobs of a batch. What fails for a reason that time may mend is put off; what else
 * fails throws.
 */
export function reviewJobs(ports: CallersPorts, settings: CallersSettings, metrics: Pick<GuardMetrics, "add">) {
  return async (jobs: readonly [CallersJob, ...CallersJob[]]): Promise<void> => {
    const job = mergeCallersJobs(jobs);
    let outcome: CallersOutcome;
    try {
      outcome = await reconcileCallers(job, ports, settings);
    } catch (error) {
      if (await putOffCallers(job, error, ports)) return;
      throw error;
    }
    if (outcome.kind === "reviewed") {
      countLook(job.causes, outcome.written.length, ports.clock.now(), metrics);
      if (outcome.written.length > 0) metrics.add("CallerWrites", outcome.written.length);
    }
    ports.log.info("the callers were looked at", {
      jobs: jobs.length,
      scope: job.scope.kind,
      causes: job.causes.slice(0, MOST_LOGGED).map((cause) => cause.id),
      attempt: job.attempt,
      ...summaryOf(outcome),
    });
  };
}

/** A line of the log is not to grow with the account. */
const MOST_LOGGED = 20;

/** An outcome for the log: which entries and which findings, not their policies. */
function summaryOf(outcome: CallersOutcome): Readonly<Record<string, unknown>> {
  const { kind } = outcome;
  switch (kind) {
    case "skipped":
      return { outcome: kind, reason: outcome.reason };
    case "put-off":
      return { outcome: kind, reason: outcome.reason, seconds: outcome.seconds };
    case "unreadable":
      return { outcome: kind };
    case "reviewed": {
      const { callers, written, findings, again } = outcome;
      return {
        outcome: kind,
        callers,
        written: written.length,
        journalEntries: written.slice(0, MOST_LOGGED).map(({ caller, id }) => `${caller} ${id}`),
        problems: findings.length,
        findings: findings.slice(0, MOST_LOGGED).map(({ id }) => id),
        again,
      };
    }
    default:
      return outcome satisfies never;
  }
}
