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
import type { JournalEntry } from "./journal.ts";
import { OWN_SID_PREFIX } from "./own-statements.ts";
import type { Patch } from "./plan.ts";

export type WriteResult =
  | { readonly kind: "verified"; readonly entry: JournalEntry }
  /** KMS took it and does not show it yet: the entry stays `put`, and the next look at the key settles it. */
  | { readonly kind: "unverified" }
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
  /** The policy that was judged, as KMS gave it. */
  readonly before: string;
  readonly patch: Patch;
  readonly causes: readonly [Cause, ...Cause[]];
  /** The key's newest journal entry so far. */
  readonly latest: JournalEntry | undefined;
}

export async function writePatch(write: Write, ports: WritePorts): Promise<WriteResult> {
  const entry = entryFor(write, ports.clock.now());
  await ports.journal.open(entry);

  const live = await ports.keys.policy(write.key);
  if (live.kind !== "found" || policyDigest(live.text) !== policyDigest(write.before)) {
    await ports.journal.advance(entry, "abandoned");
    return { kind: "changed-meanwhile" };
  }

  const put = await ports.writer.putPolicy(write.key, write.patch.text);
  if (put.kind !== "written") {
    await ports.journal.advance(entry, put.kind === "refused" ? "refused" : "abandoned");
    return put;
  }
  await ports.journal.advance(entry, "put");

  for (const wait of VERIFY_WAITS_MS) {
    if (wait > 0) await ports.clock.sleep(wait);
    const read = await ports.keys.policy(write.key);
    if (read.kind === "found" && showsWrite(read.text, entry)) {
      await ports.journal.advance(entry, "verified");
      return { kind: "verified", entry: { ...entry, state: "verified" } };
    }
  }
  return { kind: "unverified" };
}

function entryFor({ key, before, patch, causes, latest }: Write, now: string): JournalEntry {
  const afterDigest = policyDigest(patch.text);
  // Clocks of two machines differ: an entry must sort behind the one that it follows.
  const at = latest && now <= latest.at ? new Date(Date.parse(latest.at) + 1).toISOString() : now;
  return {
    key,
    id: `${at}-${afterDigest.slice(0, 12)}`,
    at,
    state: "opened",
    before,
    after: patch.text,
    afterDigest,
    causes,
    added: patch.diff,
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
