import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamoSweepLog } from "../../packages/aws/src/sweep-log.ts";
import { itemKey } from "../../packages/aws/src/table.ts";
import type { SweepLog } from "../../packages/core/src/ports.ts";
import { startTable } from "./dynalite.ts";
import { empty } from "./faulty-table.ts";

let table: Awaited<ReturnType<typeof startTable>>;
let log: SweepLog;
beforeAll(async () => {
  table = await startTable();
  log = dynamoSweepLog(table);
});
afterAll(() => table.stop());
beforeEach(() => empty(table));

const at = (second: number) => `2026-11-02T10:00:0${second}.000Z`;
const put = (item: Record<string, unknown>) =>
  table.client.send(new PutCommand({ TableName: table.name, Item: { ...itemKey.sweep, ...item } }));

describe("the sweep log", () => {
  test("knows of no sweep at first", async () => {
    expect(await log.everFinished()).toBe(false);
    expect(await log.latest()).toBeUndefined();
  });

  test("knows the latest sweep while it runs, and when it has finished", async () => {
    await log.started("one", at(1));
    expect(await log.latest()).toEqual({ sweepId: "one", startedAt: at(1), finishedAt: undefined });
    expect(await log.everFinished()).toBe(false);
    await log.finished("one", at(2));
    expect(await log.latest()).toEqual({ sweepId: "one", startedAt: at(1), finishedAt: at(2) });
    expect(await log.everFinished()).toBe(true);
  });

  test("keeps the first time of a sweep that is started again, and of one that finishes again", async () => {
    await log.started("one", at(1));
    await log.started("one", at(2));
    await log.finished("one", at(3));
    await log.finished("one", at(4));
    expect(await log.latest()).toEqual({ sweepId: "one", startedAt: at(1), finishedAt: at(3) });
  });

  test("does not take a finished sweep for running when its start comes again", async () => {
    await log.started("one", at(1));
    await log.finished("one", at(2));
    await log.started("one", at(3));
    expect(await log.latest()).toEqual({ sweepId: "one", startedAt: at(1), finishedAt: at(2) });
  });

  test("still knows that a sweep finished when the next one starts", async () => {
    await log.started("one", at(1));
    await log.finished("one", at(2));
    await log.started("two", at(3));
    expect(await log.latest()).toEqual({ sweepId: "two", startedAt: at(3), finishedAt: undefined });
    expect(await log.everFinished()).toBe(true);
  });

  test("counts an older sweep that finishes late, without ending the latest", async () => {
    await log.started("one", at(1));
    await log.started("two", at(2));
    await log.finished("one", at(3));
    expect(await log.latest()).toEqual({ sweepId: "two", startedAt: at(2), finishedAt: undefined });
    expect(await log.everFinished()).toBe(true);
  });

  test("is not set back by an older sweep whose start is told late", async () => {
    await log.started("two", at(2));
    await log.started("one", at(1));
    expect(await log.latest()).toEqual({ sweepId: "two", startedAt: at(2), finishedAt: undefined });
  });

  test("counts a sweep whose start was never logged, and says nothing else of it", async () => {
    await log.finished("one", at(1));
    expect(await log.everFinished()).toBe(true);
    expect(await log.latest()).toBeUndefined();
  });

  test("reads what an older deployment left, and goes on from there", async () => {
    await put({ v: 1, sweepId: "old", at: at(1) });
    expect(await log.everFinished()).toBe(true);
    expect(await log.latest()).toEqual({ sweepId: "old", startedAt: at(1), finishedAt: at(1) });
    await log.started("new", at(2));
    expect(await log.everFinished()).toBe(true);
    expect(await log.latest()).toEqual({ sweepId: "new", startedAt: at(2), finishedAt: undefined });
  });

  test("throws on an item that it can't read", async () => {
    await put({ v: 2, sweepId: "one", startedAt: at(1) });
    await expect(log.everFinished()).rejects.toThrow("can't be read");
    await put({ v: 1, sweepId: "one", startedAt: "yesterday" });
    await expect(log.latest()).rejects.toThrow("can't be read: startedAt");
  });
});
