/** What became of a policy that somebody else put, by times and content. How it is told and put back: foreign.test.ts. */
import { describe, expect, test } from "vitest";
import { whatBecameOfForeignWrites } from "../../../packages/core/src/key/foreign.ts";
import type { Cause } from "../../../packages/core/src/key/job.ts";
import type { JournalEntry } from "../../../packages/core/src/key/journal.ts";
import { policyDigest } from "../../../packages/core/src/policy/canonical.ts";
import type { ForeignWrite } from "../../../packages/core/src/ports.ts";
import { ADMIN_STATEMENT, DEFAULT_POLICY, jobFor, KEY, policyOf, World } from "../support/world.ts";

const named = (sid: string) => policyOf({ ...ADMIN_STATEMENT, Sid: sid });
const THEIRS = named("Theirs");
const THIRD = named("Third");
const GUARDS = named("the guard's");
const ACTOR = { arn: "arn:aws:iam::111122223333:role/terraform", sessionName: "ci", invokedBy: undefined };

/** The guard opened its entry at noon, and KMS took the policy half a second later. */
const OPENED = Date.parse("2026-11-23T12:00:00.000Z");
const PUT = OPENED + 500;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const iso = (ms: number) => new Date(ms).toISOString();

function entry(changes: Partial<JournalEntry> & { readonly opened?: number } = {}): JournalEntry {
  const { opened = OPENED, before = DEFAULT_POLICY, after = GUARDS, ...rest } = changes;
  return {
    key: KEY,
    id: iso(opened),
    at: iso(opened),
    putAt: iso(opened + 500),
    action: "repair",
    by: "guard",
    state: "told",
    before,
    beforeDigest: policyDigest(before),
    after,
    afterDigest: policyDigest(after),
    causes: jobFor().causes,
    diff: [],
    regains: [],
    ...rest,
  };
}

function write(at: number, changes: Partial<ForeignWrite> = {}): ForeignWrite {
  const put = { key: KEY, eventId: `put-${at}`, at: iso(at), actor: ACTOR, policy: THEIRS };
  return { ...put, byGuard: false, settled: false, ...changes };
}

interface Past {
  readonly entries?: readonly JournalEntry[];
  readonly writes: readonly ForeignWrite[];
  readonly live?: string;
  readonly now?: number;
  readonly causes?: readonly Cause[];
}

async function report({ entries = [entry()], writes, live = GUARDS, now = PUT + HOUR, causes }: Past) {
  const world = new World();
  world.entries.push(...entries);
  world.foreign.push(...writes);
  const ports = { foreignWrites: world.foreignWrites, journal: world.journal };
  const [first = jobFor().causes[0], ...others] = causes ?? [putAt(OPENED)];
  const job = jobFor({ causes: [first, ...others] });
  return whatBecameOfForeignWrites(job, live, { ...ports, clock: { ...world.clock, now: () => iso(now) } });
}

const putAt = (at: number): Cause => ({ kind: "event", id: "e", eventName: "PutKeyPolicy", actor: ACTOR, at: iso(at) });

/** The fate of the write that is first in the list. */
async function fateOf(past: Past): Promise<string | undefined> {
  const fates = await report(past);
  const kinds = ["unexplained", "overwritten", "harmless", "undecided"] as const;
  return kinds.find((kind) => fates[kind].some(({ eventId }) => eventId === past.writes[0]?.eventId));
}

