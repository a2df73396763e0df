/** The guard's inline policy on a caller, written or taken away: the source of rollback, and of "who keeps undoing it?". */
import type { CallerArn } from "../arn.ts";
import type { Cause } from "../key/job.ts";

/**
 * - `opened`: about to be written; whether IAM took it is not known yet
 * - `put`: IAM took it
 * - `abandoned`: never written
 * - `refused`: IAM refused it
 * - `told`: IAM took it, and the alert about it was published
 */
export type CallerJournalState = "opened" | "put" | "abandoned" | "refused" | "told";

export interface CallerJournalEntry {
  readonly caller: CallerArn;
  /** Sorts by time within a caller. */
  readonly id: string;
  /** `rollback`: a person put back what stood before an entry. */
  readonly action: "give" | "rollback";
  /** Who wrote: the guard, or a person's ARN. */
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly state: CallerJournalState;
  /** The policy `BedrockKeyGuard` as it was; absent where there was none. */
  readonly before: string | undefined;
  /** As it was written; absent where it was taken away. */
  readonly after: string | undefined;
  readonly causes: readonly [Cause, ...Cause[]];
  /** What was given (`+`) and taken away (`-`), a line each, for people. */
  readonly diff: readonly string[];
}
