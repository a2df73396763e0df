/** What keeps the guard from writing: budgets and holds. Modes, tags and the kill switch: reconcile-rails.test.ts. */
import { describe, expect, test } from "vitest";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { ADMIN_STATEMENT, agent, DEFAULT_POLICY, jobFor, KEY, policyOf, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB");
const HOUR = 3_600_000;

describe("the write budget", () => {
  const settings = (keyPerHour: number, accountPerHour: number) => ({
    ...SETTINGS,
    budgets: { keyPerHour, accountPerHour },
  });

  test.for([
    ["key", 1, 100, "this key may be put 1 times an hour"],
    ["account", 100, 1, "the keys of this account may be put 1 times an hour"],
  ] as const)(
    "of the %s, once spent, keeps the guard from writing until the next hour",
    async ([, key, account, says]) => {
      const world = new World().withKey(DEFAULT_POLICY).put(A);
      expect((await reconcileKey(jobFor(), world, settings(key, account))).kind).toBe("repaired");
      world.put(B);
      const outcome = await reconcileKey(jobFor(), world, settings(key, account));
      expect(outcome).toMatchObject({ kind: "proposed", findings: [{ kind: "write-budget-spent", severity: "high" }] });
      expect(world.writes).toHaveLength(1);
      expect(world.published.at(-1)?.text).toContain(says);
      expect(world.published.at(-1)?.text).toContain(`show-history ${KEY}`);
      expect(world.again.at(-1)).toMatchObject({ delaySeconds: 900 });
      world.pass(HOUR);
      expect((await reconcileKey(jobFor({ attempt: 1 }), world, settings(key, account))).kind).toBe("repaired");
    },
  );

  test("is reserved for the key before the account, and before the journal has an entry", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    let reserved: readonly string[] = [];
    world.afterJournalOpened = () => {
      reserved = [...world.reserved.keys()];
    };
    await reconcileKey(jobFor(), world, SETTINGS);
    expect(reserved).toEqual([`${KEY} 2026-11-23T10`, "account 2026-11-23T10"]);
  });

  test("is spent by a write that was not made for certain, and is not given back", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    world.throttled = true;
    await reconcileKey(jobFor(), world, settings(1, 100));
    world.throttled = false;
    expect((await reconcileKey(jobFor({ attempt: 1 }), world, settings(1, 100))).kind).toBe("proposed");
    expect(world.writes).toEqual([]);
  });

  test("is reserved once, however often a look has to start over", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    let changes = 0;
    world.afterJournalOpened = () => {
      if (changes++ < 2) world.policies.set(KEY, policyOf(ADMIN_STATEMENT, { ...ADMIN_STATEMENT, Sid: `v${changes}` }));
    };
    expect((await reconcileKey(jobFor(), world, settings(1, 1))).kind).toBe("repaired");
    expect([...world.reserved.values()]).toEqual([1, 1]);
  });

  test("is left alone where nothing is written", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    await reconcileKey(jobFor(), world, { ...SETTINGS, mode: "propose" });
    expect(world.reserved.size).toBe(0);
  });
});

describe("a hold", () => {
  const hold = { kind: "person", by: "ana", reason: "key ceremony", at: "2026-11-23T09:00:00.000Z" } as const;

  test("keeps the guard from writing to the key, and is told once while it lasts", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    world.heldKeys.set(KEY, hold);
    expect(await reconcileKey(jobFor(), world, SETTINGS)).toMatchObject({
      kind: "proposed",
      reason: "the key is on hold by ana: key ceremony",
      findings: [{ kind: "key-on-hold" }, { kind: "addition-held-back" }],
    });
    await reconcileKey(jobFor(), world, SETTINGS);
    expect(world.writes).toEqual([]);
    expect(world.published).toHaveLength(1);
    expect(world.published[0]?.text).toContain(`resume-key ${KEY}`);
    world.heldKeys.set(KEY, { ...hold, kind: "lifted" });
    expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
  });

  test("is told even where nothing is missing", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    await reconcileKey(jobFor(), world, SETTINGS);
    world.heldKeys.set(KEY, hold);
    expect(await reconcileKey(jobFor(), world, SETTINGS)).toMatchObject({
      kind: "alerted",
      findings: [{ kind: "key-on-hold" }],
    });
  });

  test("that is set while the guard is at work is respected", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    world.afterJournalOpened = () => {
      world.heldKeys.set(KEY, hold);
      world.policies.set(KEY, policyOf(ADMIN_STATEMENT, { ...ADMIN_STATEMENT, Sid: "put by ana" }));
    };
    expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("proposed");
    expect(world.writes).toEqual([]);
  });
});
