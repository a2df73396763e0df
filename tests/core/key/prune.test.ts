import { describe, expect, test } from "vitest";
import type { AgentId, KeyArn } from "../../../packages/core/src/arn.ts";
import type { KeyJob } from "../../../packages/core/src/key/job.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { agent, DEFAULT_POLICY, jobFor, KEY, OTHER_ROLE, policyOf, ROLE, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB", { roleArn: OTHER_ROLE });
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OTHER_KEY = KEY.replace("1111", "9999") as KeyArn;

async function look(world: World, changes: Partial<KeyJob> = {}) {
  return reconcileKey(jobFor(changes), world, SETTINGS);
}

/** A key that the guard repaired for these agents. */
async function repairedFor(...agents: readonly ReturnType<typeof agent>[]): Promise<World> {
  const world = new World().withKey(DEFAULT_POLICY).put(...agents);
  expect((await look(world)).kind).toBe("repaired");
  return world;
}

function gone(world: World, id: string): void {
  world.live.delete(id);
  world.known.delete(id);
}

/** A sweep reads every agent that there is, and then asks for a look at the key. */
async function sweep(world: World, whole = true) {
  world.pass(MINUTE);
  const at = world.clock.now();
  for (const { id, ...one } of world.live.values()) {
    await world.inventory.record({ id, ...one }, world.clock.now(), world.known.get(id));
  }
  return look(world, { causes: [{ kind: "sweep", id: `sweep-${at}`, at, whole }] });
}

const text = (world: World) => world.policies.get(KEY) ?? "";
/** How the guard's statements stand, by Sid. */
const sids = (world: World) => world.policyStatements().map((s) => String(s.Sid));

describe("what is given to an agent that is gone", () => {
  test("is taken out when it was confirmed gone twice, five minutes apart, and not sooner", async () => {
    const world = await repairedFor(A, B);
    gone(world, B.id);
    expect((await look(world)).kind).toBe("deferred");
    expect(world.again.at(-1)).toMatchObject({ delaySeconds: 300 });
    world.pass(4 * MINUTE);
    expect((await look(world)).kind).toBe("deferred");
    expect(world.writes).toHaveLength(1);
    world.pass(MINUTE);
    expect((await look(world)).kind).toBe("repaired");
    expect(text(world)).not.toContain(B.arn);
    expect(text(world)).toContain(A.arn);
    expect((await look(world)).kind).toBe("compliant");
  });

  test("and its role, when a whole sweep has found no other agent that uses it", async () => {
    const world = await repairedFor(A, B);
    gone(world, B.id);
    for (let i = 0; i < 4; i++) {
      await look(world);
      world.pass(5 * MINUTE);
    }
    expect(text(world)).toContain(OTHER_ROLE);
    // A look of a sweep that has not read every agent yet proves nothing.
    expect((await sweep(world, false)).kind).toBe("compliant");
    expect((await sweep(world)).kind).toBe("repaired");
    expect(text(world)).not.toContain(OTHER_ROLE);
    expect(text(world)).toContain(ROLE);
    expect((await look(world)).kind).toBe("compliant");
    expect(world.absent.get(KEY)?.size).toBe(0);
  });

  test("is told as taken out, with the way back", async () => {
    const world = await repairedFor(A, B);
    gone(world, B.id);
    await look(world);
    world.pass(5 * MINUTE);
    await sweep(world);
    const told = world.published.at(-1);
    expect(told?.headline).toContain(
      "the guard took access out of the key policy: it let agents or roles that are gone use the key",
    );
    expect(told?.diff.some((line) => line.startsWith("-") && line.includes(OTHER_ROLE))).toBe(true);
    expect(told?.text).toContain(`roll-back ${KEY}`);
  });

  test("stays while a role that it shares is needed by another agent", async () => {
    const world = await repairedFor(A, agent("CCCCCCCCCC"));
    gone(world, "CCCCCCCCCC");
    await look(world);
    world.pass(5 * MINUTE);
    await sweep(world);
    expect(text(world)).not.toContain("CCCCCCCCCC");
    expect(text(world)).toContain(ROLE);
  });

  test("goes with the last agent of the key, and the other owners' statements stay", async () => {
    const world = await repairedFor(A);
    gone(world, A.id);
    await look(world);
    world.pass(5 * MINUTE);
    expect((await sweep(world)).kind).toBe("repaired");
    expect(JSON.parse(text(world))).toEqual(JSON.parse(DEFAULT_POLICY));
    expect((await sweep(world)).kind).toBe("compliant");
    expect([...world.droppedKeys]).toEqual([KEY]);
  });
});