describe("a policy is overwritten unseen", () => {
  test.for<[string, number, string]>([
    ["a minute and a second before the guard opened its entry: KMS showed it by then", OPENED - 61_000, "harmless"],
    ["less than that before it: KMS may have shown what was there before", OPENED - 60_999, "overwritten"],
    ["between the guard's reading and its put", OPENED + 100, "overwritten"],
    ["just after the guard's put, by a clock that differs", PUT + 1_999, "overwritten"],
    ["two seconds after the guard's put: it was the guard's that was overwritten", PUT + 2_000, "harmless"],
  ])("or not, when it was put %s", async ([, at, fate]) => {
    expect(await fateOf({ writes: [write(at)] })).toBe(fate);
  });

  test("whether or not its statements have a Sid", async () => {
    const { Sid: _, ...unnamed } = ADMIN_STATEMENT;
    expect(await fateOf({ writes: [write(OPENED, { policy: policyOf(unnamed) })] })).toBe("overwritten");
    expect(await fateOf({ writes: [write(OPENED)], live: policyOf(unnamed) })).toBe("overwritten");
  });

  test("for certain a minute after the guard's put, when KMS shows what is there", async () => {
    const writes = [write(OPENED)];
    expect(await fateOf({ writes, now: PUT + MINUTE - 1 })).toBe("undecided");
    expect(await fateOf({ writes, now: PUT + MINUTE })).toBe("overwritten");
  });

  test("by the entry's own time where it is not known by when KMS took it", async () => {
    const entries = [entry({ putAt: undefined })];
    expect(await fateOf({ entries, writes: [write(OPENED + 1_999)] })).toBe("overwritten");
    expect(await fateOf({ entries, writes: [write(OPENED + 2_000)] })).toBe("harmless");
  });

  test("whoever put something else that the guard did not read either, and whatever the guard put since", async () => {
    const other = write(OPENED + 200, { policy: THIRD, settled: true });
    expect(await fateOf({ writes: [write(OPENED), other] })).toBe("overwritten");
    const next = entry({ opened: OPENED + HOUR, before: GUARDS, after: named("next") });
    expect(await fateOf({ entries: [entry(), next], writes: [write(OPENED)], now: PUT + 2 * HOUR })).toBe(
      "overwritten",
    );
  });

  test("though the guard had read what somebody put before it", async () => {
    const before = write(OPENED - 10_000, { policy: DEFAULT_POLICY, settled: true });
    expect(await fateOf({ writes: [write(OPENED), before] })).toBe("overwritten");
  });

  test("though the guard put an overwritten policy back, where that was before", async () => {
    const earlier = entry({ opened: OPENED - HOUR, action: "restore", before: THIRD, after: DEFAULT_POLICY });
    expect(await fateOf({ entries: [earlier, entry()], writes: [write(OPENED)] })).toBe("overwritten");
    const restore = entry({ action: "restore" });
    expect(await fateOf({ entries: [restore], writes: [write(OPENED)] })).toBe("overwritten");
  });
});

describe("nothing has to be told of a policy", () => {
  test("that is what the guard read, or what it put, at that time", async () => {
    for (const policy of [DEFAULT_POLICY, GUARDS]) {
      expect(await fateOf({ writes: [write(OPENED, { policy })] })).toBe("harmless");
    }
    // What it read or put an hour before says nothing of what came since.
    const earlier = entry({ opened: OPENED - HOUR, before: THIRD, after: DEFAULT_POLICY });
    expect(await fateOf({ entries: [earlier, entry()], writes: [write(OPENED, { policy: THIRD })] })).toBe(
      "overwritten",
    );
  });

  test("all of which is live, beside the guard's own statements", async () => {
    const { Statement } = JSON.parse(GUARDS);
    const own = { ...ADMIN_STATEMENT, Sid: "BedrockKeyGuardServiceGrants" };
    const live = policyOf(...JSON.parse(THEIRS).Statement, own);
    expect(await fateOf({ writes: [write(OPENED)], live })).toBe("harmless");
    expect(await fateOf({ writes: [write(OPENED)], live: policyOf(...Statement, own) })).toBe("overwritten");
  });

  test("that is live", async () => {
    expect(await fateOf({ writes: [write(OPENED)], live: THEIRS })).toBe("harmless");
  });

  test("that another one's put replaced before the guard read: that is what the guard read", async () => {
    const fateWith = (at: number) =>
      fateOf({
        writes: [write(OPENED - 5_000), write(at, { eventId: "other", policy: DEFAULT_POLICY, settled: true })],
      });
    expect(await fateWith(OPENED - 1_000)).toBe("harmless");
    // Within one second nobody can say which came first.
    expect(await fateWith(OPENED - 999)).toBe("overwritten");
    expect(await fateWith(OPENED - 5_000)).toBe("overwritten");
    expect(await fateWith(OPENED + HOUR)).toBe("overwritten");
  });

  test("that the guard put back since", async () => {
    const restore = entry({ opened: OPENED + HOUR, action: "restore", before: GUARDS, after: named("restored") });
    const entries = [entry(), restore];
    expect(await fateOf({ entries, writes: [write(OPENED)], now: PUT + 2 * HOUR })).toBe("harmless");
  });

  test("where KMS did not take the guard's", async () => {
    for (const state of ["opened", "abandoned", "refused"] as const) {
      expect(await fateOf({ entries: [entry({ state })], writes: [write(OPENED)] })).toBe("harmless");
    }
  });
});

