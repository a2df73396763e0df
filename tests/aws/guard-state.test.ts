import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamoAbsences } from "../../packages/aws/src/absences.ts";
import { dynamoHolds } from "../../packages/aws/src/holds.ts";
import { dynamoKillSwitch, dynamoKillSwitchLever } from "../../packages/aws/src/kill-switch.ts";
import { itemKey } from "../../packages/aws/src/table.ts";
import { dynamoWritingNotes } from "../../packages/aws/src/writing-notes.ts";
import type { Hold } from "../../packages/core/src/ports.ts";
import { startTable } from "./dynalite.ts";
import { empty } from "./faulty-table.ts";
import { sampleAgentArn, sampleCaller, sampleKey, sampleRole } from "./samples.ts";

let table: Awaited<ReturnType<typeof startTable>>;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.stop());
beforeEach(() => empty(table));

const put = (item: Record<string, unknown>) => table.client.send(new PutCommand({ TableName: table.name, Item: item }));
const at = "2026-11-02T10:00:00.000Z";

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

  test("is thrown and taken back by a person's lever", async () => {
    const lever = dynamoKillSwitchLever(table);
    await lever.pause("arn:aws:iam::111122223333:user/ann", "change freeze", at);
    expect(await dynamoKillSwitch(table).read()).toEqual({
      kind: "paused",
      reason: "change freeze",
      by: "arn:aws:iam::111122223333:user/ann",
    });
    await lever.resume();
    await lever.resume();
    expect(await dynamoKillSwitch(table).read()).toEqual({ kind: "off" });
  });

  test("is thrown over an item that nobody can read", async () => {
    await put({ ...item, state: "paussed" });
    await dynamoKillSwitchLever(table).pause("ann", "", at);
    expect(await dynamoKillSwitch(table).read()).toEqual({ kind: "paused", reason: "", by: "ann" });
  });

  test("can be read whatever the length of the reason that a person gave", async () => {
    const reason = "x".repeat(100_000);
    await dynamoKillSwitchLever(table).pause("ann", reason, at);
    expect(await dynamoKillSwitch(table).read()).toMatchObject({ kind: "paused", reason });
  });
});

describe("a hold", () => {
  const hold: Hold = { kind: "contest", by: "guard", reason: `${sampleRole("Terraform")} took it out`, at };

  test("is on one key, as it was set last, until it is lifted", async () => {
    const holds = dynamoHolds(table);
    expect(await holds.of(sampleKey())).toBeUndefined();
    for (const kind of ["person", "rollback", "lifted"] as const) {
      await holds.set(sampleKey(), { ...hold, kind });
      expect(await holds.of(sampleKey())).toEqual({ ...hold, kind });
    }
    await holds.set(sampleKey(), hold);
    expect(await holds.of(sampleKey())).toEqual(hold);
    expect(await holds.of(sampleKey(2))).toBeUndefined();
    await holds.lift(sampleKey());
    await holds.lift(sampleKey());
    expect(await holds.of(sampleKey())).toBeUndefined();
  });

  test("may be on a caller, in the caller's own partition", async () => {
    const holds = dynamoHolds(table);
    const caller = sampleCaller("user/people/ann");
    await holds.set(caller, hold);
    expect(await holds.of(caller)).toEqual(hold);
    expect(itemKey.hold(caller)).toEqual({ pk: `CALLER#${caller}`, sk: "HOLD" });
    expect(await holds.of(sampleCaller())).toBeUndefined();
    await holds.lift(caller);
    expect(await holds.of(caller)).toBeUndefined();
  });

  test.each<[string, Record<string, unknown>]>([
    ["of an unknown kind", { ...hold, v: 1, kind: "holiday" }],
    ["of another version", { ...hold, v: 2 }],
    ["without a kind", { ...hold, v: 1, kind: undefined }],
  ])("%s throws, so that nothing is written", async (_what, broken) => {
    await put({ ...itemKey.hold(sampleKey()), ...broken });
    await expect(dynamoHolds(table).of(sampleKey())).rejects.toThrow("can't be read");
  });
});

describe("absences", () => {
  const some = new Map<string, string>([
    [sampleRole(), "2026-11-02T10:00:00.000Z"],
    [sampleAgentArn(), "2026-11-02T10:05:00.000Z"],
  ]);

  test("are those that were set last, by key", async () => {
    const absences = dynamoAbsences(table);
    expect(await absences.of(sampleKey())).toEqual(new Map());
    await absences.set(sampleKey(), new Map([["another", at]]));
    await absences.set(sampleKey(), some);
    expect(await absences.of(sampleKey())).toEqual(some);
    expect(await absences.of(sampleKey(2))).toEqual(new Map());
  });

  test("leave nothing behind when there are none any more", async () => {
    const absences = dynamoAbsences(table);
    await absences.set(sampleKey(), some);
    await absences.set(sampleKey(), new Map());
    await absences.set(sampleKey(), new Map());
    expect(await absences.of(sampleKey())).toEqual(new Map());
  });

  test("that can't be read throw, so that nothing is taken out for them", async () => {
    await put({ v: 1, ...itemKey.absences(sampleKey()), subjects: [{ subject: sampleRole(), since: "yesterday" }] });
    await expect(dynamoAbsences(table).of(sampleKey())).rejects.toThrow("can't be read");
  });
});

describe("callers that are being written to", () => {
  test("are none at first, then those that were noted last", async () => {
    const notes = dynamoWritingNotes(table);
    expect(await notes.of()).toEqual([]);
    await notes.set(["a", "b"], "2026-11-02T10:00:00.000Z");
    await notes.set(["b"], at);
    expect(await notes.of()).toEqual(["b"]);
    expect(itemKey.writing).toEqual({ pk: "CALLERS", sk: "WRITING" });
  });
});
