import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamoInventory } from "../../packages/aws/src/inventory.ts";
import type { KeyArn } from "../../packages/core/src/arn.ts";
import type { Agent, DepartedAgent, Inventory } from "../../packages/core/src/ports.ts";
import { keysOf } from "../../packages/core/src/requirements/appearances.ts";
import { FEW_KEYS, movingAgents } from "./arbitraries.ts";
import { startTable } from "./dynalite.ts";
import { crashAfter, empty, interleaved, itemsOf } from "./faulty-table.ts";
import { sampleAgentId } from "./samples.ts";

let table: Awaited<ReturnType<typeof startTable>>;
let inventory: Inventory;
beforeAll(async () => {
  table = await startTable();
  inventory = dynamoInventory(table);
});
afterAll(() => table.stop());

const id = sampleAgentId();
const RUNS = { numRuns: 20 };
const second = (n: number) => new Date(Date.UTC(2026, 10, 2, 10) + n * 1_000).toISOString();

async function record(agent: Agent, seenAt: string, into = inventory): Promise<void> {
  await into.record(agent, seenAt, await inventory.agent(agent.id));
}

/** The keys that list the agent. */
async function listedOn(): Promise<readonly KeyArn[]> {
  const lists = await Promise.all(FEW_KEYS.map((key) => inventory.agentsOn(key)));
  return FEW_KEYS.filter((_, index) => (lists[index] ?? []).length > 0);
}

async function departures(): Promise<ReadonlyMap<KeyArn, DepartedAgent>> {
  const found = new Map<KeyArn, DepartedAgent>();
  for (const key of FEW_KEYS) {
    for (const one of await inventory.departedFrom(key)) found.set(key, one);
  }
  return found;
}

/** What departures are to be, said without items: the keys that the draft left since it was there last. */
function expectedDepartures(readings: readonly Agent[]): ReadonlyMap<KeyArn, DepartedAgent> {
  const found = new Map<KeyArn, DepartedAgent>();
  for (const [index, { name, keyArn: to }] of readings.entries()) {
    const before = readings[index - 1]?.keyArn;
    if (to) found.delete(to);
    if (before && before !== to) found.set(before, { id, name, to, at: second(index) });
    for (const [key, one] of found) found.set(key, { ...one, to });
  }
  return found;
}

async function sweptKeys(): Promise<readonly KeyArn[]> {
  return (await inventory.keys(undefined)).keys;
}

