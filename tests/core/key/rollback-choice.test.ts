/** Which entry a rollback is of, and what it leaves in the journal. What it does to the key: rollback.test.ts. */
import { describe, expect, test } from "vitest";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { planRollback, type RollbackPlan, rollBack } from "../../../packages/core/src/key/rollback.ts";
import { agent, DEFAULT_POLICY, jobFor, KEY, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB");
const ANA = { arn: "arn:aws:iam::111122223333:user/ana", reason: "not wanted" };

async function repaired(): Promise<World> {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  return world;
}

function ready(plan: RollbackPlan): Extract<RollbackPlan, { kind: "ready" }> {
  if (plan.kind !== "ready") throw new Error(plan.reason);
  return plan;
}

describe("without an entry's id, a rollback is of the guard's last write", () => {
  test("and not of one that KMS did not take", async () => {
    const world = await repaired();
    world.refuseNextPut = { code: "AccessDeniedException", message: "x" };
    await reconcileKey(jobFor(), world.put(B), SETTINGS);
    expect(world.entries.map(({ state }) => state)).toEqual(["told", "refused"]);
    expect(ready(await planRollback(KEY, undefined, world)).entry.id).toBe(world.entries[0]?.id);
  });

  test("and not of a rollback: that would undo the undoing", async () => {
    const world = await repaired();
    await rollBack(ready(await planRollback(KEY, undefined, world)), ANA, world);
    expect(await planRollback(KEY, undefined, world)).toMatchObject({
      kind: "refused",
      reason: expect.stringContaining("already what it was before"),
    });
  });
});

describe("a rollback that can't be says what to do instead", () => {
  const reason = async (world: World, entry?: string) => {
    const plan = await planRollback(KEY, entry, world);
    return plan.kind === "refused" ? plan.reason : plan.kind;
  };

  test("of an entry that the journal does not have", async () => {
    const world = await repaired();
    expect(await reason(world, "nope")).toBe(
      `the journal has no entry \`nope\` for \`${KEY}\`; \`history\` lists them`,
    );
    expect(await reason(new World())).toBe(`the journal has no write of the guard to \`${KEY}\``);
  });

  test("of a key that is gone, or whose policy may not be read", async () => {
    const world = await repaired();
    const { history, keys } = world;
    const gone = { history, keys: { ...keys, policy: async () => ({ kind: "not-found" }) as const } };
    expect(await planRollback(KEY, undefined, gone)).toEqual({ kind: "refused", reason: "KMS knows no such key" });
    world.policies.clear();
    expect(await reason(world)).toBe("the key's policy can't be read: no resource-based policy allows it");
  });
});

test("the journal says of a rollback whose it was and why, and that it gives nothing again", async () => {
  const world = await repaired();
  const id = world.entries[0]?.id;
  await rollBack(ready(await planRollback(KEY, undefined, world)), ANA, world);
  expect(world.entries.at(-1)).toMatchObject({
    by: ANA.arn,
    regains: [],
    causes: [{ kind: "person", id: `rollback-${id}`, by: ANA.arn, reason: "not wanted" }],
  });
});

test("the hold stays where KMS took the policy and does not show it yet", async () => {
  const world = await repaired();
  const plan = ready(await planRollback(KEY, undefined, world));
  world.staleReads = 100;
  expect((await rollBack(plan, ANA, world)).kind).toBe("unverified");
  expect(world.heldKeys.get(KEY)).toMatchObject({ kind: "rollback", reason: "not wanted" });
});
