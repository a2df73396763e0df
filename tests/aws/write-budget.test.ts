import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { itemKey } from "../../packages/aws/src/table.ts";
import { dynamoWriteBudget } from "../../packages/aws/src/write-budget.ts";
import type { WriteBudget } from "../../packages/core/src/ports.ts";
import { startTable } from "./dynalite.ts";
import { empty, itemsOf } from "./faulty-table.ts";
import { sampleCaller, sampleKey } from "./samples.ts";

let table: Awaited<ReturnType<typeof startTable>>;
let budget: WriteBudget;
beforeAll(async () => {
  table = await startTable();
  budget = dynamoWriteBudget(table);
});
afterAll(() => table.stop());
beforeEach(() => empty(table));

const HOUR = "2026-11-02T10";

describe("a write budget", () => {
  test("gives as many reservations as its limit, and then none in that hour", async () => {
    const answers: string[] = [];
    for (let n = 0; n < 5; n += 1) answers.push(await budget.reserve(sampleKey(), HOUR, 3));
    expect(answers).toEqual(["reserved", "reserved", "reserved", "spent", "spent"]);
    expect(await budget.reserve(sampleKey(), "2026-11-02T11", 3)).toBe("reserved");
  });

  test("is one for each key and caller, another for the account, and another for all callers", async () => {
    for (const scope of [sampleKey(1), sampleKey(2), "account", sampleCaller(), "callers"] as const) {
      expect(await budget.reserve(scope, HOUR, 1)).toBe("reserved");
      expect(await budget.reserve(scope, HOUR, 1)).toBe("spent");
    }
  });

  test("never gives the last one to two functions", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => budget.reserve("account", HOUR, 7)));
    expect(answers.filter((answer) => answer === "reserved")).toHaveLength(7);
  });

  test.each([0, -1, Number.NaN])("of %d is spent from the beginning", async (limit) => {
    expect(await budget.reserve(sampleKey(), HOUR, limit)).toBe("spent");
    expect(await itemsOf(table)).toEqual([]);
  });

  test("can be lowered within the hour", async () => {
    await budget.reserve(sampleKey(), HOUR, 3);
    await budget.reserve(sampleKey(), HOUR, 3);
    expect(await budget.reserve(sampleKey(), HOUR, 2)).toBe("spent");
  });

  test.each([
    ["no count", { v: 1 }],
    ["a count that is no number", { v: 1, used: "0" }],
    ["a count of another version", { v: 2, used: 0 }],
  ])("with %s in its item is spent", async (_what, item) => {
    await table.client.send(
      new PutCommand({ TableName: table.name, Item: { ...itemKey.budget(sampleKey(), HOUR), ...item } }),
    );
    expect(await budget.reserve(sampleKey(), HOUR, 5)).toBe("spent");
  });

  test("is cleared away by DynamoDB two days after its hour", async () => {
    await budget.reserve("account", HOUR, 5);
    await budget.reserve("account", HOUR, 5);
    const expires = Date.UTC(2026, 10, 4, 10) / 1_000;
    expect(await itemsOf(table)).toEqual([{ v: 1, ...itemKey.budget("account", HOUR), used: 2, expires }]);
  });

  test("throws on an hour that is none, rather than counting somewhere else", async () => {
    await expect(budget.reserve("account", "ten", 5)).rejects.toThrow("`ten:00:00Z` is not a time");
    expect(await itemsOf(table)).toEqual([]);
  });

  test("throws when it can't be counted", async () => {
    const missing = dynamoWriteBudget({ client: table.client, name: "no-such-table" });
    await expect(missing.reserve("account", HOUR, 5)).rejects.toThrow("`dynamodb:UpdateItem` on");
  });
});
