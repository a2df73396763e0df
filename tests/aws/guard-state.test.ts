import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamoJournal } from "../../packages/aws/src/journal.ts";
import { dynamoKillSwitch } from "../../packages/aws/src/kill-switch.ts";
import { dynamoSweepLog } from "../../packages/aws/src/sweep-log.ts";
import { dynamoToldFindings } from "../../packages/aws/src/told-findings.ts";
import { startTable } from "./dynalite.ts";
import { sampleEntry, sampleKey } from "./samples.ts";

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.stop());

const put = (item: Record<string, unknown>) => table.client.send(new PutCommand({ TableName: table.name, Item: item }));

describe("the journal", () => {
  test("gives the newest entry of a key, whole", async () => {
    const journal = dynamoJournal(table);
    const full = sampleEntry("2026-11-02T10:00:02.000Z#b", { before: "x".repeat(32_768), after: "y".repeat(32_768) });
    await journal.open(full);
    await journal.open(sampleEntry("2026-11-02T10:00:01.000Z#a"));
    expect(await journal.latest(sampleKey())).toEqual(full);
    expect(await journal.latest(sampleKey(2))).toBeUndefined();
  });

  test("never overwrites an entry", async () => {
    const journal = dynamoJournal(table);
    const entry = sampleEntry("once", { key: sampleKey(3) });
    await journal.open(entry);
    await expect(journal.open({ ...entry, before: "another" })).rejects.toThrow("never overwritten");
    expect((await journal.latest(entry.key))?.before).toBe(entry.before);
  });

  test("counts the policies that KMS took since a time, page by page, and no others", async () => {
    const journal = dynamoJournal(table);
    const key = sampleKey(50);
    const at = (minute: string) => `2026-11-02T10:${minute}:00.000Z`;
    await journal.open(sampleEntry(`${at("01")}-a`, { key, state: "told" }));
    await journal.open(sampleEntry(`${at("30")}-b`, { key, state: "opened" }));
    await journal.open(sampleEntry(`${at("31")}-c`, { key, state: "put" }));
    await journal.open(sampleEntry(`${at("32")}-d`, { key, state: "verified" }));
    await journal.open(sampleEntry(`${at("33")}-e`, { key, state: "refused" }));
    await journal.open(sampleEntry(`${at("34")}-f`, { key, state: "told" }));
    expect(await journal.writesSince(key, at("02"))).toBe(3);
    expect(await journal.writesSince(key, at("00"))).toBe(4);
    expect(await journal.writesSince(key, at("59"))).toBe(0);
  });

  test("advances an entry's state and nothing else of it", async () => {
    const journal = dynamoJournal(table);
    const entry = sampleEntry("step", { key: sampleKey(4) });
    await journal.open(entry);
    await journal.advance(entry, "verified");
    expect(await journal.latest(entry.key)).toEqual({ ...entry, state: "verified" });
  });

  test("does not advance an entry that was never opened", async () => {
    const entry = sampleEntry("never", { key: sampleKey(5) });
    await expect(dynamoJournal(table).advance(entry, "told")).rejects.toThrow("has no entry `never`");
    expect(await dynamoJournal(table).latest(entry.key)).toBeUndefined();
  });

  test("says how to print a policy as it was, as one shell command whatever the names hold", () => {
    const journal = dynamoJournal({ ...table, name: "it's" });
    expect(journal.commandForBefore(sampleEntry("e1"))).toBe(
      `aws dynamodb get-item --consistent-read --region eu-west-1 --table-name 'it'\\''s' --key '{"pk":{"S":"KEY#${sampleKey()}"},"sk":{"S":"JOURNAL#e1"}}' --query Item.before.S --output text`,
    );
  });
});

describe("the kill switch", () => {
  const item = { v: 1, pk: "GUARD", sk: "SWITCH" };

  test("is off where nobody ever threw it", async () => {
    expect(await dynamoKillSwitch(table).read()).toEqual({ kind: "off" });
  });

  test("is on with its reason and by whom, and off again when it runs", async () => {
    await put({ ...item, state: "paused", reason: "audit", by: "ann" });
    expect(await dynamoKillSwitch(table).read()).toEqual({ kind: "paused", reason: "audit", by: "ann" });
    await put({ ...item, state: "running" });
    expect(await dynamoKillSwitch(table).read()).toEqual({ kind: "off" });
  });

  test.each([
    ["of an unknown state", { ...item, state: "paussed" }],
    ["of another version", { ...item, v: 2, state: "running" }],
    ["without a version", { pk: "GUARD", sk: "SWITCH", state: "running" }],
  ])("throws on an item %s, so that nothing is written", async (_what, broken) => {
    await put(broken);
    await expect(dynamoKillSwitch(table).read()).rejects.toThrow("can't be read");
  });
});

describe("what was told", () => {
  test("is empty at first, then what was set last", async () => {
    const told = dynamoToldFindings(table);
    expect(await told.of(sampleKey())).toEqual([]);
    await told.set(sampleKey(), ["a", "b"], "2026-11-02T10:00:00.000Z");
    await told.set(sampleKey(), ["b"], "2026-11-02T10:00:01.000Z");
    expect(await told.of(sampleKey())).toEqual(["b"]);
  });
});

describe("the sweep log", () => {
  test("knows whether a sweep has ever finished", async () => {
    const log = dynamoSweepLog(table);
    expect(await log.everFinished()).toBe(false);
    await log.finished("sweep-1", "2026-11-02T10:00:00.000Z");
    expect(await log.everFinished()).toBe(true);
  });
});
