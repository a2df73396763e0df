/** When the sweep stops coming by a key, what one look does not ask twice, and what people are told of it. */
import { describe, expect, test } from "vitest";
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import type { Cause, KeyJob } from "../../../packages/core/src/key/job.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import type { Agent } from "../../../packages/core/src/ports.ts";
import { problemsIn } from "../support/announcer.ts";
import { type Call, recorded } from "../support/recorded.ts";
import {
  ADMIN_STATEMENT,
  agent,
  DEFAULT_POLICY,
  jobFor,
  KEY,
  OTHER_ROLE,
  policyOf,
  SETTINGS,
  World,
} from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB", { roleArn: OTHER_ROLE });
const OTHER_KEY = KEY.replace("key/1111", "key/9999") as KeyArn;
const _FOREIGN_KEY = KEY.replace("111122223333", "999988887777") as KeyArn;
const MINUTE = 60_000;

const fresh = (...agents: readonly Agent[]) => new World().withKey(DEFAULT_POLICY).put(...agents);
const look = (world: World, changes: Partial<KeyJob> = {}) => reconcileKey(jobFor(changes), world, SETTINGS);
const sweep = (at: string, whole = true): Cause => ({ kind: "sweep", id: at, at, whole });
const cause = (first: Cause, ...others: readonly Cause[]): Partial<KeyJob> => ({ causes: [first, ...others] });

async function repairedFor(...agents: readonly Agent[]): Promise<World> {
  const world = fresh(...agents);
  await look(world);
  world.pass(2 * MINUTE);
  return world;
}

function gone(world: World, { id }: Agent): void {
  world.live.delete(id);
  world.known.delete(id);
}

/** What is asked of the outside, in a look that goes well. */
async function calls(world: World, changes: Partial<KeyJob> = {}): Promise<readonly Call[]> {
  const made: Call[] = [];
  await reconcileKey(jobFor(changes), recorded(world, made), SETTINGS);
  return made;
}
const _namesOf = (made: readonly Call[]) => made.map(({ name }) => name);

describe("the sweep stops coming by a key", () => {
  const SWEEP = cause(sweep("2026-11-23T09:00:00.000Z"));
  const dropped = async (world: World, job: Partial<KeyJob>) => {
    await look(world, job);
    return world.droppedKeys.has(KEY);
  };

  test("when a whole one has found no agent on it", async () => {
    expect(await dropped(fresh(), SWEEP)).toBe(true);
    expect(await dropped(fresh(), cause(sweep("2026-11-23T09:00:00.000Z", false)))).toBe(false);
    expect(await dropped(fresh(), {})).toBe(false);
  });

  test("not while an agent is on it, even if nothing of the guard's is needed", async () => {
    const world = await repairedFor(A);
    const renamed = (world.policies.get(KEY) ?? "").replaceAll("BedrockKeyGuard", "Ours");
    world.policies.set(KEY, renamed);
    expect(await dropped(world, SWEEP)).toBe(false);
    expect(world.writes).toHaveLength(1);
  });

  test("not while there is something to tell of it, or an agent that is being changed might be on it", async () => {
    const left = fresh(A);
    left.live.set(A.id, { ...A, keyArn: OTHER_KEY });
    expect(await dropped(left, { ...SWEEP, agents: [A.id] })).toBe(false);
    const changing = fresh();
    changing.live.set(A.id, { ...A, keyArn: OTHER_KEY, status: "UPDATING" });
    expect(await dropped(changing, { ...SWEEP, agents: [A.id] })).toBe(false);
  });

  test("not while its policy holds a statement of the guard's, edited or not", async () => {
    for (const edit of [(text: string) => text, (text: string) => text.replace("kms:ListGrants", "kms:List*")]) {
      const world = await repairedFor(A);
      const { Statement } = JSON.parse(world.policies.get(KEY) ?? "");
      world.policies.set(KEY, edit(policyOf(ADMIN_STATEMENT, Statement[3])));
      gone(world, A);
      expect(await dropped(world, SWEEP)).toBe(false);
    }
  });

  test("when what was the guard's in it is gone, too", async () => {
    const world = await repairedFor(A);
    gone(world, A);
    world.policies.set(KEY, DEFAULT_POLICY);
    expect(await dropped(world, SWEEP)).toBe(true);
  });
});

