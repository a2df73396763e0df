import { describe, expect, test } from "vitest";
import { settleFormerWrite } from "../../../packages/core/src/key/former-write.ts";
import type { JournalEntry, JournalState } from "../../../packages/core/src/key/journal.ts";
import { showsWrite, type Write, writePolicy } from "../../../packages/core/src/key/write.ts";
import { policyDigest } from "../../../packages/core/src/policy/canonical.ts";
import { ADMIN_STATEMENT, agent, DEFAULT_POLICY, jobFor, KEY, policyOf, World } from "../support/world.ts";

const OWN = { ...ADMIN_STATEMENT, Sid: "BedrockKeyGuardServiceGrants", Action: "kms:ListGrants" };
const AFTER = policyOf(ADMIN_STATEMENT, OWN);
const AT = "2026-11-23T10:00:00.000Z";

function entry(state: JournalState, changes: Partial<JournalEntry> = {}): JournalEntry {
  const { causes } = jobFor();
  const afterDigest = policyDigest(AFTER);
  return {
    key: KEY,
    id: AT,
    at: AT,
    state,
    before: DEFAULT_POLICY,
    after: AFTER,
    afterDigest,
    causes,
    action: "repair",
    by: "guard",
    putAt: undefined,
    beforeDigest: policyDigest(DEFAULT_POLICY),
    diff: [],
    regains: [],
    ...changes,
  };
}

/** A world some seconds after the entry's time. */
async function worldAfter(state: JournalState, live: string, seconds = 5) {
  const world = new World().withKey(live);
  const one = entry(state);
  world.entries.push(one);
  await world.clock.sleep((seconds - 5) * 1000);
  const settled = await settleFormerWrite(one, [agent("AAAAAAAAAA")], world);
  const told = world.published.map(({ severity, text }) => [severity, text.includes("another policy since")]);
  return { settled: settled.kind, state: world.entries[0]?.state, told };
}

describe("a write that a crash left open", () => {
  test.for<[JournalState, string, number, string, JournalState, unknown[]]>([
    ["opened", DEFAULT_POLICY, 59, "not-visible-yet", "opened", []],
    ["opened", DEFAULT_POLICY, 61, "settled", "abandoned", []],
    ["opened", AFTER, 5, "settled", "told", [["medium", false]]],
    // Neither what was there before nor what was to be put: it may have been put.
    [
      "opened",
      policyOf(ADMIN_STATEMENT, OWN, ADMIN_STATEMENT).replace("ListGrants", "List*"),
      61,
      "settled",
      "told",
      [["high", false]],
    ],
    ["put", DEFAULT_POLICY, 59, "not-visible-yet", "put", []],
    ["put", DEFAULT_POLICY, 61, "settled", "told", [["high", true]]],
    ["put", AFTER, 5, "settled", "told", [["medium", false]]],
    ["verified", AFTER, 5, "settled", "told", [["medium", false]]],
    ["verified", DEFAULT_POLICY, 5, "settled", "told", [["medium", false]]],
    ["abandoned", AFTER, 61, "settled", "abandoned", []],
    ["refused", AFTER, 61, "settled", "refused", []],
    ["told", AFTER, 61, "settled", "told", []],
  ])("in state %s over %s after %i s is %s, then %s", async ([state, live, seconds, settled, next, told]) => {
    expect(await worldAfter(state, live, seconds)).toEqual({ settled, state: next, told });
  });

  test("is told as overwritten where the policy can't even be read any more", async () => {
    const world = new World();
    const one = entry("put");
    world.entries.push(one);
    await world.clock.sleep(60_000);
    expect((await settleFormerWrite(one, [], world)).kind).toBe("settled");
    expect(world.published).toMatchObject([{ severity: "high" }]);
  });

  test("is told where CloudTrail has told of its put, though KMS shows another policy by now", async () => {
    for (const state of ["opened", "abandoned"] as const) {
      const world = new World().withKey(DEFAULT_POLICY);
      const one = entry(state);
      world.entries.push(one);
      world.pass(120_000);
      expect(await settleFormerWrite(one, [], world, true)).toMatchObject({
        kind: "settled",
        latest: { state: "told" },
      });
      expect(world.entries).toMatchObject([{ state: "told" }]);
      expect(world.published).toMatchObject([{ severity: "high" }]);
    }
  });

  test("is nothing where no entry is", async () => {
    const world = new World();
    expect(await settleFormerWrite(undefined, [], world)).toEqual({ kind: "settled", latest: undefined });
  });
});

