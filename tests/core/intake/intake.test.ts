import { expect, test } from "vitest";
import type { AgentId, KeyArn } from "../../../packages/core/src/arn.ts";
import type { EventCause } from "../../../packages/core/src/intake/event.ts";
import { takeIn } from "../../../packages/core/src/intake/intake.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { startSweep, sweepAgent, sweepPage } from "../../../packages/core/src/sweep/sweep.ts";
import { ACCOUNT, agent, DEFAULT_POLICY, jobFor, KEY, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const NEW_KEY = KEY.replace("1111", "9999") as KeyArn;
const cause: EventCause = {
  kind: "event",
  id: "event-1",
  eventName: "UpdateAgent",
  actor: { arn: `arn:aws:iam::${ACCOUNT}:user/ana`, sessionName: undefined, invokedBy: undefined },
  at: "2026-11-23T10:00:00.000Z",
};

test("an agent's event queues its key, hinting at the agent", async () => {
  const world = new World();
  world.live.set(A.id, A);
  expect(await takeIn({ kind: "agent-changed", agent: A.id, cause }, world)).toEqual({ kind: "queued", keys: [KEY] });
  expect(world.queued).toEqual([{ key: KEY, agents: [A.id], causes: [cause], attempt: 0 }]);
  expect(world.known.get(A.id)?.agent).toEqual(A);
});

test("an agent that moved to another key queues both, and hints at itself on the new one only", async () => {
  const world = new World().put(A);
  world.live.set(A.id, { ...A, keyArn: NEW_KEY });
  await takeIn({ kind: "agent-changed", agent: A.id, cause }, world);
  expect(world.queued.map(({ key, agents }) => ({ key, agents }))).toEqual([
    { key: NEW_KEY, agents: [A.id] },
    { key: KEY, agents: [] },
  ]);
});

test("an agent that is gone is forgotten, and its former key looked at", async () => {
  const world = new World().put(A);
  world.live.clear();
  await takeIn({ kind: "agent-changed", agent: A.id, cause }, world);
  expect(world.known.size).toBe(0);
  expect(world.queued).toMatchObject([{ key: KEY, agents: [] }]);
});

test("an agent without a customer managed key is dropped with a reason", async () => {
  const world = new World();
  world.live.set(A.id, { ...A, keyArn: undefined });
  expect((await takeIn({ kind: "agent-changed", agent: A.id, cause }, world)).kind).toBe("dropped");
  expect((await takeIn({ kind: "agent-changed", agent: "ZZZZZZZZZZ" as AgentId, cause }, world)).kind).toBe("dropped");
});

test("a key that no agent uses is dropped, but never before the first sweep has finished", async () => {
  const world = new World();
  const event = { kind: "key-changed", key: KEY, cause, policy: undefined } as const;
  expect((await takeIn(event, world)).kind).toBe("dropped");
  world.sweepEverFinished = false;
  expect((await takeIn(event, world)).kind).toBe("queued");
});

test("the guard's own write comes back as an event and is dropped; the same key's next foreign write is not", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  const written = world.policies.get(KEY);
  const event = { kind: "key-changed", key: KEY, cause } as const;
  expect((await takeIn({ ...event, policy: written }, world)).kind).toBe("dropped");
  expect((await takeIn({ ...event, policy: DEFAULT_POLICY }, world)).kind).toBe("queued");
});

test("a sweep reads every agent, queues each key once a page, and says when it is done", async () => {
  const world = new World();
  world.sweepEverFinished = false;
  for (let i = 0; i < 23; i++) {
    const one = agent(`AAAAAAAA${String(i).padStart(2, "0")}`, i % 2 ? { keyArn: NEW_KEY } : {});
    world.live.set(one.id, one);
  }
  await startSweep("sweep-1", world);
  for (const page of world.pages) await sweepPage(page, world);
  expect(world.pages.map((page) => page.pageNumber)).toEqual([1, 2, 3]);
  expect(world.queued).toHaveLength(6);
  expect(new Set(world.queued.map((job) => job.causes[0].id + job.key)).size).toBe(6);
  expect(world.queued.flatMap((job) => job.agents)).toHaveLength(23);
  expect(world.known.size).toBe(23);
  expect(world.sweepEverFinished).toBe(true);
});

test("an agent that can't be read does not stop the sweep: it is tried again by itself", async () => {
  const world = new World().put(A);
  const B = agent("BBBBBBBBBB");
  world.live.set(B.id, B);
  const { get } = world.agents;
  world.agents.get = async (id) => {
    if (id === A.id) throw new Error("access denied");
    return get(id);
  };
  const swept = await sweepPage({ sweepId: "sweep-1", pageNumber: 1, nextToken: undefined, unread: 0 }, world);
  expect(swept).toEqual({ agents: 2, keys: 1, unread: 1, finished: true });
  expect(world.lone).toEqual([{ sweepId: "sweep-1", agent: A.id }]);
  await expect(sweepAgent({ sweepId: "sweep-1", agent: A.id }, world)).rejects.toThrow("access denied");

  world.agents.get = get;
  await sweepAgent({ sweepId: "sweep-1", agent: A.id }, world);
  expect(world.queued.map((job) => job.agents)).toEqual([[B.id], [A.id]]);
});

test("an agent that lost its key is the former key's business, and named there", async () => {
  const world = new World().put(A);
  world.live.set(A.id, { ...A, keyArn: undefined });
  await takeIn({ kind: "agent-changed", agent: A.id, cause }, world);
  expect(world.queued).toMatchObject([{ key: KEY, agents: [A.id] }]);
});

test("an agent that may not be read is looked at on the key that is known for it; without one, the message fails", async () => {
  const world = new World().put(A);
  world.deniedAgents.add(A.id);
  await takeIn({ kind: "agent-changed", agent: A.id, cause }, world);
  expect(world.queued).toMatchObject([{ key: KEY, agents: [A.id] }]);
  world.known.clear();
  await expect(takeIn({ kind: "agent-changed", agent: A.id, cause }, world)).rejects.toThrow("may not be read");
});

test("after a crash before the inventory was written, both keys are queued again", async () => {
  const world = new World().put(A);
  world.live.set(A.id, { ...A, keyArn: NEW_KEY });
  const { record } = world.inventory;
  world.inventory.record = async () => {
    throw new Error("crash");
  };
  await expect(takeIn({ kind: "agent-changed", agent: A.id, cause }, world)).rejects.toThrow("crash");
  world.inventory.record = record;
  world.queued.length = 0;
  await takeIn({ kind: "agent-changed", agent: A.id, cause }, world);
  expect(world.queued.map(({ key }) => key)).toEqual([NEW_KEY, KEY]);
});

test("the guard's own document put again later, by someone else, is looked at", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  const policy = world.policies.get(KEY);
  const later = { ...cause, at: "2026-11-23T11:00:00.000Z" };
  expect((await takeIn({ kind: "key-changed", key: KEY, cause: later, policy }, world)).kind).toBe("queued");
});

test("a sweep that could not read every agent has not finished: no key is dropped as unrelated yet", async () => {
  const world = new World();
  world.sweepEverFinished = false;
  world.live.set(A.id, A);
  world.deniedAgents.add(A.id);
  const swept = await sweepPage({ sweepId: "sweep-1", pageNumber: 1, nextToken: undefined, unread: 0 }, world);
  expect(swept).toMatchObject({ unread: 1, finished: true });
  expect(world.sweepEverFinished).toBe(false);
});