describe("in one look", () => {
  test("each agent is read once, though it starts over", async () => {
    const world = fresh(A, B);
    world.live.set(A.id, { ...A, name: "renamed" });
    const read = (await calls(world)).filter(({ name }) => name === "agents.get").map(({ args }) => args[0]);
    expect(read).toEqual([A.id, B.id]);
    expect(world.writes).toHaveLength(1);
  });

  test("nobody is read for what is only taken out, but those that it is taken from", async () => {
    const world = await repairedFor(A, B);
    gone(world, B);
    await look(world);
    world.pass(5 * MINUTE);
    const read = (await calls(world)).filter(({ name }) => name === "agents.get").map(({ args }) => args[0]);
    expect(read).toEqual([B.id]);
    expect(world.writes).toHaveLength(2);
  });

  test("a role is given up after the latest of several sweeps", async () => {
    const world = await repairedFor(A, B);
    gone(world, B);
    await look(world);
    world.pass(30 * MINUTE);
    const late = "2026-11-23T10:20:00.000Z";
    world.known.set(A.id, { agent: A, seenAt: "2026-11-23T10:21:00.000Z" });
    await look(world, cause(sweep(late), sweep("2026-11-23T09:00:00.000Z")));
    expect(world.policies.get(KEY)).not.toContain(OTHER_ROLE);
  });

  test("a policy that another one put and that KMS does not show yet is found out about by any look", async () => {
    const world = fresh(A);
    const at = `${world.clock.now().slice(0, 19)}Z`;
    const actor = { arn: "terraform", sessionName: undefined, invokedBy: undefined };
    const policy = policyOf({ ...ADMIN_STATEMENT, Sid: "Theirs" });
    world.foreign.push({ key: KEY, eventId: "e", at, actor, policy, byGuard: false, settled: false });
    world.pass(50_000);
    expect((await look(world, cause(sweep(at, false)))).kind).toBe("deferred");
    expect(world.writes).toEqual([]);
  });

  test("nothing is taken out while agents are still to be read", async () => {
    const many = Array.from({ length: 30 }, (_, n) => agent(`N${String(n).padStart(9, "0")}`));
    const world = await repairedFor(...many, B);
    gone(world, B);
    await look(world);
    world.pass(5 * MINUTE);
    for (const one of many) world.known.set(one.id, { agent: one, seenAt: "2026-11-23T08:00:00.000Z" });
    expect((await look(world, cause(sweep("2026-11-23T09:00:00.000Z")))).kind).toBe("deferred");
    expect(world.policies.get(KEY)).toContain(B.arn);
    expect((await look(world, cause(sweep("2026-11-23T09:00:00.000Z")))).kind).toBe("repaired");
    expect(world.policies.get(KEY)).not.toContain(B.arn);
  });
});

describe("people are told", () => {
  const WIDE = { ...ADMIN_STATEMENT, Sid: "Wide", Principal: "*", Action: "kms:Decrypt" };

  test("of a repair, which agents it was for, and no others", async () => {
    const world = await repairedFor(A);
    await look(world.put(B));
    expect(world.published.map(({ agents }) => agents.map(({ id }) => id))).toEqual([[A.id], [B.id]]);
  });

  test("again of a problem that went away and came back, though something else was waited for meanwhile", async () => {
    const world = await repairedFor(A, B);
    const repaired = world.policies.get(KEY) ?? "";
    const wide = policyOf(...JSON.parse(repaired).Statement, WIDE);
    world.policies.set(KEY, wide);
    await look(world);
    gone(world, B);
    world.policies.set(KEY, repaired);
    expect((await look(world)).kind).toBe("deferred");
    world.policies.set(KEY, wide);
    await look(world);
    const told = problemsIn(world.published).map(({ kind }) => kind);
    expect(told).toEqual(["broader-than-documented", "broader-than-documented"]);
  });

  test("again, too, of one that went away while the budget was spent", async () => {
    const world = fresh(A);
    const settings = { ...SETTINGS, budgets: { keyPerHour: 0, accountPerHour: 0 } };
    for (const policy of [policyOf(ADMIN_STATEMENT, WIDE), DEFAULT_POLICY, policyOf(ADMIN_STATEMENT, WIDE)]) {
      world.policies.set(KEY, policy);
      await reconcileKey(jobFor(), world, settings);
    }
    const told = problemsIn(world.published).map(({ kind }) => kind);
    expect(told.filter((kind) => kind === "broader-than-documented")).toHaveLength(2);
  });

  test("of a key that is held back by its tag as well as contested, both: lifting one of them is not enough", async () => {
    const world = fresh(A);
    world.heldKeys.set(KEY, { kind: "contest", by: "terraform", reason: "x", at: world.clock.now() });
    world.keyTags.set(SETTINGS.modeTag, "observe");
    const outcome = await look(world);
    expect(outcome).toMatchObject({ findings: [{ kind: "contested" }, { kind: "addition-held-back" }] });
    world.keyTags.clear();
    expect(await look(world)).toMatchObject({ kind: "proposed", findings: [{ kind: "contested" }] });
  });

  test("of an agent that moved to another key, while what it had here is taken out", async () => {
    const world = await repairedFor(A, B);
    world.live.set(B.id, { ...B, keyArn: OTHER_KEY });
    await look(world, { agents: [B.id] });
    world.pass(5 * MINUTE);
    expect(await look(world)).toMatchObject({ kind: "repaired", findings: [{ kind: "agent-swapped-key" }] });
    expect(world.policies.get(KEY)).not.toContain(B.arn);
  });

  test("of a deleted principal only where it keeps the guard from writing", async () => {
    const world = await repairedFor(A);
    const { Statement } = JSON.parse(world.policies.get(KEY) ?? "");
    const orphan = { ...ADMIN_STATEMENT, Sid: "Old", Principal: { AWS: "AROAEXAMPLEORPHAN0001" } };
    world.policies.set(KEY, policyOf(...Statement, orphan));
    expect(await look(world)).toEqual({ kind: "compliant" });
  });
});