describe("nothing is taken out", () => {
  test("of an agent that the inventory lost, and that is there", async () => {
    const world = await repairedFor(A, B);
    world.known.delete(B.id);
    for (let i = 0; i < 3; i++) {
      expect((await look(world)).kind).toBe("compliant");
      world.pass(5 * MINUTE);
    }
    expect(world.known.has(B.id)).toBe(true);
    expect(world.writes).toHaveLength(1);
  });

  test("of a role that an agent took on with the event about it lost", async () => {
    const world = await repairedFor(A, B);
    gone(world, B.id);
    await look(world);
    world.pass(5 * MINUTE);
    const at = world.clock.now();
    // Between the sweep's reading and the look at the key.
    world.live.set(A.id, { ...A, roleArn: OTHER_ROLE });
    await look(world, { causes: [{ kind: "sweep", id: "sweep-1", at, whole: true }] });
    expect(text(world)).toContain(OTHER_ROLE);
    expect(text(world)).not.toContain(B.arn);
  });

  test("of a role that an agent uses which the guard has never heard of, before a sweep has looked for such", async () => {
    const world = await repairedFor(A, B);
    gone(world, B.id);
    world.live.set("CCCCCCCCCC", agent("CCCCCCCCCC", { roleArn: OTHER_ROLE }));
    await look(world);
    world.pass(5 * MINUTE);
    await look(world);
    expect(text(world)).toContain(OTHER_ROLE);
    await sweep(world);
    expect(text(world)).toContain(OTHER_ROLE);
    expect(text(world)).toContain("CCCCCCCCCC");
  });

  test("when an agent came back in between, before it was gone for five minutes again", async () => {
    const world = await repairedFor(A, B);
    gone(world, B.id);
    await look(world);
    world.pass(4 * MINUTE);
    world.put(B);
    await look(world);
    gone(world, B.id);
    world.pass(MINUTE);
    expect((await look(world)).kind).toBe("deferred");
    expect(text(world)).toContain(B.arn);
  });

  test("while an agent of the key can't be read, or is being changed", async () => {
    for (const blind of [
      (world: World) => void world.deniedAgents.add(A.id),
      (world: World) => void world.put({ ...A, status: "UPDATING" }),
    ]) {
      const world = await repairedFor(A, B);
      gone(world, B.id);
      blind(world);
      await look(world, { agents: [A.id as AgentId] });
      world.pass(5 * MINUTE);
      await look(world, { agents: [A.id as AgentId] });
      expect(text(world)).toContain(B.arn);
    }
  });

  test("of a role that an agent uses which can't be read, however many sweeps go by", async () => {
    const world = await repairedFor(B);
    // What Bedrock needs for the agent is somebody else's statement; the role is in the guard's.
    world.policies.set(KEY, text(world).replace("BedrockKeyGuardServiceSessions", "Theirs"));
    world.deniedAgents.add(B.id);
    for (let i = 0; i < 3; i++) {
      const at = world.clock.now();
      await look(world, { agents: [B.id], causes: [{ kind: "sweep", id: at, at, whole: true }] });
      world.pass(5 * MINUTE);
    }
    expect(text(world)).toContain(OTHER_ROLE);
  });

  test("of a version that an alias can still point at, though the draft moved to another key", async () => {
    const version = { version: "1", keyArn: KEY, roleArn: ROLE, memoryEnabled: false };
    const world = await repairedFor({ ...A, versions: [version] });
    world.put({ ...A, keyArn: OTHER_KEY, roleArn: OTHER_ROLE, versions: [version] });
    for (let i = 0; i < 2; i++) {
      await look(world, { agents: [A.id] });
      world.pass(5 * MINUTE);
    }
    expect(text(world)).toContain(A.arn);
    expect(text(world)).toContain(ROLE);

    world.put({ ...A, keyArn: OTHER_KEY, roleArn: OTHER_ROLE, versions: [] });
    await look(world, { agents: [A.id] });
    world.pass(5 * MINUTE);
    await sweep(world);
    expect(sids(world)).toEqual(["Enable IAM User Permissions"]);
  });

  test("of a statement that somebody edited", async () => {
    const world = await repairedFor(A, B);
    const edited = text(world).replace('"kms:ListGrants"', '"kms:ListGrants", "kms:RetireGrant"');
    world.policies.set(KEY, edited);
    gone(world, B.id);
    await look(world);
    world.pass(5 * MINUTE);
    const outcome = await look(world);
    expect(outcome).toMatchObject({
      kind: "alerted",
      findings: [{ kind: "own-statement-edited", severity: "medium" }],
    });
    expect(text(world)).toBe(edited);
  });
});

