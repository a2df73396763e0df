/** Whom a look at a key reads live, and what it makes of what was read. */
import { describe, expect, test } from "vitest";
import type { AgentId, KeyArn } from "../../../packages/core/src/arn.ts";
import { gatherAgents, keysFor, seeAgent } from "../../../packages/core/src/key/gather.ts";
import type { KeyJob } from "../../../packages/core/src/key/job.ts";
import type { Agent, AgentStatus } from "../../../packages/core/src/ports.ts";
import { agent, jobFor, KEY, ROLE, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB");
const OTHER_KEY = KEY.replace("key/1111", "key/9999") as KeyArn;
const THIRD_KEY = KEY.replace("key/1111", "key/7777") as KeyArn;
const SWEPT = "2026-11-23T09:00:00.000Z";
const BEFORE = "2026-11-23T08:59:59.999Z";
/** Each of its own number: a version never changes. */
const version = (keyArn: KeyArn) => ({
  version: keyArn === OTHER_KEY ? "1" : "2",
  keyArn,
  roleArn: ROLE,
  memoryEnabled: false,
});
const ids = (count: number) => Array.from({ length: count }, (_, n) => `N${String(n).padStart(9, "0")}` as AgentId);

const sweeps = (...times: readonly string[]): Partial<KeyJob> => {
  const [first, ...others] = times.map((at) => ({ kind: "sweep", id: at, at, whole: true }) as const);
  return first ? { causes: [first, ...others] } : {};
};

/** The inventory has these as of then; Bedrock has them, too. */
function known(seenAt: string, ...agents: readonly Agent[]): World {
  const world = new World();
  for (const one of agents) {
    world.live.set(one.id, one);
    world.known.set(one.id, { agent: one, seenAt });
  }
  return world;
}

async function gather(world: World, changes: Partial<KeyJob> = {}, patient = true) {
  const job = jobFor(changes);
  const read: AgentId[] = [];
  const { get } = world.agents;
  world.agents.get = async (id) => {
    read.push(id);
    return get(id);
  };
  return { ...(await gatherAgents(job, job.agents, patient, world)), read };
}

describe("of the agents on a key", () => {
  test("those are read that the job speaks of, each once; the others are as the inventory knows them", async () => {
    const { read, onKey, live } = await gather(known(SWEPT, A, B), { agents: [A.id, A.id] });
    expect(read).toEqual([A.id]);
    expect(live).toEqual(new Set([A.id]));
    expect(onKey.map(({ agent: one }) => one.id)).toEqual([B.id, A.id]);
  });

  test("those that a whole sweep did not come by are read too, and no others", async () => {
    for (const [seenAt, read] of [
      [BEFORE, [A.id]],
      [SWEPT, []],
    ] as const) {
      expect((await gather(known(seenAt, A), sweeps(SWEPT))).read).toEqual(read);
    }
  });

  test("and that is the first of several sweeps: each has read everybody that there was", async () => {
    const between = "2026-11-23T09:30:00.000Z";
    expect((await gather(known(between, A), sweeps("2026-11-23T09:40:00.000Z", SWEPT))).read).toEqual([]);
    expect((await gather(known(BEFORE, A), sweeps("2026-11-23T09:40:00.000Z", SWEPT))).read).toEqual([A.id]);
  });

  test("twenty-five are read of those that a sweep did not come by; the rest is said to be unread", async () => {
    const many = ids(30).map((id) => agent(id));
    const { read, unread } = await gather(known(BEFORE, ...many), sweeps(SWEPT));
    expect(read).toEqual(ids(25));
    expect(unread).toEqual(ids(30).slice(25));
  });

  test("one that the job speaks of takes nobody's place", async () => {
    const many = ids(26).map((id) => agent(id));
    const { read, unread } = await gather(known(BEFORE, ...many), { ...sweeps(SWEPT), agents: ids(1) });
    expect(new Set(read)).toEqual(new Set(ids(26)));
    expect(unread).toEqual([]);
  });

  test("one that a sweep did not come by and that is there is noted as seen now", async () => {
    const world = known(BEFORE, A);
    await gather(world, sweeps(SWEPT));
    expect((world.known.get(A.id)?.seenAt ?? "") > SWEPT).toBe(true);
  });

  test("one that has left the key is not on it", async () => {
    const world = known(SWEPT, A, B);
    world.live.set(A.id, { ...A, keyArn: OTHER_KEY });
    const { onKey, settled } = await gather(world, { agents: [A.id] });
    expect(onKey.map(({ agent: one }) => one.id)).toEqual([B.id]);
    expect(settled.map(({ id }) => id)).toEqual([B.id]);
  });

  test("one that the key's own list knows is forgotten when it is gone, though its record went before", async () => {
    const world = known(SWEPT, B, A);
    world.live.delete(A.id);
    world.inventory.agent = async () => undefined;
    await gather(world, { agents: [A.id] });
    expect([...world.known.keys()]).toEqual([B.id]);
  });

  test("one whose versions may not be listed is not read: it is told as denied", async () => {
    const world = known(SWEPT, A);
    world.agents.versions = async () => ({ kind: "denied", message: "no bedrock:ListAgentVersions" });
    const { denied, onKey } = await gather(world, { agents: [A.id] });
    expect(denied).toEqual([{ id: A.id, message: "no bedrock:ListAgentVersions" }]);
    expect(onKey).toEqual([]);
  });

  test.for<[AgentStatus, boolean, boolean]>([
    ["PREPARED", true, true],
    ["FAILED", true, true],
    ["CREATING", false, true],
    ["UPDATING", false, true],
    ["DELETING", false, false],
  ])("one that is %s is judged at once: %s; when there is no more patience: %s", async ([status, patient, last]) => {
    for (const [isPatient, judged] of [
      [true, patient],
      [false, last],
    ] as const) {
      const { settled, unsettled } = await gather(known(SWEPT, { ...A, status }), { agents: [A.id] }, isPatient);
      expect(settled.map(({ id }) => id)).toEqual(judged ? [A.id] : []);
      expect(unsettled).toEqual(patient ? [] : [A.id]);
    }
  });
});

describe("a change that no event told of has the agent's other keys looked at", () => {
  const queued = async (before: Agent | undefined, now: Agent | undefined) => {
    const world = before ? known(SWEPT, before) : new World();
    world.live.clear();
    if (now) world.live.set(now.id, now);
    await gather(world, { agents: [A.id] });
    return world.again.map(({ job, delaySeconds }) => [job.key, job.agents, job.attempt, delaySeconds]);
  };
  const on = (...versions: readonly KeyArn[]) => ({ ...A, versions: versions.map((key) => version(key)) });

  test("those that it uses now, with the agent to be read there, and those that it left", async () => {
    expect(await queued(on(THIRD_KEY), on(OTHER_KEY))).toEqual([
      [OTHER_KEY, [A.id], 0, 0],
      [THIRD_KEY, [], 0, 0],
    ]);
  });

  test("all of a new agent's, and all of one that is gone, but for the key that is looked at", async () => {
    expect(await queued(undefined, on(OTHER_KEY))).toEqual([[OTHER_KEY, [A.id], 0, 0]]);
    expect(await queued(on(OTHER_KEY), undefined)).toEqual([[OTHER_KEY, [], 0, 0]]);
  });

  test("and none where it uses the same ones, or where it may not be read", async () => {
    expect(await queued(on(OTHER_KEY), on(OTHER_KEY))).toEqual([]);
    const world = known(SWEPT, on(OTHER_KEY));
    world.deniedAgents.add(A.id);
    await gather(world, { agents: [A.id] });
    expect(world.again).toEqual([]);
  });
});

describe("the keys to look at for an agent", () => {
  const keys = async (world: World) => keysFor(await seeAgent(A.id, world));
  const before = { ...A, versions: [version(OTHER_KEY)] };

  test("are those that it uses, to be read there, and those that it left", async () => {
    const world = known(SWEPT, before);
    world.live.set(A.id, { ...A, keyArn: OTHER_KEY });
    expect(await keys(world)).toEqual([
      { key: OTHER_KEY, hint: true },
      { key: KEY, hint: false },
    ]);
  });

  test("are all that it was on, where it is gone; where it may not be read, to tell that there", async () => {
    const world = known(SWEPT, before);
    world.live.clear();
    expect((await keys(world)).map(({ hint }) => hint)).toEqual([false, false]);
    world.deniedAgents.add(A.id);
    expect((await keys(world)).map(({ hint }) => hint)).toEqual([true, true]);
  });
});