describe("the inventory of an agent that moves", () => {
  test("has it under the keys of its last reading, as it was read, and nowhere else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(movingAgents, { minLength: 1, maxLength: 5 }), async (readings) => {
        await empty(table);
        for (const [index, agent] of readings.entries()) await record(agent, second(index));
        const agent = readings[readings.length - 1] ?? fail();
        const seenAt = second(readings.length - 1);
        expect(await inventory.agent(id)).toEqual({ agent, seenAt });
        for (const key of FEW_KEYS) {
          expect(await inventory.agentsOn(key)).toEqual(keysOf(agent).includes(key) ? [{ agent, seenAt }] : []);
        }
        expect(await departures()).toEqual(expectedDepartures(readings));
        expect(await sweptKeys()).toEqual([...new Set(readings.flatMap(keysOf))].sort());
      }),
      RUNS,
    );
  });

  test("is the same whatever order its readings are recorded in", async () => {
    const shuffled = fc
      .array(movingAgents, { minLength: 2, maxLength: 4 })
      .chain((readings) =>
        fc.shuffledSubarray([...readings.keys()], { minLength: readings.length }).map((order) => ({ readings, order })),
      );
    await fc.assert(
      fc.asyncProperty(shuffled, async ({ readings, order }) => {
        await empty(table);
        for (const index of order) await record(readings[index] ?? fail(), second(index));
        const agent = readings[readings.length - 1] ?? fail();
        expect((await inventory.agent(id))?.agent).toEqual(agent);
        expect(await listedOn()).toEqual(keysOf(agent));
      }),
      RUNS,
    );
  });

  test("has it on no key too few wherever a recording crashes, and any later reading ends the move", async () => {
    const crashes = fc.array(fc.record({ agent: movingAgents, calls: fc.nat({ max: 20 }) }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(movingAgents, crashes, movingAgents, async (first, crashed, last) => {
        await empty(table);
        await record(first, second(0));
        for (const [index, { agent, calls }] of crashed.entries()) {
          const before = await listedOn();
          await record(agent, second(index + 1), dynamoInventory(crashAfter(table, calls))).catch(expectCrash);
          const listed = new Set(await listedOn());
          // Until all keys of the reading list the agent, those do that listed it before.
          const whole = listed.isSupersetOf(new Set(keysOf(agent)));
          expect(whole || listed.isSupersetOf(new Set(before))).toBe(true);
          const swept = new Set(await sweptKeys());
          expect(swept.isSupersetOf(listed)).toBe(true);
        }
        await record(last, second(9));
        expect(await listedOn()).toEqual(keysOf(last));
        const departed = await departures();
        expect([...departed.values()].every(({ to }) => to === last.keyArn)).toBe(true);
        expect(last.keyArn !== undefined && departed.has(last.keyArn)).toBe(false);
      }),
      RUNS,
    );
  });

  test("is gone altogether when it is forgotten, also after a crash of forgetting", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(movingAgents, { minLength: 1, maxLength: 3 }),
        fc.nat({ max: 12 }),
        async (readings, calls) => {
          await empty(table);
          for (const [index, agent] of readings.entries()) await record(agent, second(index));
          const known = (await inventory.agent(id)) ?? fail();
          await dynamoInventory(crashAfter(table, calls)).forget(known).catch(expectCrash);
          // Still to be asked for while a key lists it.
          if ((await listedOn()).length > 0 || (await departures()).size > 0) {
            expect(await inventory.agent(id)).toEqual(known);
          }
          await inventory.forget(known);
          expect((await itemsOf(table)).filter(({ pk }) => pk !== "KEYS")).toEqual([]);
        },
      ),
      RUNS,
    );
  });

  test("is gone altogether, with what a crash left of a later reading, when it was not found after that", async () => {
    await fc.assert(
      fc.asyncProperty(movingAgents, movingAgents, fc.nat({ max: 20 }), async (first, crashed, calls) => {
        await empty(table);
        await record(first, second(0));
        await record(crashed, second(1), dynamoInventory(crashAfter(table, calls))).catch(expectCrash);
        const { agent } = (await inventory.agent(id)) ?? fail();
        await inventory.forget({ agent, seenAt: second(2) });
        expect((await itemsOf(table)).filter(({ pk }) => pk !== "KEYS")).toEqual([]);
      }),
      RUNS,
    );
  });

  test("has it on no key too few when two functions record it at once, and the next reading ends what they left", async () => {
    const turns = fc.array(fc.nat({ max: 1 }), { minLength: 24, maxLength: 24 });
    const times = fc.constantFrom<readonly [number, number]>([1, 2], [2, 1], [1, 1]);
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(movingAgents, movingAgents, movingAgents, movingAgents),
        turns,
        times,
        async ([first, one, other, last], order, [a, b]) => {
          await empty(table);
          await record(first, second(0));
          const former = await inventory.agent(id);
          await interleaved(table, order, [
            (mine) => dynamoInventory(mine).record(one, second(a), former),
            (mine) => dynamoInventory(mine).record(other, second(b), former),
          ]);
          const newest = (await inventory.agent(id))?.agent ?? fail();
          const listed = await listedOn();
          expect(new Set(listed).isSupersetOf(new Set(keysOf(newest)))).toBe(true);
          // Within the same millisecond nobody knows which is the newer: until the next reading it may be on both.
          if (a !== b) {
            expect(newest).toEqual(a > b ? one : other);
            expect(listed).toEqual(keysOf(newest));
          }
          await record(last, second(3));
          expect(await listedOn()).toEqual(keysOf(last));
        },
      ),
      { numRuns: 30 },
    );
  });
});

function expectCrash(error: unknown): void {
  expect(String(error)).toContain("crash");
}

function fail(): never {
  throw new Error("the law has no reading");
}
