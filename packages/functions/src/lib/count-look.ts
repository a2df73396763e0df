import type { Cause } from "@bedrock-key-guard/core/key/job.ts";
import type { GuardMetrics } from "./metrics.ts";

/** How long it took from the change, as CloudTrail has it, to the end of the look that it caused. */
export function countLook(
  causes: readonly Cause[],
  writes: number,
  now: string,
  metrics: Pick<GuardMetrics, "add">,
): void {
  const began = causes.flatMap((cause) => (cause.kind === "event" ? [Date.parse(cause.at)] : []));
  if (began.length === 0) return;
  // CloudTrail tells whole seconds, and its clock is another one.
  const took = Math.max(0, Date.parse(now) - Math.min(...began));
  metrics.add("EventToDecision", took);
  if (writes > 0) metrics.add("EventToRepair", took);
}
