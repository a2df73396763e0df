/**
 * The one place from which the guard's policy on a caller is written: journal, then put or remove. It replaces the guard's
 * own policy and nothing else, so there is nobody's work to lose.
 *
 * INVARIANT: the journal entry is stored before IAM is called, with the policy that is replaced.
 */
import type { CallerArn } from "../arn.ts";
import type { Cause } from "../key/job.ts";
import { policyDigest } from "../policy/canonical.ts";
import type { Clock } from "../ports.ts";
import type { CallerJournalEntry } from "./journal.ts";
import type { CallerJournal, CallerWrite, CallerWriter } from "./ports.ts";

export interface CallerWritePorts {
  readonly writer: CallerWriter;
  readonly callerJournal: CallerJournal;
  readonly clock: Clock;
}

export interface PolicyChange {
  readonly caller: CallerArn;
  readonly action: CallerJournalEntry["action"];
  /** The guard, or a person's ARN. */
  readonly by: string;
  /** The policy as it was just read; absent where there is none. */
  readonly before: string | undefined;
  /** Absent to take it away. */
  readonly after: string | undefined;
  readonly causes: readonly [Cause, ...Cause[]];
  readonly diff: readonly string[];
  /** The caller's newest entry so far. */
  readonly latest: CallerJournalEntry | undefined;
}

export type ChangeResult =
  | { readonly kind: "written"; readonly entry: CallerJournalEntry }
  | Exclude<CallerWrite, { readonly kind: "written" }>;

/** @throws what IAM's answer leaves open: the entry stays `opened`, and the next review settles it */
export async function changePolicy(change: PolicyChange, ports: CallerWritePorts): Promise<ChangeResult> {
  const { latest, ...what } = change;
  const now = ports.clock.now();
  // Clocks of two machines differ: an entry must sort behind the one that it follows.
  const at = latest && now <= latest.at ? new Date(Date.parse(latest.at) + 1).toISOString() : now;
  const id = `${at}-${policyDigest(change.after ?? "").slice(0, 12)}`;
  const entry: CallerJournalEntry = { ...what, id, at, state: "opened" };
  await ports.callerJournal.open(entry);

  const { caller, after } = change;
  const written = await (after === undefined ? ports.writer.remove(caller) : ports.writer.put(caller, after));
  if (written.kind === "written") {
    await ports.callerJournal.advance(entry, "put");
    return { kind: "written", entry: { ...entry, state: "put" } };
  }
  await ports.callerJournal.advance(entry, written.kind === "refused" ? "refused" : "abandoned");
  return written;
}

/** Whether two texts are the same policy, or both none. */
export function samePolicy(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return policyDigest(a) === policyDigest(b);
}
