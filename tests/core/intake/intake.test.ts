import { expect, test } from "vitest";
import type { AgentId, KeyArn, RoleArn } from "../../../packages/core/src/arn.ts";
import type { EventCause } from "../../../packages/core/src/intake/event.ts";
import { takeIn } from "../../../packages/core/src/intake/intake.ts";
import { ACCOUNT, agent, KEY, ROLE, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const GUARD = { guardRoleArn: `arn:aws:iam::${ACCOUNT}:role/guard-reconcile` as RoleArn };
const OLD_KEY = KEY.replace("1111", "8888") as KeyArn;
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
  expect(await takeIn({ kind: "agent-changed", agent: A.id, cause }, world, GUARD)).toEqual({
    kind: "queued",
    keys: [KEY],
  });
  expect(world.queued).toEqual([{ key: KEY, agents: [A.id], causes: [cause], attempt: 0 }]);
  expect(world.known.get(A.id)?.agent).toEqual(A);
});

test("an agent that moved to another key queues both, and each look reads it live", async () => {
  const world = new World().put(A);
  world.live.set(A.id, { ...A, keyArn: NEW_KEY });
  await takeIn({ kind: "agent-changed", agent: A.id, cause }, world, GUARD);
  expect(world.queued.map(({ key, agents }) => ({ key, agents }))).toEqual([
    { key: NEW_KEY, agents: [A.id] },
    { key: KEY, agents: [A.id] },
  ]);
});

test("an agent queues the key of its draft and of each version, each once", async () => {
  const world = new World();
  const version = (number: string, keyArn: KeyArn | undefined) => ({
    version: number,
    roleArn: ROLE,
    keyArn,
    memoryEnabled: false,
  });
  world.live.set(A.id, { ...A, versions: [version("1", OLD_KEY), version("2", OLD_KEY), version("3", undefined)] });
  await takeIn({ kind: "agent-changed", agent: A.id, cause }, world, GUARD);
  expect(world.queued.map(({ key }) => key)).toEqual([KEY, OLD_KEY]);

  world.queued.length = 0;
  world.live.set(A.id, A);
  await takeIn({ kind: "agent-changed", agent: A.id, cause }, world, GUARD);
  expect(world.queued.map(({ key }) => key)).toEqual([KEY, OLD_KEY]);
});

test("an agent that is gone is forgotten, and its former key looked at", async () => {
  const world = new World().put(A);
  world.live.clear();
  await takeIn({ kind: "agent-changed", agent: A.id, cause }, world, GUARD);
  expect(world.known.size).toBe(0);
  expect(world.queued).toMatchObject([{ key: KEY, agents: [A.id] }]);
});

test("an agent without a customer managed key is dropped with a reason", async () => {
  const world = new World();
  world.live.set(A.id, { ...A, keyArn: undefined });
  expect((await takeIn({ kind: "agent-changed", agent: A.id, cause }, world, GUARD)).kind).toBe("dropped");
  expect((await takeIn({ kind: "agent-changed", agent: "ZZZZZZZZZZ" as AgentId, cause }, world, GUARD)).kind).toBe(
    "dropped",
  );
});

test("an agent that lost its key is the former key's business, and named there", async () => {
  const world = new World().put(A);
  world.live.set(A.id, { ...A, keyArn: undefined });
  await takeIn({ kind: "agent-changed", agent: A.id, cause }, world, GUARD);
  expect(world.queued).toMatchObject([{ key: KEY, agents: [A.id] }]);
});

test("an agent that may not be read is looked at on the key that is known for it; without one, the message fails", async () => {
  const world = new World().put(A);
  world.deniedAgents.add(A.id);
  await takeIn({ kind: "agent-changed", agent: A.id, cause }, world, GUARD);
  expect(world.queued).toMatchObject([{ key: KEY, agents: [A.id] }]);
  world.known.clear();
  await expect(takeIn({ kind: "agent-changed", agent: A.id, cause }, world, GUARD)).rejects.toThrow("may not be read");
});

test("after a crash before the inventory was written, both keys are queued again", async () => {
  const world = new World().put(A);
  world.live.set(A.id, { ...A, keyArn: NEW_KEY });
  const { record } = world.inventory;
  world.inventory.record = async () => {
    throw new Error("crash");
  };
  await expect(takeIn({ kind: "agent-changed", agent: A.id, cause }, world, GUARD)).rejects.toThrow("crash");
  world.inventory.record = record;
  world.queued.length = 0;
  await takeIn({ kind: "agent-changed", agent: A.id, cause }, world, GUARD);
  expect(world.queued.map(({ key }) => key)).toEqual([NEW_KEY, KEY]);
});