describe("an overwritten policy may be put back", () => {
  /** Somebody put what the guard read, well before. */
  const older = write(OPENED - HOUR, { eventId: "older", policy: DEFAULT_POLICY, settled: true });
  const restorable = async (past: Past) => (await report(past)).restorable?.eventId;
  const last = write(OPENED);

  test("where what the guard read is proved to be older: by somebody's put", async () => {
    expect(await restorable({ writes: [last, older] })).toBe(last.eventId);
    expect(await restorable({ writes: [last] })).toBeUndefined();
    const unrelated = { ...older, policy: THIRD };
    expect(await restorable({ writes: [last, unrelated] })).toBeUndefined();
  });

  test("or by the guard's own put", async () => {
    const own = entry({ opened: OPENED - HOUR, before: THIRD, after: DEFAULT_POLICY });
    expect(await restorable({ entries: [own, entry()], writes: [last] })).toBe(last.eventId);
    const after = entry({ opened: OPENED - HOUR, before: DEFAULT_POLICY, after: THIRD });
    expect(await restorable({ entries: [after, entry()], writes: [last] })).toBeUndefined();
  });

  test("and not where both may be of the same second: CloudTrail's times have whole ones", async () => {
    const within = (ms: number) => restorable({ writes: [last, { ...older, at: iso(OPENED - ms) }] });
    expect(await within(1_000)).toBeUndefined();
    expect(await within(1_001)).toBe(last.eventId);
  });

  test("of several the last", async () => {
    const first = write(OPENED - 2_000, { policy: THIRD });
    expect(await restorable({ writes: [older, first, last] })).toBe(last.eventId);
  });

  test("and not where somebody else put one from that second on: it may have been undone on purpose", async () => {
    const another = (at: number) => write(at, { eventId: "another", policy: DEFAULT_POLICY, settled: true });
    expect(await restorable({ writes: [last, older, another(OPENED)] })).toBeUndefined();
    expect(await restorable({ writes: [last, older, another(OPENED + HOUR / 2)] })).toBeUndefined();
    expect(await restorable({ writes: [last, older, another(OPENED - 2_000)] })).toBe(last.eventId);
  });

  test("and not where somebody or the guard has put another one since", async () => {
    expect(await restorable({ writes: [last, older], live: THIRD })).toBeUndefined();
    const next = entry({ opened: OPENED + HOUR, before: GUARDS, after: THIRD });
    const entries = [entry(), next];
    expect(await restorable({ entries, writes: [last, older], live: THIRD, now: PUT + 2 * HOUR })).toBeUndefined();
    expect(await restorable({ entries: [], writes: [last, older] })).toBeUndefined();
  });
});

describe("what others put is looked for", () => {
  test("within the day before the first put that the look was asked for", async () => {
    const late = write(OPENED);
    const found = async (...times: readonly number[]) => {
      const { overwritten } = await report({ writes: [late], causes: times.map(putAt), now: OPENED + 48 * HOUR });
      return overwritten.length;
    };
    expect(await found(OPENED + 24 * HOUR)).toBe(1);
    expect(await found(OPENED + 24 * HOUR + 1)).toBe(0);
    expect(await found(OPENED + 30 * HOUR, OPENED + 20 * HOUR)).toBe(1);
  });

  test("within the week before a sweep, which comes by what was left open", async () => {
    const found = async (at: number) => {
      const sweep: Cause = { kind: "sweep", id: "sweep-1", at: iso(at), whole: false };
      return (await report({ writes: [write(OPENED)], causes: [sweep], now: at })).overwritten.length;
    };
    expect(await found(OPENED + 7 * 24 * HOUR)).toBe(1);
    expect(await found(OPENED + 7 * 24 * HOUR + 1)).toBe(0);
  });

  test("only where somebody's put asked for the look, or a sweep", async () => {
    const person: Cause = { kind: "person", id: "p", by: "ana", reason: "", at: iso(OPENED) };
    const enabled: Cause = { kind: "event", id: "e", eventName: "EnableKey", actor: ACTOR, at: iso(OPENED) };
    const nothing = { unexplained: [], overwritten: [], harmless: [], undecided: [] };
    for (const cause of [person, enabled]) {
      const found = await report({ writes: [write(OPENED)], causes: [cause] });
      expect(found).toEqual({ ...nothing, known: undefined, restorable: undefined });
    }
    // All are settled: what was read is passed on.
    const settled = write(OPENED, { settled: true });
    expect(await report({ writes: [settled] })).toEqual({ ...nothing, known: [settled], restorable: undefined });
  });

  test("with the journal of the day before the first of them, which tells what is older", async () => {
    const day = entry({ opened: OPENED - 24 * HOUR, before: THIRD, after: DEFAULT_POLICY });
    const writes = [write(OPENED)];
    expect((await report({ entries: [day, entry()], writes })).restorable).toEqual(writes[0]);
    expect((await report({ entries: [entry()], writes })).restorable).toBeUndefined();
  });
});
