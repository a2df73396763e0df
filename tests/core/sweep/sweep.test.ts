import { describe, expect, test } from "vitest";
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import type { Agent, AgentVersion } from "../../../packages/core/src/ports.ts";
import { startSweep, sweepAgent, sweepPage } from "../../../packages/core/src/sweep/sweep.ts";
import { sweepKeys } from "../../../packages/core/src/sweep/sweep-keys.ts";
import { agent, KEY, ROLE, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB");
const OTHER_KEY = KEY.replace("1111", "9999") as KeyArn;
const STARTED = "2026-11-23T10:00:04.000Z";
const FIRST_PAGE = { sweepId: "sweep-1", startedAt: STARTED, pageNumber: 1, nextToken: undefined, unread: 0 };

function version(number: string, keyArn: KeyArn | undefined = KEY): AgentVersion {
  return { version: number, roleArn: ROLE, keyArn, memoryEnabled: false };
}

/** Bedrock has these; the inventory has them as they were before the sweep. */
function worldOf(...agents: readonly Agent[]): World {
  const world = new World();
  for (const one of agents) {
    world.live.set(one.id, one);
    world.known.set(one.id, { agent: one, seenAt: "2026-11-23T04:00:00.000Z" });
  }
  return world;
}

/** Which operations Bedrock was asked, in order. */
function askedOf(world: World): string[] {
  const asked: string[] = [];
  const { get, version: one } = world.agents;
  world.agents.get = async (id) => {
    asked.push(`GetAgent ${id}`);
    return get(id);
  };
  world.agents.version = async (id, number) => {
    asked.push(`GetAgentVersion ${id} ${number}`);
    return one(id, number);
  };
  return asked;
}

async function wholeSweep(world: World, sweepId = "sweep-1"): Promise<void> {
  await startSweep(sweepId, world);
  for (const page of world.pages) await sweepPage(page, world);
  for (const keys of world.keyPages) await sweepKeys(keys, world);
}

describe("a sweep", () => {
  test("reads every agent, then looks at every key exactly once, and says when it is done", async () => {
    const world = new World();
    world.sweepEverFinished = false;
    const key = (n: number) => KEY.replace("1111", String(5_000 + n)) as KeyArn;
    for (let i = 0; i < 33; i++) {
      const one = agent(`AAAAAAAA${String(i).padStart(2, "0")}`, { keyArn: key(i % 25), versions: [version("1")] });
      world.live.set(one.id, one);
    }
    await wholeSweep(world);
    expect(world.pages.map((page) => page.pageNumber)).toEqual([1, 2, 3, 4]);
    expect(world.known.size).toBe(33);
    expect(world.keyPages).toHaveLength(3);
    const keys = [KEY, ...Array.from({ length: 25 }, (_, n) => key(n))];
    expect(world.queued.map((job) => job.key).sort()).toEqual(keys.sort());
    const startedAt = world.pages[0]?.startedAt;
    for (const job of world.queued) {
      expect(job).toMatchObject({
        agents: [],
        causes: [{ kind: "sweep", id: "sweep-1", at: startedAt, whole: true }],
        attempt: 0,
      });
    }
    expect(world.sweepEverFinished).toBe(true);
    expect(world.sweep).toMatchObject({ sweepId: "sweep-1", startedAt, finishedAt: expect.any(String) });
  });

  test("notes of each agent that it was there, also where nothing changed", async () => {
    const world = worldOf(A, B);
    await wholeSweep(world);
    for (const { seenAt } of world.known.values()) expect(seenAt >= (world.sweep?.startedAt ?? "9")).toBe(true);
  });

  test("leaves an agent that is not in the list with its old date, and looks at its key", async () => {
    const world = worldOf(A);
    world.live.clear();
    await wholeSweep(world);
    expect(world.known.get(A.id)?.seenAt).toBe("2026-11-23T04:00:00.000Z");
    expect(world.queued).toMatchObject([{ key: KEY, agents: [] }]);
  });

  test("looks at a key that no agent uses any more until it is dropped", async () => {
    const world = worldOf(A);
    world.everOn.add(OTHER_KEY);
    await wholeSweep(world);
    expect(world.queued.map(({ key }) => key)).toEqual([KEY, OTHER_KEY]);
  });

  test("that began and never ended is told in the log when the next begins, once", async () => {
    const world = worldOf(A);
    const warned: string[] = [];
    const log = { ...world.log, warn: (message: string) => void warned.push(message) };
    const start = (sweepId: string) => {
      const { sweepQueue, sweepLog, clock } = world;
      return startSweep(sweepId, { sweepQueue, sweepLog, clock, log });
    };
    await start("sweep-1");
    await start("sweep-1");
    expect(warned).toEqual([]);
    await start("sweep-2");
    expect(warned).toEqual(["the sweep before this one has not finished"]);
    await sweepKeys({ sweepId: "sweep-2", startedAt: STARTED, after: undefined, unread: 0 }, world);
    await start("sweep-3");
    expect(warned).toHaveLength(1);
  });

  test("keeps its beginning when its start is delivered again", async () => {
    const world = worldOf(A);
    await startSweep("sweep-1", world);
    world.pass(5_000);
    await startSweep("sweep-1", world);
    expect(new Set(world.pages.map(({ startedAt }) => startedAt)).size).toBe(1);
    expect(world.sweep?.startedAt).toBe(world.pages[0]?.startedAt);
  });
});

describe("a page of a sweep", () => {
  test("queues the keys that an agent no longer uses, before it forgets that it used them", async () => {
    const before = { ...A, versions: [version("1", OTHER_KEY)] };
    const world = worldOf(before);
    world.live.set(A.id, { ...A, keyArn: undefined });
    const { record } = world.inventory;
    world.inventory.record = async () => {
      throw new Error("crash");
    };
    await expect(sweepPage(FIRST_PAGE, world)).rejects.toThrow("crash");
    const looks = world.queued.map(({ key, agents, causes }) => ({ key, agents, cause: causes[0] }));
    const cause = { kind: "sweep", id: `sweep-1/${A.id}`, at: STARTED, whole: false };
    expect(looks).toEqual([KEY, OTHER_KEY].sort().map((key) => ({ key, agents: [A.id], cause })));

    world.inventory.record = record;
    expect(await sweepPage(FIRST_PAGE, world)).toEqual({ agents: 1, looks: 2, unread: 0, last: true });
    expect(world.queued.slice(2)).toEqual(world.queued.slice(0, 2));
    expect(world.known.get(A.id)?.agent.keyArn).toBeUndefined();
  });

  test("queues no key that an agent still uses: all keys come when all agents are read", async () => {
    const world = worldOf({ ...A, versions: [version("1", OTHER_KEY)] });
    world.live.set(A.id, { ...A, keyArn: OTHER_KEY, versions: [version("1", OTHER_KEY), version("2")] });
    expect(await sweepPage(FIRST_PAGE, world)).toMatchObject({ looks: 0 });
    expect(world.queued).toEqual([]);
  });

  test.each(["CREATING", "PREPARING", "UPDATING", "VERSIONING", "DELETING"] as const)(
    "queues the keys of an agent that is %s: what was read of it is not what it will be",
    async (status) => {
      const world = worldOf(A);
      world.live.set(A.id, { ...A, status, versions: [version("1", OTHER_KEY)] });
      await sweepPage(FIRST_PAGE, world);
      expect(world.queued.map(({ key, agents }) => ({ key, agents }))).toEqual([
        { key: KEY, agents: [A.id] },
        { key: OTHER_KEY, agents: [A.id] },
      ]);
    },
  );

  test("reads a version once in its life", async () => {
    const world = worldOf({ ...A, versions: [version("1")] });
    world.live.set(A.id, { ...A, versions: [version("1"), version("2")] });
    const asked = askedOf(world);
    await sweepPage(FIRST_PAGE, world);
    await sweepPage({ ...FIRST_PAGE, sweepId: "sweep-2", startedAt: "2026-11-23T16:00:00.000Z" }, world);
    expect(asked).toEqual([`GetAgent ${A.id}`, `GetAgentVersion ${A.id} 2`, `GetAgent ${A.id}`]);
  });

  test("that broke off goes on behind the agents that were read, and reads none of them again", async () => {
    const world = worldOf(A, B);
    const { record } = world.inventory;
    world.inventory.record = async (read, seenAt, former) => {
      if (read.id === B.id) throw new Error("crash");
      return record(read, seenAt, former);
    };
    await expect(sweepPage(FIRST_PAGE, world)).rejects.toThrow("crash");
    expect([world.pages, world.keyPages]).toEqual([[], []]);
    world.inventory.record = record;
    const asked = askedOf(world);
    await sweepPage(FIRST_PAGE, world);
    expect(asked).toEqual([`GetAgent ${B.id}`]);
    expect(world.keyPages).toEqual([{ sweepId: "sweep-1", startedAt: STARTED, after: undefined, unread: 0 }]);
  });

  test("reads no agent that was read at the moment that the sweep began", async () => {
    const world = worldOf(A);
    world.known.set(A.id, { agent: A, seenAt: STARTED });
    const asked = askedOf(world);
    await sweepPage(FIRST_PAGE, world);
    expect(asked).toEqual([]);
  });

  test("forgets a listed agent that is gone by the time it is read, and has its keys looked at", async () => {
    const world = worldOf(A);
    world.agents.get = async () => ({ kind: "not-found" });
    await sweepPage(FIRST_PAGE, world);
    expect(world.known.size).toBe(0);
    expect(world.queued).toMatchObject([{ key: KEY, agents: [A.id] }]);
  });
});

describe("an agent that can't be read", () => {
  test("does not stop the sweep: it is tried again by itself, and all its keys are looked at then", async () => {
    const world = worldOf(B);
    world.live.set(A.id, A);
    const { get } = world.agents;
    world.agents.get = async (id) => {
      if (id === A.id) throw new Error("bedrock is down");
      return get(id);
    };
    expect(await sweepPage(FIRST_PAGE, world)).toEqual({ agents: 2, looks: 0, unread: 1, last: true });
    const alone = { sweepId: "sweep-1", startedAt: STARTED, agent: A.id };
    expect(world.lone).toEqual([alone]);
    await expect(sweepAgent(alone, world)).rejects.toThrow("bedrock is down");

    world.agents.get = get;
    await sweepAgent(alone, world);
    const cause = { kind: "sweep", id: `sweep-1/${A.id}`, at: STARTED, whole: false };
    expect(world.queued).toEqual([{ key: KEY, agents: [A.id], causes: [cause], attempt: 0 }]);
    expect(world.known.get(A.id)?.agent).toEqual(A);
  });

  test("keeps its sweep from counting as finished: no key is dropped as unrelated yet", async () => {
    const world = new World();
    world.sweepEverFinished = false;
    const many = Array.from({ length: 12 }, (_, n) => agent(`AAAAAAAA${String(n).padStart(2, "0")}`));
    for (const one of many) world.live.set(one.id, one);
    world.deniedAgents.add(many[0]?.id ?? "");
    world.deniedAgents.add(many[11]?.id ?? "");
    await wholeSweep(world);
    expect(world.keyPages).toMatchObject([{ unread: 2 }]);
    expect(world.queued).toMatchObject([{ key: KEY }]);
    expect([world.sweepEverFinished, world.sweep?.finishedAt]).toEqual([false, undefined]);
  });

  test("is the business of the keys that are known for it when Bedrock refuses it: their looks read it, and tell", async () => {
    const world = worldOf({ ...A, versions: [version("1", OTHER_KEY)] });
    world.deniedAgents.add(A.id);
    expect(await sweepPage(FIRST_PAGE, world)).toMatchObject({ unread: 0, looks: 2 });
    expect(world.queued.map(({ key, agents }) => ({ key, agents }))).toEqual([
      { key: KEY, agents: [A.id] },
      { key: OTHER_KEY, agents: [A.id] },
    ]);
    expect(world.known.get(A.id)?.seenAt).toBe("2026-11-23T04:00:00.000Z");
  });

  test("fails by itself when Bedrock still refuses it", async () => {
    const world = worldOf(A);
    world.deniedAgents.add(A.id);
    const alone = { sweepId: "sweep-1", startedAt: STARTED, agent: A.id };
    await expect(sweepAgent(alone, world)).rejects.toThrow(`agent \`${A.id}\` may not be read`);
  });
});

describe("the keys of a sweep", () => {
  const keysFrom = { sweepId: "sweep-1", startedAt: STARTED, after: undefined, unread: 0 };

  test("are the same looks when a page of them is delivered again", async () => {
    const world = worldOf(A, agent("CCCCCCCCCC", { keyArn: OTHER_KEY }));
    expect(await sweepKeys(keysFrom, world)).toEqual({ keys: 2, last: true, finished: true });
    await sweepKeys(keysFrom, world);
    expect(world.queued.slice(2)).toEqual(world.queued.slice(0, 2));
  });

  test("remember from page to page how many agents could not be read", async () => {
    const world = new World();
    world.sweepEverFinished = false;
    for (let n = 0; n < 12; n++) world.everOn.add(KEY.replace("1111", String(5_000 + n)) as KeyArn);
    await sweepKeys({ ...keysFrom, unread: 3 }, world);
    for (const keys of world.keyPages) await sweepKeys(keys, world);
    expect(world.keyPages).toMatchObject([{ after: world.queued[9]?.key, unread: 3 }]);
    expect([world.queued.length, world.sweepEverFinished]).toEqual([12, false]);
  });

  test("end with a sweep without agents at once", async () => {
    const world = new World();
    world.sweepEverFinished = false;
    await wholeSweep(world);
    expect(world.queued).toEqual([]);
    expect(world.sweepEverFinished).toBe(true);
  });

  test("never end by mistake: an empty page that is not the last one fails", async () => {
    const world = new World();
    world.sweepEverFinished = false;
    world.inventory.keys = async () => ({ keys: [], more: true });
    await expect(sweepKeys(keysFrom, world)).rejects.toThrow("can't go on");
    expect(world.sweepEverFinished).toBe(false);
  });
});
