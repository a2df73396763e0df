import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamoHistory, dynamoJournal } from "../../packages/aws/src/journal.ts";
import { itemKey } from "../../packages/aws/src/table.ts";
import type { JournalEntry, JournalSummary } from "../../packages/core/src/key/journal.ts";
import { policyDigest } from "../../packages/core/src/policy/canonical.ts";
import type { History, Journal } from "../../packages/core/src/ports.ts";
import { startTable } from "./dynalite.ts";
import { empty } from "./faulty-table.ts";
import { sampleEntry, sampleKey } from "./samples.ts";

let table: Awaited<ReturnType<typeof startTable>>;
let journal: Journal;
let history: History;
beforeAll(async () => {
  table = await startTable();
  journal = dynamoJournal(table);
  history = dynamoHistory(table);
});
afterAll(() => table.stop());
beforeEach(() => empty(table));

const minute = (n: number) => `2026-11-02T10:${String(n).padStart(2, "0")}:00.000Z`;
const entryAt = (n: number, change: Partial<JournalEntry> = {}) =>
  sampleEntry(`${minute(n)}-${"d".repeat(12)}`, { at: minute(n), ...change });

/** An item as it was written when the guard could only add. */
async function putOldItem(n: number): Promise<JournalEntry> {
  const whole = entryAt(n, { state: "told" });
  const { key, id, at, state, before, after, afterDigest, causes, diff } = whole;
  const old = { key, id, at, state, before, after, afterDigest, causes, added: diff };
  await table.client.send(
    new PutCommand({ TableName: table.name, Item: { v: 1, ...itemKey.journal(key, id), ...old } }),
  );
  return { ...whole, beforeDigest: policyDigest(before) };
}

describe("the journal", () => {
  test("gives the newest entry of a key, whole", async () => {
    const full = entryAt(2, {
      action: "restore",
      by: "arn:aws:iam::111122223333:user/ann",
      state: "put",
      putAt: minute(3),
      before: "x".repeat(32_768),
      after: "y".repeat(32_768),
      diff: ["+ a", "- b"],
      regains: ["role-sessions"],
    });
    await journal.open(full);
    await journal.open(entryAt(1));
    expect(await journal.latest(sampleKey())).toEqual(full);
    expect(await journal.latest(sampleKey(2))).toBeUndefined();
  });

  test("never overwrites an entry", async () => {
    const entry = entryAt(1);
    await journal.open(entry);
    await expect(journal.open({ ...entry, before: "another" })).rejects.toThrow("never overwritten");
    expect((await journal.latest(entry.key))?.before).toBe(entry.before);
  });

  test.each(["abandoned", "refused", "verified", "told"] as const)(
    "advances an entry to `%s`, and changes nothing else of it",
    async (state) => {
      const entry = entryAt(1);
      await journal.open(entry);
      await journal.advance(entry, state, minute(9));
      expect(await journal.latest(entry.key)).toEqual({ ...entry, state });
    },
  );

  test("keeps when it was first known that KMS took an entry", async () => {
    const entry = entryAt(1);
    await journal.open(entry);
    await journal.advance(entry, "put", minute(2));
    await journal.advance(entry, "put", minute(3));
    await journal.advance(entry, "told", minute(4));
    expect(await journal.latest(entry.key)).toEqual({ ...entry, state: "told", putAt: minute(2) });
  });

  test("does not advance an entry that was never opened", async () => {
    const entry = entryAt(1);
    for (const state of ["put", "told"] as const) {
      await expect(journal.advance(entry, state, minute(2))).rejects.toThrow(`has no entry \`${entry.id}\``);
    }
    expect(await journal.latest(entry.key)).toBeUndefined();
  });

  test("sums up the entries of a key since a time, oldest first, without their policies", async () => {
    for (const n of [31, 1, 30]) await journal.open(entryAt(n, { regains: [`r${n}`], before: `${n}` }));
    await journal.open(entryAt(32, { key: sampleKey(2) }));
    await journal.advance(entryAt(30), "put", minute(40));
    const summary = (n: number, change: Partial<JournalSummary> = {}): JournalSummary => {
      const { id, at, state, putAt, beforeDigest, afterDigest, action } = entryAt(n);
      return { id, at, state, putAt, beforeDigest, afterDigest, action, regains: [`r${n}`], ...change };
    };
    const later = [summary(30, { state: "put", putAt: minute(40) }), summary(31)];
    expect(await journal.since(sampleKey(), minute(2))).toEqual(later);
    expect(await journal.since(sampleKey(), minute(30))).toEqual(later);
    expect(await journal.since(sampleKey(), minute(0))).toEqual([summary(1), ...later]);
    expect(await journal.since(sampleKey(), minute(59))).toEqual([]);
  });

  test("takes a time without a fraction of a second for the beginning of its second", async () => {
    await journal.open(sampleEntry("2026-11-02T10:00:00.500Z-d"));
    expect(await journal.since(sampleKey(), "2026-11-02T10:00:00Z")).toHaveLength(1);
    expect(await journal.since(sampleKey(), "2026-11-02T10:00:01Z")).toHaveLength(0);
  });

  test("sums up more entries than DynamoDB gives at once", async () => {
    for (let n = 10; n < 25; n += 1) {
      await journal.open(entryAt(n, { before: "x".repeat(60_000), after: "y".repeat(60_000) }));
    }
    expect((await journal.since(sampleKey(), minute(0))).map(({ at }) => at)).toEqual(
      Array.from({ length: 15 }, (_, index) => minute(index + 10)),
    );
  });

  test("reads an entry that was written before there were rollbacks", async () => {
    const {
      before: _before,
      after: _after,
      by: _by,
      causes: _causes,
      key: _key,
      diff: _diff,
      ...summary
    } = await putOldItem(1);
    expect(await journal.since(sampleKey(), minute(0))).toEqual([summary]);
    expect(await journal.latest(sampleKey())).toEqual(await putOldItem(1));
  });

  test("refuses an entry without a diff, rather than telling of a write that changed nothing", async () => {
    const { diff: _, ...rest } = entryAt(1);
    const item = { v: 1, ...itemKey.journal(rest.key, rest.id), ...rest };
    await table.client.send(new PutCommand({ TableName: table.name, Item: item }));
    await expect(journal.latest(rest.key)).rejects.toThrow("can't be read: diff: absent");
  });
});

describe("the history of a key", () => {
  test("is its newest entries, newest first, and no more than asked for", async () => {
    for (const n of [1, 3, 2]) await journal.open(entryAt(n));
    expect(await history.newest(sampleKey(), 2)).toEqual([entryAt(3), entryAt(2)]);
    expect(await history.newest(sampleKey(), 9)).toEqual([entryAt(3), entryAt(2), entryAt(1)]);
    expect(await history.newest(sampleKey(2), 9)).toEqual([]);
    expect(await history.newest(sampleKey(), 0)).toEqual([]);
  });

  test("is whole when it is more than DynamoDB gives at once", async () => {
    for (let n = 10; n < 25; n += 1) {
      await journal.open(entryAt(n, { before: "x".repeat(60_000), after: "y".repeat(60_000) }));
    }
    const newest = await history.newest(sampleKey(), 12);
    expect(newest.map(({ at }) => at)).toEqual(Array.from({ length: 12 }, (_, index) => minute(24 - index)));
  });
});
