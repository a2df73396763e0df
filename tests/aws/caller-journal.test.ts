import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamoCallerHistory, dynamoCallerJournal } from "../../packages/aws/src/caller-journal.ts";
import { itemKey } from "../../packages/aws/src/table.ts";
import type { CallerJournalEntry } from "../../packages/core/src/callers/journal.ts";
import type { CallerHistory, CallerJournal } from "../../packages/core/src/callers/ports.ts";
import { startTable } from "./dynalite.ts";
import { empty, itemsOf } from "./faulty-table.ts";
import { sampleCaller, sampleCallerEntry } from "./samples.ts";

let table: Awaited<ReturnType<typeof startTable>>;
let journal: CallerJournal;
let history: CallerHistory;
beforeAll(async () => {
  table = await startTable();
  journal = dynamoCallerJournal(table);
  history = dynamoCallerHistory(table);
});
afterAll(() => table.stop());
beforeEach(() => empty(table));

const caller = sampleCaller();
const other = sampleCaller("user/ann");
const minute = (n: number) => `2026-11-02T10:${String(n).padStart(2, "0")}:00.000Z`;
const entryAt = (n: number, change: Partial<CallerJournalEntry> = {}) =>
  sampleCallerEntry(`${minute(n)}-${"d".repeat(12)}`, { at: minute(n), ...change });

describe("the journal of a caller", () => {
  test("gives the newest entry, whole", async () => {
    const full = entryAt(2, {
      action: "rollback",
      by: "arn:aws:iam::111122223333:user/ann",
      state: "refused",
      before: "x".repeat(10_240),
      after: undefined,
      diff: ["+ a", "- b"],
    });
    await journal.open(full);
    await journal.open(entryAt(1));
    expect(await journal.latest(caller)).toEqual(full);
    expect(await journal.latest(other)).toBeUndefined();
  });

  test("stands in the caller's own partition", async () => {
    await journal.open(entryAt(1));
    expect(await itemsOf(table)).toMatchObject([
      { v: 1, pk: `CALLER#${caller}`, sk: `JOURNAL#${entryAt(1).id}`, caller },
    ]);
  });

  test("never overwrites an entry", async () => {
    await journal.open(entryAt(1));
    await expect(journal.open({ ...entryAt(1), after: "another" })).rejects.toThrow("never overwritten");
    expect(await journal.latest(caller)).toEqual(entryAt(1));
  });

  test.each(["put", "abandoned", "refused", "told"] as const)(
    "advances an entry to `%s`, and changes nothing else of it",
    async (state) => {
      await journal.open(entryAt(1));
      await journal.advance(entryAt(1), state);
      expect(await journal.latest(caller)).toEqual(entryAt(1, { state }));
    },
  );

  test("does not advance an entry that was never opened", async () => {
    await expect(journal.advance(entryAt(1), "put")).rejects.toThrow(`has no entry \`${entryAt(1).id}\``);
    expect(await itemsOf(table)).toEqual([]);
  });

  test("gives the entries of a caller since a time, oldest first, and no other's", async () => {
    for (const n of [31, 1, 30]) await journal.open(entryAt(n));
    await journal.open(entryAt(32, { caller: other }));
    expect(await journal.since(caller, minute(30))).toEqual([entryAt(30), entryAt(31)]);
    expect(await journal.since(caller, "2026-11-02T10:30:00Z")).toHaveLength(2);
    expect(await journal.since(caller, minute(59))).toEqual([]);
  });

  test("refuses an entry that it can't read, so that nothing is written on top of it", async () => {
    const { diff: _, ...rest } = entryAt(1);
    const item = { v: 1, ...itemKey.callerJournal(caller, rest.id), ...rest };
    await table.client.send(new PutCommand({ TableName: table.name, Item: item }));
    await expect(journal.latest(caller)).rejects.toThrow("can't be read: diff:");
    await table.client.send(new PutCommand({ TableName: table.name, Item: { ...item, diff: [], v: 2 } }));
    await expect(journal.since(caller, minute(0))).rejects.toThrow("can't be read: v:");
  });

  test("shows a person its newest entries, newest first, and no more than asked for", async () => {
    for (const n of [1, 3, 2]) await journal.open(entryAt(n));
    expect(await history.newest(caller, 2)).toEqual([entryAt(3), entryAt(2)]);
    expect(await history.newest(other, 2)).toEqual([]);
  });
});
