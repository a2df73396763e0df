import { describe, expect, test } from "vitest";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { planRollback, rollBack } from "../../../packages/core/src/key/rollback.ts";
import { ADMIN_STATEMENT, agent, DEFAULT_POLICY, jobFor, KEY, policyOf, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const ANA = { arn: "arn:aws:iam::111122223333:user/ana", reason: "not wanted" };

async function repaired(): Promise<World> {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  return world;
}

async function rollBackLatest(world: World, entry?: string) {
  const plan = await planRollback(KEY, entry, world);
  if (plan.kind !== "ready") throw new Error(plan.reason);
  return rollBack(plan, ANA, world);
}

describe("a rollback", () => {
  test("puts back the very policy that stood before the guard's write, journalled like any write", async () => {
    const world = await repaired();
    expect((await rollBackLatest(world)).kind).toBe("verified");
    expect(world.policies.get(KEY)).toBe(DEFAULT_POLICY);
    expect(world.entries.at(-1)).toMatchObject({ action: "rollback", by: ANA.arn, state: "verified" });
  });

  test("is not undone by the guard, which tells of it and of the hold, and lets go of the key when asked", async () => {
    const world = await repaired();
    await rollBackLatest(world);
    world.pass(2 * 60_000);
    expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("proposed");
    expect(world.policies.get(KEY)).toBe(DEFAULT_POLICY);
    const texts = world.published.map((alert) => alert.text);
    expect(
      texts.some((text) => text.includes(`a person rolled the key policy back: ${ANA.arn} put back what stood before`)),
    ).toBe(true);
    expect(texts.some((text) => text.includes(`resume-key ${KEY}`))).toBe(true);
    world.heldKeys.set(KEY, { kind: "lifted", by: "ana", reason: "", at: world.clock.now() });
    expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
    expect(world.heldKeys.get(KEY)?.kind).toBe("lifted");
  });

  test("has its hold before KMS is called: a crash in between leaves the key on hold", async () => {
    const world = await repaired();
    world.afterPut = () => {
      expect(world.heldKeys.get(KEY)).toMatchObject({ kind: "rollback", by: ANA.arn });
      throw new Error("crash");
    };
    await expect(rollBackLatest(world)).rejects.toThrow("crash");
    expect(world.heldKeys.has(KEY)).toBe(true);
  });

  test("can itself be undone by rolling back its entry", async () => {
    const world = await repaired();
    const after = world.policies.get(KEY);
    await rollBackLatest(world);
    await rollBackLatest(world, world.entries.at(-1)?.id);
    expect(world.policies.get(KEY)).toBe(after);
  });
});

describe("a rollback is refused", () => {
  test.for<[string, (world: World) => void, string]>([
    [
      "when the policy has changed since",
      (world) => world.policies.set(KEY, policyOf(ADMIN_STATEMENT, { ...ADMIN_STATEMENT, Sid: "New" })),
      "it was changed since",
    ],
    [
      "when it is already what it was",
      (world) => world.policies.set(KEY, DEFAULT_POLICY),
      "already what it was before",
    ],
    ["when the policy can't be read", (world) => world.policies.delete(KEY), "can't be read"],
    ["when the journal has nothing", (world) => void world.entries.splice(0), "has no write of the guard"],
  ])("%s", async ([, change, reason]) => {
    const world = await repaired();
    change(world);
    const plan = await planRollback(KEY, undefined, world);
    expect(plan).toMatchObject({ kind: "refused" });
    expect(plan.kind === "refused" && plan.reason).toContain(reason);
  });

  test("for an entry that is not there, or that KMS never took", async () => {
    const world = await repaired();
    expect(await planRollback(KEY, "nope", world)).toMatchObject({ kind: "refused" });
    const [entry] = world.entries;
    if (entry) world.entries[0] = { ...entry, state: "refused" };
    expect(await planRollback(KEY, entry?.id, world)).toMatchObject({
      kind: "refused",
      reason: `entry \`${entry?.id}\` is \`refused\`: KMS did not take it`,
    });
  });

  test("by KMS or by a change in the last moment: nothing is written, and the hold is as it was", async () => {
    for (const [hinder, kind] of [
      [
        (world: World) => {
          world.refuseNextPut = { code: "MalformedPolicyDocumentException", message: "x" };
        },
        "refused",
      ],
      [
        (world: World) => {
          world.throttled = true;
        },
        "throttled",
      ],
      [
        (world: World) => {
          world.afterJournalOpened = () => world.policies.set(KEY, policyOf());
        },
        "changed-meanwhile",
      ],
    ] as const) {
      const world = await repaired();
      const former = { kind: "lifted", by: "ben", reason: "", at: "2026-11-23T09:00:00.000Z" } as const;
      world.heldKeys.set(KEY, former);
      hinder(world);
      expect((await rollBackLatest(world)).kind).toBe(kind);
      expect(world.heldKeys.get(KEY)).toEqual(former);
      expect(world.writes).toHaveLength(1);
    }
  });
});
