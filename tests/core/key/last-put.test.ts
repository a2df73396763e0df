import { describe, expect, test } from "vitest";
import type { JournalEntry, JournalState } from "../../../packages/core/src/key/journal.ts";
import { mayBeStale, putTime } from "../../../packages/core/src/key/last-put.ts";
import { policyDigest } from "../../../packages/core/src/policy/canonical.ts";
import type { ForeignWrite } from "../../../packages/core/src/ports.ts";
import { ADMIN_STATEMENT, DEFAULT_POLICY, jobFor, KEY, policyOf } from "../support/world.ts";

const LIVE = DEFAULT_POLICY;
const OTHER = policyOf({ ...ADMIN_STATEMENT, Sid: "Other" });
const NOON = Date.parse("2026-11-23T12:00:00.000Z");
const iso = (ms: number) => new Date(ms).toISOString();
const ACTOR = { arn: "arn:aws:iam::111122223333:role/terraform", sessionName: "ci", invokedBy: undefined };

function foreign(at: number, policy: string): ForeignWrite {
  return { key: KEY, eventId: `e-${at}`, at: iso(at), actor: ACTOR, policy, byGuard: false, settled: true };
}

function own(at: number, after: string, state: JournalState = "told"): JournalEntry {
  const { causes } = jobFor();
  const digests = { beforeDigest: "", afterDigest: policyDigest(after) };
  const who = { action: "repair", by: "guard", causes, diff: [], regains: [] } as const;
  return { key: KEY, id: iso(at), at: iso(at), putAt: iso(at), state, before: LIVE, after, ...digests, ...who };
}

const stale = (latest: JournalEntry | undefined, writes: readonly ForeignWrite[], now = NOON) =>
  mayBeStale(LIVE, latest, writes, iso(now));

describe("what KMS shows may be of before the last put", () => {
  test("within a minute of a put that it does not show", () => {
    expect(stale(own(NOON - 59_999, OTHER), [])).toBe(true);
    expect(stale(own(NOON - 60_000, OTHER), [])).toBe(false);
    // CloudTrail's times stand for the second that begins with them.
    expect(stale(undefined, [foreign(NOON - 60_999, OTHER)])).toBe(true);
    expect(stale(undefined, [foreign(NOON - 61_000, OTHER)])).toBe(false);
  });

  test("but not where it shows that put, or none is known", () => {
    expect(stale(own(NOON, LIVE), [])).toBe(false);
    expect(stale(undefined, [foreign(NOON, LIVE)])).toBe(false);
    expect(stale(undefined, [])).toBe(false);
  });

  test("nor where it shows one that may have come after it, by clocks that differ", () => {
    const shownBefore = (ms: number) => stale(own(NOON, OTHER), [foreign(NOON - 1_000 - ms, LIVE)]);
    expect(shownBefore(2_999)).toBe(false);
    expect(shownBefore(3_000)).toBe(true);
  });

  test("where it shows the guard's put, and somebody's came well after that", () => {
    expect(stale(own(NOON - 20_000, LIVE), [foreign(NOON, OTHER)])).toBe(true);
  });

  test.for<[JournalState, boolean]>([
    ["opened", false],
    ["abandoned", false],
    ["refused", false],
    ["put", true],
    ["verified", true],
  ])("by an entry in state %s: %s", ([state, isStale]) => {
    expect(stale(own(NOON, OTHER, state), [])).toBe(isStale);
  });
});

test("a put's time is that by when KMS had taken it, else that of the entry", () => {
  expect(putTime({ at: iso(NOON), putAt: iso(NOON + 5) })).toBe(NOON + 5);
  expect(putTime({ at: iso(NOON), putAt: undefined })).toBe(NOON);
});
