/** What is remembered of findings, and what is on its way to people, in DynamoDB. */
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamoAnnouncerState } from "../../packages/aws/src/announcer-state.ts";
import { dynamoFindingLog } from "../../packages/aws/src/findings.ts";
import { dynamoOutbox } from "../../packages/aws/src/outbox.ts";
import { dynamoSilenceLever, dynamoSilences } from "../../packages/aws/src/silences.ts";
import { itemKey, type Table } from "../../packages/aws/src/table.ts";
import type { Dispatch } from "../../packages/core/src/alert/ports.ts";
import type { FindingRecord } from "../../packages/core/src/finding/record.ts";
import { reconcileKey } from "../../packages/core/src/key/reconcile.ts";
import { ADMIN_STATEMENT, agent, jobFor, KEY, policyOf, SETTINGS, World } from "../core/support/world.ts";
import { startTable } from "./dynalite.ts";
import { sampleAlert } from "./sample-alert.ts";

const tables: Awaited<ReturnType<typeof startTable>>[] = [];
async function newTable(): Promise<Table> {
  const made = await startTable();
  tables.push(made);
  return made;
}
let table: Table;
beforeAll(async () => {
  table = await newTable();
});
afterAll(async () => {
  for (const one of tables) await one.stop();
});

const AT = "2026-11-02T10:00:00.000Z";
const LATER = "2026-11-02T10:03:00.000Z";

/** A finding as a look leaves it, told. */
async function record(): Promise<FindingRecord> {
  const deny = { ...ADMIN_STATEMENT, Sid: "No", Effect: "Deny", Principal: { Service: "bedrock.amazonaws.com" } };
  const world = new World().withKey(policyOf(ADMIN_STATEMENT, deny)).put(agent("AAAAAAAAAA"));
  await reconcileKey(jobFor(), world, SETTINGS);
  const [one] = world.people.records.values();
  if (!one) throw new Error("nothing was found");
  return { ...one, revision: 0 };
}

describe("the life of findings", () => {
  test("is read back as it was written, of its subject and of all", async () => {
    const log = dynamoFindingLog(table);
    const one = await record();
    expect(await log.put(one)).toBe("put");
    expect(await log.of(KEY)).toEqual([{ ...one, revision: 1 }]);
    expect(await log.all()).toEqual([{ ...one, revision: 1 }]);
    expect(await log.of("callers")).toEqual([]);
  });

  test("is not written over from an older reading", async () => {
    const log = dynamoFindingLog(table);
    const [now] = await log.of(KEY);
    if (!now) throw new Error("it was written");
    expect(await log.put({ ...now, revision: 0 })).toBe("conflict");
    expect(await log.put({ ...now, times: 2 } as never)).toBe("put");
    expect(await log.put(now)).toBe("conflict");
    expect(await log.of(KEY)).toMatchObject([{ revision: 2 }]);
  });

  test("ends some time after the finding is over, and not before", async () => {
    const log = dynamoFindingLog(table);
    const one = await record();
    const over = {
      ...one,
      id: "over",
      ref: "ffffffffffff",
      state: "resolved",
      resolved: { at: AT, by: "guard" },
    } as const;
    await log.put(over);
    const item = async (ref: string) =>
      (await table.client.send(new GetCommand({ TableName: table.name, Key: itemKey.finding(KEY, ref) }))).Item;
    expect(await item("ffffffffffff")).toMatchObject({ expires: Date.parse(AT) / 1_000 + 90 * 24 * 3_600 });
    expect(await item(one.ref)).not.toHaveProperty("expires");
  });

  test("fits into an item, however long a policy is", async () => {
    const log = dynamoFindingLog(table);
    const one = await record();
    const long = Array(30).fill("é".repeat(30_000));
    const huge = { ...one, id: "huge", ref: "eeeeeeeeeeee", evidence: long, diff: long, snippets: long };
    expect(await log.put(huge)).toBe("put");
    const read = (await log.all()).find(({ id }) => id === "huge");
    expect(read).toMatchObject({ title: one.title, remedy: one.remedy, snippets: [] });
  });

  test("that can't be read throws: what isn't understood is never taken for nothing", async () => {
    const other = await newTable();
    await other.client.send(
      new PutCommand({ TableName: other.name, Item: { v: 1, ...itemKey.finding(KEY, "x"), state: "odd" } }),
    );
    await expect(dynamoFindingLog(other).of(KEY)).rejects.toThrow("can't be read");
  });
});

describe("alerts on their way", () => {
  const dispatch = (id: string, at: string): Dispatch => ({
    alert: sampleAlert({ id, at }),
    tells: [{ id: "a", sequence: 1 }],
    left: ["hub", "slack"],
    trying: undefined,
    failed: [],
  });

  test("are there until they are removed, the oldest first, and one that is saved again takes its own place", async () => {
    const outbox = dynamoOutbox(table);
    await outbox.save(dispatch("alert-1", LATER));
    await outbox.save(dispatch("alert-2", AT));
    const trying = { ...dispatch("alert-1", LATER), left: ["slack"], trying: { channel: "slack", at: LATER } };
    await outbox.save(trying);
    expect(await outbox.pending()).toEqual([dispatch("alert-2", AT), trying]);
    for (const one of await outbox.pending()) await outbox.remove(one);
    expect(await outbox.pending()).toEqual([]);
  });
});

describe("the right to announce", () => {
  test("is one's at a time, ends by itself, and is given back", async () => {
    const state = dynamoAnnouncerState(table);
    expect(await state.begin("one", AT, LATER)).toMatchObject({ kind: "begun", memory: { paces: {} } });
    expect(await state.begin("two", AT, LATER)).toEqual({ kind: "busy" });
    await state.end("two");
    expect(await state.begin("two", AT, LATER)).toEqual({ kind: "busy" });
    expect((await state.begin("two", LATER, "2026-11-02T10:06:00.000Z")).kind).toBe("begun");
    await expect(state.remember("one", { paces: {}, digestAt: AT, doubtful: [] })).rejects.toThrow("another function");
    await state.end("two");
    expect((await state.begin("three", AT, LATER)).kind).toBe("begun");
    await state.end("three");
  });

  test("comes with what was remembered", async () => {
    const state = dynamoAnnouncerState(table);
    await state.begin("one", AT, LATER);
    const memory = { paces: { "arn:aws:iam::111122223333:role/ci": [AT] }, digestAt: AT, doubtful: ["hub: x"] };
    await state.remember("one", memory);
    await state.end("one");
    expect(await state.begin("two", AT, LATER)).toEqual({ kind: "begun", memory });
  });
});

test("what people silence is there until they lift it, with the time of its end", async () => {
  const [silences, lever] = [dynamoSilences(table), dynamoSilenceLever(table)];
  const silence = {
    ref: "0123456789ab",
    until: LATER,
    by: "arn:aws:iam::111122223333:user/ana",
    reason: "known",
    at: AT,
  };
  await lever.set(silence);
  expect(await silences.all()).toEqual([silence]);
  await lever.lift(silence.ref);
  expect(await silences.all()).toEqual([]);
});
