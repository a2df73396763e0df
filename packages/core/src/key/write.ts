/**
 * The one place from which a key's policy is written: journal, read again, put, verify.
 *
 * INVARIANT: the journal entry is stored before the policy is put, and the policy that is replaced is the very one that
 * was judged.
 */
import type { KeyArn } from "../arn.ts";
import { policyDigest, sameStatement } from "../policy/canonical.ts";
import { parsePolicy } from "../policy/document.ts";
import type { Clock, Journal, Keys, KeyWriter } from "../ports.ts";
import type { Cause } from "./job.ts";
import type { JournalAction, JournalEntry } from "./journal.ts";
import { OWN_SID_PREFIX } from "./own-statements.ts";

export type WriteResult =
  | { readonly kind: "verified"; readonly entry: JournalEntry }
  /** KMS took it and does not show it yet: the entry stays `put`, and the next look at the key settles it. */
  | { readonly kind: "unverified"; readonly entry: JournalEntry }
  /** The policy changed between the judgement and the write: nothing was put. */
  | { readonly kind: "changed-meanwhile" }
  | { readonly kind: "throttled" }
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

export interface WritePorts {
  readonly keys: Keys;
  readonly writer: KeyWriter;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** KMS is eventually consistent: "typically less than a few seconds". */
const VERIFY_WAITS_MS = [0, 200, 400, 800, 1600];

export interface Write {
  readonly key: KeyArn;
  readonly action: JournalAction;
  /** The guard, or a person's ARN. */
  readonly by: string;
  /** The policy that was judged, as KMS gave it. */
  readonly before: string;
  readonly after: string;
  readonly diff: readonly string[];
  readonly regains: readonly string[];
  readonly causes: readonly [Cause, ...Cause[]];
  /** The key's newest journal entry so far. */
  readonly latest: JournalEntry | undefined;
}

export const THE_GUARD = "guard";

export async function writePolicy(write: Write, ports: WritePorts): Promise<WriteResult> {
  const { clock, journal, keys, writer } = ports;
  const entry = entryFor(write, clock.now());
  await journal.open(entry);

  const live = await keys.policy(write.key);
  if (live.kind !== "found" || policyDigest(live.text) !== entry.beforeDigest) {
    await journal.advance(entry, "abandoned", clock.now());
    return { kind: "changed-meanwhile" };
  }

  const put = await writer.putPolicy(write.key, write.after);
  const putAt = clock.now();
  if (put.kind !== "written") {
    await journal.advance(entry, put.kind === "refused" ? "refused" : "abandoned", putAt);
    return put;
  }
  await journal.advance(entry, "put", putAt);

  for (const wait of VERIFY_WAITS_MS) {
    if (wait > 0) await clock.sleep(wait);
    const read = await keys.policy(write.key);
    if (read.kind === "found" && showsWrite(read.text, entry)) {
      await journal.advance(entry, "verified", clock.now());
      return { kind: "verified", entry: { ...entry, state: "verified", putAt } };
    }
  }
  return { kind: "unverified", entry: { ...entry, state: "put", putAt } };
}

function entryFor(write: Write, now: string): JournalEntry {
  const { latest, ...written } = write;
  const afterDigest = policyDigest(write.after);
  // Clocks of two machines differ: an entry must sort behind the one that it follows.
  const at = latest && now <= latest.at ? new Date(Date.parse(latest.at) + 1).toISOString() : now;
  return {
    ...written,
    id: `${at}-${afterDigest.slice(0, 12)}`,
    at,
    state: "opened",
    putAt: undefined,
    beforeDigest: policyDigest(write.before),
    afterDigest,
  };
}

/**
 * Whether a policy is the one that was put, or at least holds all the guard's statements of it: KMS may print foreign
 * statements in other words than they were put in, and another writer may have added one since.
 */
export function showsWrite(live: string, entry: Pick<JournalEntry, "after" | "afterDigest">): boolean {
  if (policyDigest(live) === entry.afterDigest) return true;
  const [now, put] = [parsePolicy(live), parsePolicy(entry.after)];
  if (now.kind !== "policy" || put.kind !== "policy") return false;
  const own = put.policy.statements.filter((statement) => statement.sid?.startsWith(OWN_SID_PREFIX));
  return (
    own.length > 0 &&
    own.every((mine) => now.policy.statements.some((statement) => sameStatement(statement.raw, mine.raw)))
  );
}
