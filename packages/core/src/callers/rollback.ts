/**
 * A person puts back what the guard's policy on a caller was before one of its writes. The caller is put on hold first, so that
 * the event of the rollback does not make the guard give the same again.
 */
import type { CallerArn } from "../arn.ts";
import type { Hold, Holds } from "../ports.ts";
import type { CallerJournalEntry, CallerJournalState } from "./journal.ts";
import { OWN_POLICY } from "./own-policy.ts";
import type { CallerHistory, CallerIdentities, WritingNotes } from "./ports.ts";
import { noteWriting } from "./tell.ts";
import { type CallerWritePorts, type ChangeResult, changePolicy, samePolicy } from "./write.ts";

/** So many entries of a caller are looked through for the one to roll back. */
const HISTORY = 200;

/** States of entries that IAM took. */
export const CALLER_TAKEN: ReadonlySet<CallerJournalState> = new Set<CallerJournalState>(["put", "told"]);

export type CallerRollbackPlan =
  | {
      readonly kind: "ready";
      /** Whose `before` is put back; where that is absent, the guard's policy is removed. */
      readonly entry: CallerJournalEntry;
      /** The guard's policy as it is; absent where there is none. */
      readonly live: string | undefined;
      /** What is given (`+`) and taken away (`-`), a line each. */
      readonly diff: readonly string[];
      readonly latest: CallerJournalEntry;
    }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Reads what a rollback would do; writes nothing.
 *
 * @param entryId - undefined for the last write that the guard made
 * @returns `refused` where the guard's policy is no longer what the entry wrote: somebody's change would be lost
 */
export async function planCallerRollback(
  caller: CallerArn,
  entryId: string | undefined,
  ports: { readonly history: CallerHistory; readonly identities: CallerIdentities },
): Promise<CallerRollbackPlan> {
  const entries = await ports.history.newest(caller, HISTORY);
  const [latest] = entries;
  const entry = entries.find((one) =>
    entryId === undefined ? CALLER_TAKEN.has(one.state) && one.action !== "rollback" : one.id === entryId,
  );
  if (!latest || !entry) {
    return refused(
      entryId === undefined
        ? `the journal has no write of the guard to \`${caller}\``
        : `the journal has no entry \`${entryId}\` for \`${caller}\`; \`history\` lists them`,
    );
  }
  if (!CALLER_TAKEN.has(entry.state)) return refused(`entry \`${entry.id}\` is \`${entry.state}\`: ${NOT_TAKEN}`);
  const live = await ports.identities.read(caller);
  if (live.kind === "gone") return refused(`IAM knows no \`${caller}\``);
  if (live.kind === "denied") return refused(`the policy \`${OWN_POLICY}\` can't be read: ${live.message}`);
  const { ownPolicy } = live;
  if (!samePolicy(ownPolicy, entry.after)) {
    const since = samePolicy(ownPolicy, entry.before) ? "it is already what it was before" : WHY_CHANGED;
    return refused(`the policy \`${OWN_POLICY}\` is not as entry \`${entry.id}\` left it: ${since}`);
  }
  return { kind: "ready", entry, live: ownPolicy, diff: undone(entry.diff), latest };
}

const NOT_TAKEN = "IAM did not take it, or that is not known yet";
const WHY_CHANGED =
  "it was changed since, and a rollback would undo that change too; roll back the latest entry, or edit the policy by hand";

function refused(reason: string): CallerRollbackPlan {
  return { kind: "refused", reason };
}

/** What was given is taken away, and the other way round. */
function undone(diff: readonly string[]): readonly string[] {
  const signs: Readonly<Record<string, string>> = { "+": "-", "-": "+" };
  return diff.map((line) => (signs[line.charAt(0)] ?? line.charAt(0)) + line.slice(1));
}

export type CallerRollbackResult =
  | ChangeResult
  /** The policy is no longer what the plan was made from; nothing was written. */
  | { readonly kind: "changed-meanwhile" }
  /** It can't be read any more; nothing was written. */
  | { readonly kind: "denied"; readonly message: string };

export interface CallerRollbackPorts extends CallerWritePorts {
  readonly identities: CallerIdentities;
  readonly holds: Holds;
  readonly writing: WritingNotes;
}

/**
 * INVARIANT: the hold stands before IAM is called, and stays where IAM took the change or may have.
 *
 * @param person - the ARN of whoever asks for it
 * @throws what IAM's answer leaves open; the hold then stays
 */
export async function rollBackCaller(
  { entry, live, diff, latest }: Extract<CallerRollbackPlan, { kind: "ready" }>,
  person: { readonly arn: string; readonly reason: string },
  ports: CallerRollbackPorts,
): Promise<CallerRollbackResult> {
  const { caller } = entry;
  const now = ports.clock.now();
  const former = await ports.holds.of(caller);
  // The next review looks at the journal of those who are noted, and tells people what it finds there.
  await noteWriting([caller], now, ports);
  const hold: Hold = { kind: "rollback", by: person.arn, reason: person.reason, at: now };
  await ports.holds.set(caller, hold);
  const cause = { kind: "person", id: `rollback-${entry.id}`, by: person.arn, reason: person.reason, at: now } as const;
  const result = await changedBack(live, ports, {
    caller,
    action: "rollback",
    by: person.arn,
    before: live,
    after: entry.before,
    causes: [cause],
    diff,
    latest,
  });
  if (result.kind !== "written") await (former ? ports.holds.set(caller, former) : ports.holds.lift(caller));
  return result;
}

/** Read again behind the hold: the guard may have written while the person thought. */
async function changedBack(
  live: string | undefined,
  ports: CallerRollbackPorts,
  change: Parameters<typeof changePolicy>[0],
): Promise<CallerRollbackResult> {
  const now = await ports.identities.read(change.caller);
  if (now.kind !== "found") return now;
  if (!samePolicy(now.ownPolicy, live)) return { kind: "changed-meanwhile" };
  return changePolicy(change, ports);
}
