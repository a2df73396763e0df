/**
 * Whether another writer keeps taking the guard's statements out. Read from the journal: an entry that `regains` says that
 * what an earlier one gave was gone before it. Two writers that undo each other help nobody, so the guard is the one to stop.
 */

import { parsePolicy } from "../policy/document.ts";
import type { Hold } from "../ports.ts";
import { type JournalEntry, type JournalSummary, TAKEN } from "./journal.ts";
import { NO_ACCESS, type OwnAccess, only, subjectsOf } from "./own-access.ts";
import { readOwnStatements } from "./own-statements.ts";

/** This many removals within a day are no accident. */
export const MOST_REMOVALS = 3;
export const DAY_MS = 24 * 3_600_000;

/**
 * What the guard gave before, somebody else took out, and this addition would give again: subjects, as `subjectsOf` names
 * them.
 *
 * @param latest - the key's newest entry
 */
export function regainedBy(adds: OwnAccess, latest: JournalEntry | undefined): readonly string[] {
  if (!latest) return [];
  const again = new Set(subjectsOf(adds));
  if (TAKEN.has(latest.state)) return subjectsOf(only(ownAccess(latest.after), again));
  // An entry that KMS did not take gave nothing. It knew what had been taken out before it, and what was still there then.
  const given = new Set([...subjectsOf(ownAccess(latest.before)), ...latest.regains]);
  return [...again].filter((subject) => given.has(subject));
}

function ownAccess(policy: string): OwnAccess {
  const parsed = parsePolicy(policy);
  return parsed.kind === "malformed" ? NO_ACCESS : readOwnStatements(parsed.policy).access;
}

/** From when on removals count: within a day, and since a person last said that the guard may write again. */
export function contestedSince(hold: Hold | undefined, now: string): string {
  const dayAgo = new Date(Date.parse(now) - DAY_MS).toISOString();
  return hold?.kind === "lifted" && hold.at > dayAgo ? hold.at : dayAgo;
}

/** How often others removed the guard's statements: before each entry that gives them again, and just now. */
export function removals(entries: readonly JournalSummary[], regains: readonly string[]): number {
  const earlier = entries.filter((entry) => TAKEN.has(entry.state) && entry.regains.length > 0);
  return earlier.length + (regains.length > 0 ? 1 : 0);
}