describe("a policy shows a write", () => {
  const theirs = { ...ADMIN_STATEMENT, Sid: "Theirs" };
  test.for<[string, string, boolean]>([
    ["that is all of it, in other words", JSON.stringify(JSON.parse(AFTER), null, 4), true],
    ["with a foreign statement more", policyOf(ADMIN_STATEMENT, theirs, OWN), true],
    ["with a foreign statement less", policyOf(OWN), true],
    ["without the guard's statement", DEFAULT_POLICY, false],
    ["with the guard's statement changed", policyOf(ADMIN_STATEMENT, { ...OWN, Action: "kms:RevokeGrant" }), false],
    ["but not where it can't be understood", "not json", false],
  ])("%s", ([, live, shows]) => {
    expect(showsWrite(live, entry("put"))).toBe(shows);
  });

  test("but never by having none of the guard's statements, as what was put", () => {
    expect(
      showsWrite(policyOf(theirs), entry("put", { after: DEFAULT_POLICY, afterDigest: policyDigest(DEFAULT_POLICY) })),
    ).toBe(false);
    expect(showsWrite(AFTER, entry("put", { after: "not json", afterDigest: "x" }))).toBe(false);
  });
});

describe("a write", () => {
  const { causes } = jobFor();
  const write = (before = DEFAULT_POLICY): Write => ({
    key: KEY,
    action: "repair",
    by: "guard",
    before,
    after: AFTER,
    diff: ["+ x"],
    regains: [],
    causes,
    latest: undefined,
  });

  test("has its journal entry, whole, before KMS is called", async () => {
    const world = new World().withKey(DEFAULT_POLICY);
    let seen: JournalEntry | undefined;
    world.afterPut = () => {
      seen = world.entries[0];
    };
    expect(await writePolicy(write(), world)).toMatchObject({ kind: "verified", entry: { state: "verified" } });
    expect(seen).toMatchObject({ key: KEY, state: "opened", before: DEFAULT_POLICY, after: AFTER, diff: ["+ x"] });
    expect(seen?.id).toBe(`${seen?.at}-${policyDigest(AFTER).slice(0, 12)}`);
    expect(world.entries).toMatchObject([{ state: "verified" }]);
  });

  test("is not made over another policy than the one that was judged, nor over one that can't be read", async () => {
    for (const world of [new World().withKey(policyOf()), new World()]) {
      expect(await writePolicy(write(), world)).toEqual({ kind: "changed-meanwhile" });
      expect(world.writes).toEqual([]);
      expect(world.entries).toMatchObject([{ state: "abandoned" }]);
    }
  });

  test("that KMS refuses or throttles is no write, and the journal says which", async () => {
    const refused = new World().withKey(DEFAULT_POLICY);
    refused.refuseNextPut = { code: "X", message: "y" };
    expect(await writePolicy(write(), refused)).toEqual({ kind: "refused", code: "X", message: "y" });
    expect(refused.entries).toMatchObject([{ state: "refused" }]);
    const throttled = new World().withKey(DEFAULT_POLICY);
    throttled.throttled = true;
    expect(await writePolicy(write(), throttled)).toEqual({ kind: "throttled" });
    expect(throttled.entries).toMatchObject([{ state: "abandoned" }]);
  });

  test("is read back five times, over three seconds, and stays `put` where KMS does not show it", async () => {
    for (const [stale, kind, state] of [
      [4, "verified", "verified"],
      [5, "unverified", "put"],
    ] as const) {
      const world = new World().withKey(DEFAULT_POLICY);
      world.staleReads = stale;
      const before = Date.parse(world.clock.now());
      expect((await writePolicy(write(), world)).kind).toBe(kind);
      expect(Date.parse(world.clock.now()) - before).toBeGreaterThanOrEqual(3000);
      expect(world.entries).toMatchObject([{ state }]);
    }
  });
});
