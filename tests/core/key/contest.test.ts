import { describe, expect, test } from "vitest";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { agent, DEFAULT_POLICY, jobFor, KEY, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Terraform puts its own policy again, and the guard looks. */
async function removeAndLook(world: World) {
  world.pass(2 * MINUTE);
  world.policies.set(KEY, DEFAULT_POLICY);
  return reconcileKey(jobFor(), world, SETTINGS);
}

async function contestedWorld() {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  for (let i = 0; i < 3; i++) await removeAndLook(world);
  return world;
}

describe("another owner who keeps taking the guard's statements out", () => {
  test("is given way to at the third time within a day: nothing is written any more", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    await reconcileKey(jobFor(), world, SETTINGS);
    expect((await removeAndLook(world)).kind).toBe("repaired");
    expect((await removeAndLook(world)).kind).toBe("repaired");
    expect(await removeAndLook(world)).toMatchObject({ kind: "proposed", findings: [{ kind: "contested" }] });
    expect((await removeAndLook(world)).kind).toBe("proposed");
    expect(world.writes).toHaveLength(3);
    expect(world.heldKeys.get(KEY)).toMatchObject({ kind: "contest" });
  });

  test("is named, and told once what to put where, and how to go on", async () => {
    const world = await contestedWorld();
    await removeAndLook(world);
    const told = world.published.filter((alert) => alert.kind === "proposed");
    expect(told).toHaveLength(1);
    const { text } = told[0] ?? { text: "" };
    expect(text).toContain("role/terraform (session ci) keeps taking its statements out");
    for (const form of ["source_policy_documents = [jsonencode(", "addToResourcePolicy(", "`AWS::KMS::Key`"]) {
      expect(text).toContain(form);
    }
    expect(text).toContain(`resume-key ${KEY}`);
  });

  test("is no longer a contest once the policy has what it needs, and the hold is lifted", async () => {
    const world = await contestedWorld();
    const repaired = world.writes.at(-1)?.text ?? "";
    world.policies.set(KEY, repaired);
    expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("compliant");
    expect(world.heldKeys.size).toBe(0);
  });

  test("counts anew when a person has let the guard write again", async () => {
    const world = await contestedWorld();
    world.heldKeys.set(KEY, { kind: "lifted", by: "ana", reason: "mended in Terraform", at: world.clock.now() });
    expect((await removeAndLook(world)).kind).toBe("repaired");
    expect(world.writes).toHaveLength(4);
  });

  test("but not where the removals are days apart", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    await reconcileKey(jobFor(), world, SETTINGS);
    for (let i = 0; i < 5; i++) {
      world.pass(13 * HOUR);
      expect((await removeAndLook(world)).kind).toBe("repaired");
    }
    expect(world.writes).toHaveLength(6);
  });

  test("is not what new agents on the key are: each of them is one more repair", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    for (const id of ["BBBBBBBBBB", "CCCCCCCCCC", "DDDDDDDDDD", "EEEEEEEEEE"]) {
      world.put(agent(id));
      expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
    }
    expect(world.heldKeys.size).toBe(0);
  });

  test("is seen through an attempt that came to nothing in between", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    await reconcileKey(jobFor(), world, SETTINGS);
    await removeAndLook(world);
    await removeAndLook(world);
    world.refuseNextPut = { code: "AccessDeniedException", message: "not now" };
    // The third removal is seen before anything is put.
    expect((await removeAndLook(world)).kind).toBe("proposed");
    expect(world.writes).toHaveLength(3);
  });
});

test("what KMS still shows of before the guard's last write is no removal: it is looked at again", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.policies.set(KEY, DEFAULT_POLICY);
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("deferred");
  expect(world.writes).toHaveLength(1);
  world.pass(MINUTE);
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
});
