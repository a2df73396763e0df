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

/** One policy write: the source of rollback and of "was this our own write?". */
export interface JournalEntry {
  readonly key: KeyArn;
  /** Sorts by time within a key. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly state: JournalState;
  /** The policy's text as KMS gave it. */
  readonly before: string;
  /** The policy's text as it was put. */
  readonly after: string;
  /** Of the canonical form of `after`: KMS may print a policy differently from how it was put. */
  readonly afterDigest: string;
  readonly causes: readonly [Cause, ...Cause[]];
  /** What was added, one line a statement, for the alert. */
  readonly added: readonly string[];
}
