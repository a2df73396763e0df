import { type Parsed, parseJson, parseKeyJob } from "@bedrock-key-guard/aws/messages.ts";
import type { KeyJob } from "@bedrock-key-guard/core/key/job.ts";
import type { ReconcilePorts, ReconcileSettings } from "@bedrock-key-guard/core/key/look.ts";
import type { Outcome } from "@bedrock-key-guard/core/key/outcome.ts";
import { reconcileKey } from "@bedrock-key-guard/core/key/reconcile.ts";
import type { SQSRecord } from "aws-lambda";
import { countLook } from "./lib/count-look.ts";
import type { GuardMetrics } from "./lib/metrics.ts";
import { mergeJobs } from "./merge-jobs.ts";
import { putOff } from "./put-off.ts";

/**
 * Reads one message of the key queue.
 *
 * INVARIANT: a job's message group is its key. In another group it would run beside the other work on its key.
 */
export function readKeyJob(record: SQSRecord): Parsed<KeyJob> {
  const json = parseJson(record.body);
  if (json.kind === "malformed") return json;
  const job = parseKeyJob(json.value);
  if (job.kind === "malformed" || record.attributes.MessageGroupId === job.value.key) return job;
  return { kind: "malformed", reason: "the job's key is not its message group" };
}

/**
 * Reconciles a key once, for all the jobs of a batch that ask for it. What fails for a reason that time may mend is put
 * off; what else fails throws.
 */
export function reconcileJobs(ports: ReconcilePorts, settings: ReconcileSettings, metrics: Pick<GuardMetrics, "add">) {
  return async (jobs: readonly [KeyJob, ...KeyJob[]]): Promise<void> => {
    const job = mergeJobs(jobs);
    const outcome = await lookAt(job, ports, settings);
    if (outcome === "put-off") return;
    countLook(job.causes, outcome.kind === "repaired" ? 1 : 0, ports.clock.now(), metrics);
    if (outcome.kind === "repaired") metrics.add("Repairs", 1);
    ports.log.info("a key was looked at", {
      key: job.key,
      causes: job.causes.map((cause) => cause.id),
      attempt: job.attempt,
      ...summaryOf(outcome),
    });
  };
}

async function lookAt(job: KeyJob, ports: ReconcilePorts, settings: ReconcileSettings): Promise<Outcome | "put-off"> {
  try {
    return await reconcileKey(job, ports, settings);
  } catch (error) {
    if (await putOff(job, error, ports)) return "put-off";
    throw error;
  }
}

/** An outcome for the log: which entry and which findings, not their policies. */
function summaryOf(outcome: Outcome): Readonly<Record<string, unknown>> {
  return {
    outcome: outcome.kind,
    ...("reason" in outcome ? { reason: outcome.reason } : {}),
    ...("entry" in outcome ? { journalEntry: outcome.entry.id } : {}),
    ...("findings" in outcome ? { findings: outcome.findings.map((finding) => finding.id) } : {}),
  };
}
