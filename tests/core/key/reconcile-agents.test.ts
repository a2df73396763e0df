import { expect, test } from "vitest";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { agent, DEFAULT_POLICY, jobFor, KEY, OTHER_ROLE, ROLE, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB", { roleArn: OTHER_ROLE });
const sids = (world: World) => world.policyStatements().map((s) => s.Sid);

test("an agent hinted at is read live, and its former role's access is left alone", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.live.set(A.id, { ...A, roleArn: OTHER_ROLE });
  await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
  expect(world.policyStatements()[2]).toMatchObject({ Principal: { AWS: [OTHER_ROLE, ROLE] } });
});

test("a service role that IAM does not know yet stays out of the patch, and is looked at again", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.iamRoles.clear();
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
  expect(sids(world)).not.toContain("BedrockKeyGuardRoleSessions");
  expect(world.again).toMatchObject([{ job: { attempt: 1 }, delaySeconds: 15 }]);

  world.iamRoles.add(ROLE);
  await reconcileKey(jobFor({ attempt: 1 }), world, SETTINGS);
  expect(sids(world)).toContain("BedrockKeyGuardRoleSessions");
});

test("a service role that never appears is told in the end", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.iamRoles.clear();
  const outcome = await reconcileKey(jobFor({ attempt: 8 }), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "repaired", findings: [{ kind: "role-unknown" }] });
  expect(world.again).toEqual([]);
});

test("an agent that is still being created is looked at again, not concluded about", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(agent("AAAAAAAAAA", { status: "CREATING" }));
  expect((await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS)).kind).toBe("deferred");
  expect(world.writes).toEqual([]);
  expect(world.published).toEqual([]);
});

test("access is never written for an agent that is gone with its event lost", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.live.delete(A.id);
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("compliant");
  expect(world.writes).toEqual([]);
  expect(world.known.size).toBe(0);
});

test("access is written for the role that an agent has now, not for the one that the inventory remembers", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.live.set(A.id, { ...A, roleArn: OTHER_ROLE });
  await reconcileKey(jobFor(), world, SETTINGS);
  expect(world.writes).toHaveLength(1);
  expect(world.policyStatements()[2]).toMatchObject({ Principal: { AWS: [OTHER_ROLE] } });
});

test("an agent that moved to another key since it was queued gets that key looked at", async () => {
  const other = KEY.replace("1111", "9999") as typeof KEY;
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.live.set(A.id, { ...A, keyArn: other });
  await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
  expect(world.again).toMatchObject([{ job: { key: other, agents: [A.id], attempt: 0 }, delaySeconds: 0 }]);
});

test("an agent that lost its key is told", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.live.set(A.id, { ...A, keyArn: undefined });
  const outcome = await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind: "agent-lost-key", agents: [A.id] }] });
});

test("an agent that may not be read is told by name, and nothing is written for it; the others are repaired", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A, B);
  world.deniedAgents.add(A.id);
  for (const agents of [[A.id], []]) {
    const fresh = new World().withKey(DEFAULT_POLICY).put(A, B);
    fresh.deniedAgents.add(A.id);
    const outcome = await reconcileKey(jobFor({ agents }), fresh, SETTINGS);
    expect(outcome).toMatchObject({ kind: "repaired", findings: [{ kind: "agent-unreadable", agents: [A.id] }] });
    expect(JSON.stringify(fresh.policyStatements())).not.toContain(A.arn);
    expect(JSON.stringify(fresh.policyStatements())).toContain(B.arn);
  }
});

test("an agent that stays unsettled does not hold up the others, and is judged as it is in the end", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put({ ...A, status: "UPDATING" }, B);
  expect((await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS)).kind).toBe("repaired");
  expect(JSON.stringify(world.policyStatements())).not.toContain(A.arn);
  expect(world.again).toHaveLength(1);
  await reconcileKey(jobFor({ agents: [A.id], attempt: 8 }), world, SETTINGS);
  expect(JSON.stringify(world.policyStatements())).toContain(A.arn);
  expect(world.again).toHaveLength(1);
});

test("a second agent on a key that was told of already is told too", async () => {
  const world = new World().withKey(DEFAULT_POLICY, { state: "Disabled" }).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.put(B);
  await reconcileKey(jobFor(), world, SETTINGS);
  await reconcileKey(jobFor(), world, SETTINGS);
  expect(world.published).toHaveLength(2);
  expect(world.published[1]?.text).toContain(B.id);
});

test("a role that stays unknown is told once, however often the sweep comes by", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.iamRoles.clear();
  for (let sweep = 0; sweep < 3; sweep++) {
    for (const attempt of [0, 8]) await reconcileKey(jobFor({ attempt }), world, SETTINGS);
  }
  expect(world.published.filter((alert) => alert.kind === "problem")).toHaveLength(1);
});

test("an agent that may not be read stays out of the patch when another one's news starts the look over", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A, B);
  world.deniedAgents.add(A.id);
  world.live.set(B.id, { ...B, name: "renamed" });
  const outcome = await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "repaired", findings: [{ kind: "agent-unreadable", agents: [A.id] }] });
  expect(outcome.kind === "repaired" && outcome.findings).toHaveLength(1);
  expect(JSON.stringify(world.policyStatements())).not.toContain(A.arn);
});
