/**
 * KMS is eventually consistent: for some seconds, its answers may be of before the last put. A policy that does not show
 * the last put that is known is not one to write over.
 */
import { policyDigest } from "../policy/canonical.ts";
import type { ForeignWrite } from "../ports.ts";
import { type JournalEntry, type JournalSummary, TAKEN } from "./journal.ts";
import { showsWrite } from "./write.ts";

/** How long KMS may go on showing the policy before a write. */
export const CONSISTENT_AFTER_MS = 60_000;
/** Clocks of two machines differ. */
export const CLOCKS_MS = 2_000;
/** CloudTrail's times have whole seconds: each stands for the second that begins with it. */
export const WHOLE_SECOND_MS = 1_000;

/** By when KMS had taken it. */
export function putTime(entry: Pick<JournalSummary, "at" | "putAt">): number {
  return Date.parse(entry.putAt ?? entry.at);
}

/**
 * Whether this reading may be of before the last put: there is a young one, and the reading shows neither it nor one that
 * may have come after it.
 *
 * @param latest - the key's newest journal entry
 * @param foreign - the puts of others that are known, of the last minute at least
 */
export function mayBeStale(
  live: string,
  latest: JournalEntry | undefined,
  foreign: readonly ForeignWrite[],
  now: string,
): boolean {
  const digest = policyDigest(live);
  const puts = [
    ...foreign.map(({ at, policy }) => ({
      at: Date.parse(at) + WHOLE_SECOND_MS,
      shown: policyDigest(policy) === digest,
    })),
    ...(latest && TAKEN.has(latest.state) ? [{ at: putTime(latest), shown: showsWrite(live, latest) }] : []),
  ];
  const newest = Math.max(...puts.map(({ at }) => at));
  if (!(Date.parse(now) - newest < CONSISTENT_AFTER_MS)) return false;
  const last = puts.filter(({ at }) => at > newest - CLOCKS_MS - WHOLE_SECOND_MS);
  return !last.some(({ shown }) => shown);
}
