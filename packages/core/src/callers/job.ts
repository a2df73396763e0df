/** "Look at the callers": one message of the callers queue. Like every message it is a hint, and decides nothing. */
import type { AgentId, KeyArn } from "../arn.ts";
import type { Cause } from "../key/job.ts";

export interface CallersJob {
  readonly scope: CallersScope;
  readonly causes: readonly [Cause, ...Cause[]];
  /**
   * ISO 8601. What is known of IAM has to be at least this new; absent where IAM itself did not change, and what was read
   * within the last minutes is as good.
   */
  readonly iamSince: string | undefined;
  /** How often this job was put again with a delay. */
  readonly attempt: number;
}

export type CallersScope =
  /** All agents on all keys: IAM changed, or the sweep asks. */
  | { readonly kind: "everything" }
  /** These agents, and all agents on these keys. */
  | { readonly kind: "these"; readonly agents: readonly AgentId[]; readonly keys: readonly KeyArn[] };

/** More causes than this say nothing that the first ones don't, and a message has 256 KB. */
const MOST_CAUSES = 100;
/** More agents or keys than this are everything. */
const MOST_SUBJECTS = 500;

/** Several requests to look at callers as one: whatever one of them asks for, as new as the newest asks for. */
export function mergeCallersJobs([first, ...others]: readonly [CallersJob, ...CallersJob[]]): CallersJob {
  const jobs = [first, ...others];
  const causes = new Map<string, Cause>();
  for (const cause of jobs.flatMap((job) => job.causes)) if (!causes.has(cause.id)) causes.set(cause.id, cause);
  const [oldest = first.causes[0], ...newer] = causes.values();
  return {
    scope: jobs.map(({ scope }) => scope).reduce(both),
    causes: [oldest, ...newer.slice(-(MOST_CAUSES - 1))],
    iamSince: jobs.map(({ iamSince }) => iamSince).reduce(newest),
    attempt: Math.min(...jobs.map(({ attempt }) => attempt)),
  };
}

function both(a: CallersScope, b: CallersScope): CallersScope {
  if (a.kind === "everything" || b.kind === "everything") return { kind: "everything" };
  const agents = [...new Set([...a.agents, ...b.agents])];
  const keys = [...new Set([...a.keys, ...b.keys])];
  return agents.length + keys.length > MOST_SUBJECTS ? { kind: "everything" } : { kind: "these", agents, keys };
}

function newest(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Date.parse(a) > Date.parse(b) ? a : b;
}
