/**
 * A person puts the policy back that stood before a write of the guard. The key is put on hold first, so that the event of
 * the rollback does not make the guard repair it again.
 */
import type { KeyArn } from "../arn.ts";
import { policyDigest } from "../policy/canonical.ts";
import type { History, Hold, Holds, Keys } from "../ports.ts";
import { diffPolicies } from "./diff-policies.ts";
import { type JournalEntry, TAKEN } from "./journal.ts";
import { type WritePorts, type WriteResult, writePolicy } from "./write.ts";

/** So many entries of a key are looked through for the one to roll back. */
const HISTORY = 200;

export type RollbackPlan =
  | {
      readonly kind: "ready";
      /** Whose `before` is put back. */
      readonly entry: JournalEntry;
      /** The policy as it is. */
      readonly live: string;
      /** From the policy as it is to the former one. */
      readonly diff: readonly string[];
      readonly latest: JournalEntry;
    }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Reads what a rollback would do; writes nothing.
 *
 * @param entryId - undefined for the last write that the guard made
 * @returns `refused` where the policy is no longer the one that the entry put: somebody's change would be lost
 */
export async function planRollback(
  key: KeyArn,
  entryId: string | undefined,
  ports: { readonly history: History; readonly keys: Keys },
): Promise<RollbackPlan> {
  const entries = await ports.history.newest(key, HISTORY);
  const [latest] = entries;
  const entry = entries.find((one) =>
    entryId === undefined ? TAKEN.has(one.state) && one.action !== "rollback" : one.id === entryId,
  );
  if (!latest || !entry) {
    return refused(
      entryId === undefined
        ? `the journal has no write of the guard to \`${key}\``
        : `the journal has no entry \`${entryId}\` for \`${key}\`; \`history\` lists them`,
    );
  }
  if (!TAKEN.has(entry.state)) return refused(`entry \`${entry.id}\` is \`${entry.state}\`: KMS did not take it`);
  const live = await ports.keys.policy(key);
  if (live.kind !== "found") {
    return refused(
      live.kind === "denied" ? `the key's policy can't be read: ${live.message}` : "KMS knows no such key",
    );
  }
  if (policyDigest(live.text) !== entry.afterDigest) {
    const since = policyDigest(live.text) === entry.beforeDigest ? "it is already what it was before" : WHY_CHANGED;
    return refused(`the policy is not the one that entry \`${entry.id}\` put: ${since}`);
  }
  return { kind: "ready", entry, live: live.text, diff: diffPolicies(live.text, entry.before), latest };
}

const WHY_CHANGED =
  "it was changed since, and a rollback would undo that change too; roll back the latest entry, or edit the policy by hand";

function refused(reason: string): RollbackPlan {
  return { kind: "refused", reason };
}

/**
 * INVARIANT: the hold stands before the policy is put, and stays where it was put or may have been.
 *
 * @param person - the ARN of whoever asks for it
 */
export async function rollBack(
  { entry, live, diff, latest }: Extract<RollbackPlan, { kind: "ready" }>,
  person: { readonly arn: string; readonly reason: string },
  ports: WritePorts & { readonly holds: Holds },
): Promise<WriteResult> {
  const { key } = entry;
  const now = ports.clock.now();
  const former = await ports.holds.of(key);
  const hold: Hold = { kind: "rollback", by: person.arn, reason: person.reason, at: now };
  await ports.holds.set(key, hold);
  const result = await writePolicy(
    {
      key,
      action: "rollback",
      by: person.arn,
      before: live,
      after: entry.before,
      diff,
      regains: [],
      causes: [{ kind: "person", id: `rollback-${entry.id}`, by: person.arn, reason: person.reason, at: now }],
      latest,
    },
    ports,
  );
  const wrote = result.kind === "verified" || result.kind === "unverified";
  if (!wrote) await (former ? ports.holds.set(key, former) : ports.holds.lift(key));
  return result;
}
