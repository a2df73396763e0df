import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamoInventory } from "../../packages/aws/src/inventory.ts";
import { itemKey } from "../../packages/aws/src/table.ts";
import type { Agent, Inventory } from "../../packages/core/src/ports.ts";
import { startTable } from "./dynalite.ts";
import { empty } from "./faulty-table.ts";
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

describe("departures", () => {
  const left = (to: number | undefined, noticed: number) => ({
    id: sampleAgentId(),
    name: "agent-1",
    to: to === undefined ? undefined : sampleKey(to),
    at: at(noticed),
  });
  const move = (to: number | undefined, second: number) =>
    record({ ...sampleAgent(), keyArn: to === undefined ? undefined : sampleKey(to) }, at(second));

  test("say where the draft went, and when that was noticed", async () => {
    await move(1, 1);
    expect(await inventory.departedFrom(sampleKey(1))).toEqual([]);
    await move(2, 2);
    await move(2, 3);
    expect(await inventory.departedFrom(sampleKey(1))).toEqual([left(2, 2)]);
    expect(await inventory.departedFrom(sampleKey(2))).toEqual([]);
  });

  test("follow the draft to a third key, and to none", async () => {
    await move(1, 1);
    await move(2, 2);
    await move(3, 3);
    expect(await inventory.departedFrom(sampleKey(1))).toEqual([left(3, 2)]);
    expect(await inventory.departedFrom(sampleKey(2))).toEqual([left(3, 3)]);
    await move(undefined, 4);
    expect(await inventory.departedFrom(sampleKey(1))).toEqual([left(undefined, 2)]);
    expect(await inventory.departedFrom(sampleKey(3))).toEqual([left(undefined, 4)]);
  });

  test("end when the draft is back", async () => {
    await move(1, 1);
    await move(undefined, 2);
    await move(1, 3);
    expect(await inventory.departedFrom(sampleKey(1))).toEqual([]);
  });

  test("are told though a version stays on the key", async () => {
    const versions = [sampleVersion("1", sampleKey(1))];
    await record({ ...sampleAgent(), versions }, at(1));
    await record({ ...sampleAgent(1, sampleKey(2)), versions }, at(2));
    expect(await idsOn(sampleKey(1))).toEqual([sampleAgentId()]);
    expect(await inventory.departedFrom(sampleKey(1))).toEqual([left(2, 2)]);
  });

  test("are not told of a version that goes", async () => {
    await record({ ...sampleAgent(), versions: [sampleVersion("1", sampleKey(2))] }, at(1));
    await record(sampleAgent(), at(2));
    expect(await inventory.departedFrom(sampleKey(2))).toEqual([]);
  });

  test("are forgotten with their agent", async () => {
    await move(1, 1);
    await move(2, 2);
    await inventory.forget({ agent: sampleAgent(1, sampleKey(2)), seenAt: at(2) });
    expect(await inventory.departedFrom(sampleKey(1))).toEqual([]);
  });

  test("and keys stay when an agent is forgotten that was seen again meanwhile", async () => {
    await move(1, 1);
    const known = (await inventory.agent(sampleAgentId())) ?? { agent: sampleAgent(), seenAt: "" };
    await move(2, 2);
    await inventory.forget(known);
    expect(await idsOn(sampleKey(2))).toEqual([sampleAgentId()]);
    expect(await inventory.departedFrom(sampleKey(1))).toEqual([left(2, 2)]);
  });
});

describe("the keys for the sweep", () => {
  test("are all keys that an agent was ever recorded on, each once, sorted", async () => {
    await record({ ...sampleAgent(1, sampleKey(3)), versions: [sampleVersion("1", sampleKey(1))] }, at(1));
    await record(sampleAgent(2, sampleKey(3)), at(1));
    await record(sampleAgent(2, sampleKey(2)), at(2));
    await inventory.forget({ agent: sampleAgent(2, sampleKey(2)), seenAt: at(2) });
    expect(await inventory.keys(undefined)).toEqual({ keys: [1, 2, 3].map(sampleKey), more: false });
  });

  test("come a page at a time, from one key on, which may be gone by then", async () => {
    const all = Array.from({ length: 205 }, (_, index) => sampleKey(index + 1));
    for (const key of all) {
      const item = { v: 1, ...itemKey.knownKey(key), key };
      await table.client.send(new PutCommand({ TableName: table.name, Item: item }));
    }
    const first = await inventory.keys(undefined);
    const second = await inventory.keys(first.keys.at(-1));
    await inventory.dropKey(second.keys.at(-1) ?? sampleKey());
    const third = await inventory.keys(second.keys.at(-1));
    expect([first.more, second.more, third.more]).toEqual([true, true, false]);
    expect([...first.keys, ...second.keys, ...third.keys]).toEqual(all);
  });

  test("lack a key that was dropped, until an agent is recorded on it again", async () => {
    await record(sampleAgent(), at(1));
    await inventory.dropKey(sampleKey());
    await inventory.dropKey(sampleKey());
    expect((await inventory.keys(undefined)).keys).toEqual([]);
    await record(sampleAgent(), at(2));
    expect((await inventory.keys(undefined)).keys).toEqual([sampleKey()]);
  });

  test("say that there is no more when the last page is just full", async () => {
    for (let n = 1; n <= 100; n += 1) {
      const item = { v: 1, ...itemKey.knownKey(sampleKey(n)), key: sampleKey(n) };
      await table.client.send(new PutCommand({ TableName: table.name, Item: item }));
    }
    const page = await inventory.keys(undefined);
    expect([page.keys.length, page.more]).toEqual([100, false]);
    expect(await inventory.keys(page.keys.at(-1))).toEqual({ keys: [], more: false });
  });
});
