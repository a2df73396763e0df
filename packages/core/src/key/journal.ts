import type { KeyArn } from "../arn.ts";
import type { Cause } from "./job.ts";

/**
 * - `opened`: about to be put; whether KMS took it is not known yet
 * - `put`: KMS took it
 * - `abandoned`: never put
 * - `refused`: KMS refused it
 * - `verified`: read back from KMS
 * - `told`: the alert about it was published
 */
export type JournalState = "opened" | "put" | "abandoned" | "refused" | "verified" | "told";

/** States of entries whose policy KMS took. */
export const TAKEN: ReadonlySet<JournalState> = new Set<JournalState>(["put", "verified", "told"]);

/**
 * - `repair`: what was missing was added, what is gone was taken out
 * - `rollback`: a person put the policy back that stood before an entry
 * - `restore`: a policy that the guard had overwritten unseen was put back, with the guard's statements added
 */
export type JournalAction = "repair" | "rollback" | "restore";

/** One policy write: the source of rollback and of "was this our own write?". */
export interface JournalEntry {
  readonly key: KeyArn;
  /** Sorts by time within a key. */
  readonly id: string;
  readonly action: JournalAction;
  /** Who wrote: the guard, or a person's ARN. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly state: JournalState;
  /** ISO 8601: by when it was known that KMS had taken it. */
  readonly putAt: string | undefined;
  /** The policy's text as KMS gave it. */
  readonly before: string;
  /** Of the canonical form of `before`. */
  readonly beforeDigest: string;
  /** The policy's text as it was put. */
  readonly after: string;
  /** Of the canonical form of `after`: KMS may print a policy differently from how it was put. */
  readonly afterDigest: string;
  readonly causes: readonly [Cause, ...Cause[]];
  /** What was added and taken out, as lines of a diff, for the alert. */
  readonly diff: readonly string[];
  /** What the guard had given before, another writer had taken out, and this write gives again. */
  readonly regains: readonly string[];
}

export type JournalSummary = Pick<
  JournalEntry,
  "id" | "at" | "state" | "putAt" | "beforeDigest" | "afterDigest" | "action" | "regains"
>;
