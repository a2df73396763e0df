/**
 * Whether somebody keeps taking the guard's policy from a caller, as Terraform does with inline policies that it does not
 * know. Read from the journal: what the guard gave is no longer there before the next write.
 */
import { readPolicyText } from "./account.ts";
import type { CallerJournalEntry } from "./journal.ts";
import { without } from "./need.ts";
import { readOwnPolicy } from "./own-policy.ts";
import { type Need, needsOf } from "./plan.ts";

/** This many within a day are no accident. */
export const MOST_REMOVALS = 3;

/**
 * What an entry did not give itself does not count: a deployment in another Region gives and takes in the same policy.
 *
 * @param live - the guard's policy as it is now; @param entries - oldest first
 */
export function removalsBefore(entries: readonly CallerJournalEntry[], live: string | undefined): number {
  const taken = entries.filter(({ state }) => state === "put" || state === "told");
  return taken.filter(({ before, after }, i) => {
    const next = taken[i + 1];
    const given = without(needsIn(after), needsIn(before));
    return without(given, needsIn(next ? next.before : live)).length > 0;
  }).length;
}

/**
 * Whether somebody had taken away what this entry gives again.
 *
 * @param former - the entry before it that IAM took
 */
export function givesAgain(entry: CallerJournalEntry, former: CallerJournalEntry | undefined): boolean {
  const lost = without(needsIn(former?.after), needsIn(entry.before));
  const given = needsIn(entry.after);
  return lost.length > without(lost, given).length;
}

function needsIn(policy: string | undefined): readonly Need[] {
  return policy === undefined ? [] : needsOf(readOwnPolicy(readPolicyText(policy)));
}