test("an agent that the inventory lost gets in the same look what else it needs", async () => {
  const world = await repairedFor(A, B);
  const statements = world.policyStatements().filter(({ Sid }) => Sid !== "BedrockKeyGuardRoleSessions");
  world.policies.set(KEY, policyOf(...statements));
  world.known.delete(B.id);
  world.pass(2 * MINUTE);
  expect((await look(world)).kind).toBe("repaired");
  expect(text(world)).toContain(OTHER_ROLE);
  expect(world.writes).toHaveLength(2);
});

test("where the guard may not write, what would be taken out is told as low", async () => {
  const world = await repairedFor(A, B);
  gone(world, B.id);
  world.keyTags.set("bedrock-key-guard", "observe");
  await look(world);
  world.pass(5 * MINUTE);
  expect(await look(world)).toMatchObject({ kind: "proposed", findings: [{ severity: "low" }] });
  expect(world.published.at(-1)?.headline).toContain("still names agents or roles that are gone");
});

test("on a key with more agents than one look reads, a role goes when a sweep has read them all", async () => {
  const many = Array.from({ length: 60 }, (_, i) => agent(`M${String(i).padStart(9, "0")}`));
  const world = await repairedFor(...many, B);
  gone(world, B.id);
  await look(world);
  world.pass(5 * MINUTE);
  await look(world);
  expect(text(world)).toContain(OTHER_ROLE);
  await sweep(world);
  expect(text(world)).not.toContain(OTHER_ROLE);
  expect(text(world)).toContain(many.at(-1)?.arn);
});

test("an agent that a whole sweep did not come by is read live, and what it had is taken out", async () => {
  const world = await repairedFor(A, B);
  world.live.delete(B.id);
  expect((await sweep(world)).kind).toBe("deferred");
  expect(world.known.has(B.id)).toBe(false);
  world.pass(5 * MINUTE);
  expect((await look(world)).kind).toBe("repaired");
  expect(text(world)).not.toContain(B.arn);
});

test("a role that was needed again for a while begins anew, though that look could not see everything", async () => {
  const world = await repairedFor(A, B, agent("CCCCCCCCCC"));
  gone(world, B.id);
  await look(world);
  world.pass(HOUR);
  gone(world, "CCCCCCCCCC");
  // A takes the role on, and is still being changed.
  world.put({ ...A, roleArn: OTHER_ROLE, status: "UPDATING" });
  await look(world, { agents: [A.id] });
  world.put(A);
  await look(world, { agents: [A.id] });
  await sweep(world);
  expect(text(world)).toContain(OTHER_ROLE);
  world.pass(5 * MINUTE);
  await sweep(world);
  expect(text(world)).not.toContain(OTHER_ROLE);
});
