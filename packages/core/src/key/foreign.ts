/**
 * What became of the policies that others put. KMS replaces the whole document and has no version check, so that a policy
 * put between the guard's last reading and its write is overwritten unseen. It is found by content, afterwards: it is
 * neither what the guard read, nor what is live.
 */
import { policyDigest } from "../policy/canonical.ts";
import { parsePolicy } from "../policy/document.ts";
import type { Clock, ForeignWrite, ForeignWrites, Journal } from "../ports.ts";
import type { Cause, KeyJob } from "./job.ts";
import { type JournalSummary, TAKEN } from "./journal.ts";
import { CLOCKS_MS, CONSISTENT_AFTER_MS, putTime, WHOLE_SECOND_MS } from "./last-put.ts";
import { OWN_SID_PREFIX } from "./own-statements.ts";

export interface ForeignReport {
  /** Puts by the guard's own role that no journal entry explains. */
  readonly unexplained: readonly ForeignWrite[];
  /** Overwritten by the guard, oldest first. */
  readonly overwritten: readonly ForeignWrite[];
  /** Nothing became of these that anyone has to know. */
  readonly harmless: readonly ForeignWrite[];
  /** Too young to be sure: KMS may still show what was there before, or not show yet what is there now. */
  readonly undecided: readonly ForeignWrite[];
  /** All that were read, the settled ones too; undefined where nothing was read. */
  readonly known: readonly ForeignWrite[] | undefined;
  /** Of the overwritten ones, the one that may be put back. */
  readonly restorable: ForeignWrite | undefined;
}

const NONE: ForeignReport = {
  unexplained: [],
  overwritten: [],
  harmless: [],
  undecided: [],
  known: undefined,
  restorable: undefined,
};

/** How far back a foreign put is still looked for; events come late, but seldom later. */
const LOOK_BACK_MS = 24 * 3_600_000;
/** A sweep comes by what was left open: the look for the put itself may have ended early, on a key that was disabled. */
const SWEPT_BACK_MS = 7 * LOOK_BACK_MS;

/**
 * Reads what is not settled yet, where a cause of the job says that somebody put a policy, or a sweep comes by.
 *
 * @param live - the policy as KMS shows it now
 */
export async function whatBecameOfForeignWrites(
  job: KeyJob,
  live: string,
  ports: { readonly foreignWrites: ForeignWrites; readonly journal: Journal; readonly clock: Clock },
): Promise<ForeignReport> {
  const [from] = job.causes.flatMap(beginOf).sort();
  if (from === undefined) return NONE;
  const known = await ports.foreignWrites.since(job.key, from);
  const open = known.filter((write) => !write.settled);
  const [oldest] = open;
  if (oldest === undefined) return { ...NONE, known };
  const since = await ports.journal.since(job.key, earlier(oldest.at, LOOK_BACK_MS));
  const facts = {
    known,
    own: since.filter((e) => TAKEN.has(e.state)),
    live,
    now: ports.clock.now(),
  };
  const fates = Map.groupBy(open, (write) => fateOf(write, facts));
  const of = (fate: Fate) => fates.get(fate) ?? [];
  return {
    unexplained: of("unexplained"),
    overwritten: of("overwritten"),
    harmless: of("harmless"),
    undecided: of("undecided"),
    known,
    restorable: restorableOf(of("overwritten"), facts),
  };
}

/** From when on a cause makes foreign puts be looked for. */
function beginOf(cause: Cause): readonly string[] {
  if (cause.kind === "sweep") return [earlier(cause.at, SWEPT_BACK_MS)];
  return cause.kind === "event" && cause.eventName === "PutKeyPolicy" ? [earlier(cause.at, LOOK_BACK_MS)] : [];
}

type Fate = "unexplained" | "overwritten" | "harmless" | "undecided";

interface Facts {
  readonly known: readonly ForeignWrite[];
  readonly own: readonly JournalSummary[];
  /** The policy as KMS shows it now. */
  readonly live: string;
  readonly now: string;
}

function fateOf(write: ForeignWrite, { known, own, live, now }: Facts): Fate {
  if (write.byGuard) return "unexplained";
  const digest = policyDigest(write.policy);
  const near = own.filter((entry) => mayHaveOverwritten(entry, write));
  const [over] = near;
  if (!over || near.some((entry) => entry.beforeDigest === digest || entry.afterDigest === digest)) return "harmless";
  // The guard read what another one put after it: then that one overwrote it, not the guard. Only where that is certain
  // from times of whole seconds; otherwise it is told.
  const between = known.some(
    (other) =>
      other.at > write.at &&
      Date.parse(other.at) + WHOLE_SECOND_MS <= Date.parse(over.at) &&
      policyDigest(other.policy) === over.beforeDigest,
  );
  if (between || own.some((entry) => entry.action === "restore" && entry.id > over.id)) return "harmless";
  if (Date.parse(now) - putTime(over) < CONSISTENT_AFTER_MS) return "undecided";
  // Nothing of theirs is lost where all that they put beside the guard's statements is live.
  return withoutOwn(write.policy) === withoutOwn(live) ? "harmless" : "overwritten";
}

/** The digest of a policy without the guard's statements. */
function withoutOwn(text: string): string {
  const parsed = parsePolicy(text);
  if (parsed.kind === "malformed") return policyDigest(text);
  const { raw, statements } = parsed.policy;
  const foreign = statements.filter(({ sid }) => !sid?.startsWith(OWN_SID_PREFIX)).map((statement) => statement.raw);
  return policyDigest(JSON.stringify({ ...raw, Statement: foreign }));
}

/** Whether a put may have come after the reading that the guard's own put was made from; KMS's answers lag behind. */
function mayHaveOverwritten(entry: JournalSummary, write: ForeignWrite): boolean {
  const at = Date.parse(write.at);
  return at + WHOLE_SECOND_MS > Date.parse(entry.at) - CONSISTENT_AFTER_MS && at < putTime(entry) + CLOCKS_MS;
}

/**
 * The overwritten policy that may be put back. Nobody has put another one since the guard did; and what the guard had read
 * is proved to be older than it: otherwise it may be the other way round, and something newer would be lost.
 */
function restorableOf(overwritten: readonly ForeignWrite[], facts: Facts): ForeignWrite | undefined {
  const last = overwritten.at(-1);
  const newest = facts.own.at(-1);
  if (!last || newest?.afterDigest !== policyDigest(facts.live)) return undefined;
  // Whoever put another one since, or in the same second, may have undone it on purpose: what is revoked stays revoked.
  if (facts.known.some((other) => other.eventId !== last.eventId && other.at >= last.at)) return undefined;
  const over = facts.own.find((entry) => mayHaveOverwritten(entry, last));
  if (over !== newest) return undefined;
  const put = Date.parse(last.at);
  const older = [
    ...facts.own.map((entry) => ({ digest: entry.afterDigest, at: putTime(entry) })),
    ...facts.known.map((other) => ({ digest: policyDigest(other.policy), at: Date.parse(other.at) + WHOLE_SECOND_MS })),
  ];
  return older.some(({ digest, at }) => digest === over.beforeDigest && at < put) ? last : undefined;
}

function earlier(time: string, milliseconds: number): string {
  return new Date(Date.parse(time) - milliseconds).toISOString();
}
