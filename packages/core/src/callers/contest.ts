/**
 * Whether somebody keeps taking the guard's policy from a caller, as Terraform does with inline policies that it does not
 * know. Read from the journal: what the guard wrote is no longer there before the next write.
 */
import type { CallerJournalEntry } from "./journal.ts";
import { samePolicy } from "./write.ts";

/** This many within a day are no accident. */
export const MOST_REMOVALS = 3;

/** @param live - the guard's policy as it is now; @param entries - oldest first */
export function removalsBefore(entries: readonly CallerJournalEntry[], live: string | undefined): number {
  const taken = entries.filter(({ state }) => state === "put" || state === "told");
  return taken.filter(({ after }, i) => {
    const next = taken[i + 1];
    return after !== undefined && !samePolicy(after, next ? next.before : live);
  }).length;
}
