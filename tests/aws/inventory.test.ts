import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamoInventory } from "../../packages/aws/src/inventory.ts";
import { itemKey } from "../../packages/aws/src/table.ts";
import type { Agent, Inventory } from "../../packages/core/src/ports.ts";
import { startTable } from "./dynalite.ts";
import { crashAfter, empty, itemsOf } from "./faulty-table.ts";
import { sampleAgent, sampleAgentId, sampleKey, sampleVersion } from "./samples.ts";

let table: Awaited<ReturnType<typeof startTable>>;
let inventory: Inventory;

beforeAll(async () => {
  table = await startTable();
  inventory = dynamoInventory(table);
});
afterAll(() => table.stop());
beforeEach(() => empty(table));

const at = (second: number) => `2026-11-02T10:00:0${second}.000Z`;

async function record(agent: Agent, seenAt: string): Promise<void> {
  await inventory.record(agent, seenAt, await inventory.agent(agent.id));
}

async function idsOn(key = sampleKey()): Promise<readonly string[]> {
  return (await inventory.agentsOn(key)).map(({ agent }) => agent.id);
}

describe("the inventory", () => {
  test("gives back an agent as it was recorded, by its id and by its key", async () => {
    await record(sampleAgent(), at(1));
    expect(await inventory.agent(sampleAgentId())).toEqual({ agent: sampleAgent(), seenAt: at(1) });
    expect(await inventory.agentsOn(sampleKey())).toEqual([{ agent: sampleAgent(), seenAt: at(1) }]);
  });

  test("knows nothing of an agent or a key that was never recorded", async () => {
    expect(await inventory.agent(sampleAgentId(9))).toBeUndefined();
    expect(await idsOn(sampleKey(9))).toEqual([]);
  });

  test("lists all agents of a shared key", async () => {
    for (const n of [1, 2, 3]) await record(sampleAgent(n), at(1));
    expect(await idsOn()).toEqual([1, 2, 3].map(sampleAgentId));
  });

  test("moves an agent from its former key to its new one", async () => {
    await record(sampleAgent(1, sampleKey(1)), at(1));
    await record(sampleAgent(1, sampleKey(2)), at(2));
    expect(await idsOn(sampleKey(1))).toEqual([]);
    expect(await idsOn(sampleKey(2))).toEqual([sampleAgentId()]);
  });

  test("keeps an agent that lost its key, without a key", async () => {
    await record(sampleAgent(), at(1));
    await record({ ...sampleAgent(), keyArn: undefined }, at(2));
    expect((await inventory.agent(sampleAgentId()))?.agent.keyArn).toBeUndefined();
    expect(await idsOn()).toEqual([]);
  });

  test("is not changed by a reading that is older than what it has", async () => {
    await record(sampleAgent(1, sampleKey(1)), at(1));
    await record(sampleAgent(1, sampleKey(2)), at(3));
    const before = await itemsOf(table);
    await record(sampleAgent(1, sampleKey(3)), at(2));
    expect(await itemsOf(table)).toEqual(before);
  });

  test("does not let a late move take an agent off the key that it came back to", async () => {
    await record(sampleAgent(1, sampleKey(1)), at(1));
    const former = await inventory.agent(sampleAgentId());
    await record(sampleAgent(1, sampleKey(1)), at(3));
    await inventory.record(sampleAgent(1, sampleKey(2)), at(2), former);
    expect(await idsOn(sampleKey(1))).toEqual([sampleAgentId()]);
    expect(await idsOn(sampleKey(2))).toEqual([]);
  });

  test("forgets an agent that is gone", async () => {
    await record(sampleAgent(1), at(1));
    await record(sampleAgent(2), at(1));
    await inventory.forget({ agent: sampleAgent(1), seenAt: at(1) });
    expect(await inventory.agent(sampleAgentId(1))).toBeUndefined();
    expect(await idsOn()).toEqual([sampleAgentId(2)]);
  });

  test("lists an agent on the key of its draft and on those of its versions", async () => {
    const versions = [sampleVersion("1", sampleKey(2)), sampleVersion("2", sampleKey(2)), sampleVersion("3")];
    await record({ ...sampleAgent(), versions }, at(1));
    for (const n of [1, 2]) expect(await idsOn(sampleKey(n))).toEqual([sampleAgentId()]);
    await record({ ...sampleAgent(1, sampleKey(3)), versions: versions.slice(0, 1) }, at(2));
    expect(await idsOn(sampleKey(1))).toEqual([]);
    for (const n of [2, 3]) expect(await idsOn(sampleKey(n))).toEqual([sampleAgentId()]);
  });

  test("reads an agent that was recorded before the guard read versions", async () => {
    const { versions: _, ...draft } = sampleAgent();
    for (const where of [itemKey.agent(draft.id), itemKey.agentOnKey(sampleKey(), draft.id)]) {
      const item = { v: 1, ...where, seenAt: at(1), agent: draft };
      await table.client.send(new PutCommand({ TableName: table.name, Item: item }));
    }
    expect(await inventory.agentsOn(sampleKey())).toEqual([{ agent: sampleAgent(), seenAt: at(1) }]);
    await record(sampleAgent(1, sampleKey(2)), at(2));
    expect(await idsOn(sampleKey(1))).toEqual([]);
    expect(await idsOn(sampleKey(2))).toEqual([sampleAgentId()]);
  });

  test("says when an agent was last read, also where nothing else of it changed", async () => {
    await record(sampleAgent(), at(1));
    await record(sampleAgent(), at(2));
    expect(await inventory.agent(sampleAgentId())).toEqual({ agent: sampleAgent(), seenAt: at(2) });
    expect(await inventory.agentsOn(sampleKey())).toEqual([{ agent: sampleAgent(), seenAt: at(2) }]);
  });

  test.each([
    ["query", 0, [1]],
    ["mark", 1, [1]],
    ["key to sweep", 2, [1]],
    ["put under the new key", 3, [1, 2]],
    ["mark of the departure", 4, [1, 2]],
    ["note of the departure", 5, [1, 2]],
    ["delete under the old key", 6, [2]],
    ["delete of the old mark", 7, [2]],
  ])(
    "has an agent on a key it uses after a crash behind the %s, and ends the move when it is recorded again",
    async (_what, survived, onKeys) => {
      await record(sampleAgent(1, sampleKey(1)), at(1));
      const crashing = dynamoInventory(crashAfter(table, survived + 1));
      const former = await inventory.agent(sampleAgentId());
      await expect(crashing.record(sampleAgent(1, sampleKey(2)), at(2), former)).rejects.toThrow("crash");
      for (const n of [1, 2]) expect(await idsOn(sampleKey(n))).toEqual(onKeys.includes(n) ? [sampleAgentId()] : []);

      await record(sampleAgent(1, sampleKey(2)), at(3));
      expect(await idsOn(sampleKey(1))).toEqual([]);
      expect(await idsOn(sampleKey(2))).toEqual([sampleAgentId()]);
    },
  );

  test("takes an agent off a key that a crash left it on, though by now it is where it was before", async () => {
    await record(sampleAgent(1, sampleKey(1)), at(1));
    const crashing = dynamoInventory(crashAfter(table, 4));
    const former = await inventory.agent(sampleAgentId());
    await expect(crashing.record(sampleAgent(1, sampleKey(2)), at(2), former)).rejects.toThrow("crash");
    expect(await idsOn(sampleKey(2))).toEqual([sampleAgentId()]);
    await record(sampleAgent(1, sampleKey(1)), at(3));
    expect(await idsOn(sampleKey(1))).toEqual([sampleAgentId()]);
    expect(await idsOn(sampleKey(2))).toEqual([]);
  });

  test("forgets an agent on a key that a crash left it on, given what the key lists", async () => {
    const crashing = dynamoInventory(crashAfter(table, 4));
    await expect(crashing.record(sampleAgent(), at(1), undefined)).rejects.toThrow("crash");
    expect(await inventory.agent(sampleAgentId())).toBeUndefined();
    for (const listed of await inventory.agentsOn(sampleKey())) await inventory.forget(listed);
    expect(await idsOn()).toEqual([]);
  });

  test("leaves no agent behind on a key that another reading moved it to meanwhile", async () => {
    await record(sampleAgent(1, sampleKey(1)), at(1));
    const former = await inventory.agent(sampleAgentId());
    await inventory.record(sampleAgent(1, sampleKey(2)), at(2), former);
    await inventory.record(sampleAgent(1, sampleKey(3)), at(3), former);
    for (const n of [1, 2]) expect(await idsOn(sampleKey(n))).toEqual([]);
    expect(await idsOn(sampleKey(3))).toEqual([sampleAgentId()]);
  });

  test("refuses an item that it can't read, rather than taking it for absent", async () => {
    const broken = { v: 1, ...itemKey.agentOnKey(sampleKey(), sampleAgentId()), seenAt: at(1), agent: { id: "x" } };
    await table.client.send(new PutCommand({ TableName: table.name, Item: broken }));
    await expect(inventory.agentsOn(sampleKey())).rejects.toThrow("can't be read");
  });

  test("refuses an item of another version", async () => {
    const newer = { v: 2, ...itemKey.agent(sampleAgentId()), seenAt: at(1), agent: sampleAgent() };
    await table.client.send(new PutCommand({ TableName: table.name, Item: newer }));
    await expect(inventory.agent(sampleAgentId())).rejects.toThrow("can't be read: v:");
  });
});
