import { MOST_AGENTS } from "@bedrock-key-guard/aws/messages.ts";
import { MOST_CAUSES } from "@bedrock-key-guard/aws/schema.ts";
import type { Cause, KeyJob } from "@bedrock-key-guard/core/key/job.ts";

/**
 * Several requests to look at one key as one: every agent that one of them speaks of, every cause once and in order.
 *
 * The attempt is the smallest: what a fresh event asks for gets as many tries as if it had come alone. Counting up
 * still ends, since a merged job is put again as one job.
 */
export function mergeJobs([first, ...others]: readonly [KeyJob, ...KeyJob[]]): KeyJob {
  const jobs = [first, ...others];
  const agents = new Set(jobs.flatMap((job) => job.agents));
  const causes = new Map<string, Cause>();
  for (const cause of jobs.flatMap((job) => job.causes)) if (!causes.has(cause.id)) causes.set(cause.id, cause);
  const [oldest = first.causes[0], ...newer] = causes.values();
  return {
    key: first.key,
    agents: [...agents].slice(0, MOST_AGENTS),
    // The first says what began it, the last what is most recent; a job must stay one that a queue takes.
    causes: [oldest, ...newer.slice(-(MOST_CAUSES - 1))],
    attempt: Math.min(...jobs.map((job) => job.attempt)),
  };
}
