/** Putting back a policy that the guard had overwritten unseen: what may come in between, and that it is told at last. */
import { describe, expect, test } from "vitest";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { policyDigest } from "../../../packages/core/src/policy/canonical.ts";
import { problemsIn } from "../support/announcer.ts";
import { type Call, recorded } from "../support/recorded.ts";
import { ADMIN_STATEMENT, agent, DEFAULT_POLICY, jobFor, KEY, policyOf, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB");
const MINUTE = 60_000;
const RESTORE = { ...SETTINGS, restoreLostUpdates: true };
const ACTOR = { arn: "arn:aws:iam::111122223333:role/terraform", sessionName: "ci", invokedBy: undefined };
const PARTNER = { ...ADMIN_STATEMENT, Sid: "Partner", Action: "kms:Decrypt" };

/** The guard repaired the key; this policy was there for a moment, after its reading and before its put. */
async function overwrote(theirs: (guards: string) => string): Promise<World> {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  const put = { key: KEY, actor: ACTOR, byGuard: false };
  const policy = theirs(world.policies.get(KEY) ?? "");
  world.foreign.push(
    { ...put, eventId: "older", at: "2026-11-23T09:00:00Z", policy: DEFAULT_POLICY, settled: true },
    { ...put, eventId: "theirs", at: "2026-11-23T10:00:05Z", policy, settled: false },
  );
  world.pass(2 * MINUTE);
  return world;
}

const told = (world: World) => problemsIn(world.published).map(({ kind }) => kind);
const withPartner = () => policyOf(ADMIN_STATEMENT, PARTNER);

describe("an overwritten policy is put back", () => {
  test("with what it lacks, which nobody took out: that is no contest", async () => {
    const world = await overwrote(withPartner);
    expect((await reconcileKey(jobFor(), world, RESTORE)).kind).toBe("repaired");
    expect(world.entries.at(-1)).toMatchObject({ action: "restore", regains: [] });
    expect(world.foreign.every(({ settled }) => settled)).toBe(true);
    expect(told(world)).toEqual([]);
  });

  test("as it was, where it lacks nothing", async () => {
    const world = await overwrote((guards) => policyOf(...JSON.parse(guards).Statement, PARTNER));
    expect((await reconcileKey(jobFor(), world, RESTORE)).kind).toBe("repaired");
    expect(world.policyStatements().map(({ Sid }) => Sid)).toContain("Partner");
    expect(world.entries.at(-1)).toMatchObject({
      action: "restore",
      afterDigest: policyDigest(world.foreign[1]?.policy ?? ""),
    });
    const published = world.published.at(-1);
    expect(published?.diff.some((line) => line.startsWith("+") && line.includes("Partner"))).toBe(true);
    expect(published?.agents.map(({ id }) => id)).toEqual([A.id]);
  });

  test("as it was, with what nobody needs any more: that is taken out by a later look", async () => {
    const world = await overwrote((guards) => {
      const both = guards.replace(`"${A.arn}"`, `"${A.arn}", "${B.arn}"`);
      return policyOf(...JSON.parse(both).Statement, PARTNER);
    });
    world.absent.set(KEY, new Map([[B.arn, "2026-11-23T08:00:00.000Z"]]));
    expect((await reconcileKey(jobFor(), world, RESTORE)).kind).toBe("repaired");
    expect(world.entries.at(-1)?.action).toBe("restore");
    expect(world.policies.get(KEY)).toContain(B.arn);
    world.pass(2 * MINUTE);
    expect((await reconcileKey(jobFor(), world, RESTORE)).kind).toBe("repaired");
    expect(world.policies.get(KEY)).not.toContain(B.arn);
  });

  test("when those whom it gives access to were read live: whoever is gone gets none by it", async () => {
    const world = await overwrote(withPartner);
    const made: Call[] = [];
    await reconcileKey(jobFor(), recorded(world, made), RESTORE);
    expect(made.filter(({ name }) => name === "agents.get").map(({ args }) => args[0])).toEqual([A.id]);
  });

  test("only where the setting says so", async () => {
    const world = await overwrote(withPartner);
    await reconcileKey(jobFor(), world, SETTINGS);
    expect(told(world)).toEqual(["update-overwritten"]);
    expect(world.entries).toHaveLength(1);
  });

  test("after the look has started over, too: it is found out about again", async () => {
    const world = await overwrote(withPartner);
    world.afterJournalOpened = () => {
      world.afterJournalOpened = () => {};
      world.policies.set(KEY, policyOf(ADMIN_STATEMENT, { ...PARTNER, Sid: "Newer" }));
    };
    expect((await reconcileKey(jobFor(), world, RESTORE)).kind).toBe("repaired");
    // Somebody has put another one since: theirs stays.
    expect(world.policyStatements().map(({ Sid }) => Sid)).toContain("Newer");
    expect(world.entries.map(({ action, state }) => [action, state])).toEqual([
      ["repair", "told"],
      ["restore", "abandoned"],
      ["repair", "told"],
    ]);
    expect(told(world)).toEqual(["update-overwritten"]);
  });
});

describe("an overwritten policy that can't be put back is told, and the live one is looked after:", () => {
  test.for<[string, () => string]>([
    [
      "with the guard's statements it would be too long",
      () => policyOf({ ...ADMIN_STATEMENT, Sid: "x".repeat(32_300) }),
    ],
    ["it is none that the guard understands", () => '{"Statement":[{"Effect":"Maybe"}]}'],
    [
      "it names a deleted principal",
      () => policyOf(ADMIN_STATEMENT, { ...PARTNER, Principal: { AWS: "AROAEXAMPLEORPHAN0001" } }),
    ],
  ])("%s", async ([, theirs]) => {
    const world = await overwrote(theirs);
    world.put(B);
    const outcome = await reconcileKey(jobFor(), world, RESTORE);
    expect(outcome).toMatchObject({ kind: "repaired", findings: [] });
    expect(world.policies.get(KEY)).toContain(B.arn);
    expect(told(world)).toEqual(["update-overwritten"]);
    expect(world.entries.map(({ action }) => action)).toEqual(["repair", "repair"]);
    expect(world.foreign.every(({ settled }) => settled)).toBe(true);
  });
});

describe("what became of somebody's policy", () => {
  test("is waited for while it is not certain, and a problem that went away meanwhile is news when it is back", async () => {
    const world = await overwrote(withPartner);
    const live = world.policies.get(KEY) ?? "";
    const wide = policyOf(...JSON.parse(live).Statement, { ...PARTNER, Sid: "Wide", Principal: "*" });
    const lookAt = (policy: string) => {
      world.policies.set(KEY, policy);
      return reconcileKey(jobFor(), world, SETTINGS);
    };
    world.pass(-100_000);
    await lookAt(wide);
    expect(await lookAt(live)).toEqual({
      kind: "deferred",
      reason: "what became of somebody's policy is not certain yet",
    });
    await lookAt(wide);
    expect(told(world)).toEqual(["broader-than-documented", "broader-than-documented"]);
  });

  test("is asked once in a look, however often it starts over", async () => {
    const world = await overwrote(withPartner);
    world.live.set(A.id, { ...A, name: "renamed" });
    world.policies.set(KEY, DEFAULT_POLICY);
    let asked = 0;
    const { since } = world.foreignWrites;
    world.foreignWrites.since = async (on, from) => {
      asked++;
      return since(on, from);
    };
    await reconcileKey(jobFor(), world, SETTINGS);
    expect(asked).toBe(1);
  });
});
