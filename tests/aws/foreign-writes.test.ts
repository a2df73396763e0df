import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamoForeignWrites } from "../../packages/aws/src/foreign-writes.ts";
import { itemKey } from "../../packages/aws/src/table.ts";
import type { ForeignWrite, ForeignWrites } from "../../packages/core/src/ports.ts";
import { startTable } from "./dynalite.ts";
import { empty, itemsOf } from "./faulty-table.ts";
import { sampleKey, sampleRole } from "./samples.ts";

let table: Awaited<ReturnType<typeof startTable>>;
let writes: ForeignWrites;
beforeAll(async () => {
  table = await startTable();
  writes = dynamoForeignWrites(table);
});
afterAll(() => table.stop());
beforeEach(() => empty(table));

const write = (minute: number, change: Partial<ForeignWrite> = {}): ForeignWrite => ({
  key: sampleKey(),
  eventId: `event-${minute}`,
  at: `2026-11-02T10:${String(minute).padStart(2, "0")}:00Z`,
  actor: { arn: sampleRole("Terraform"), sessionName: "ci", invokedBy: undefined },
  policy: '{"Version":"2012-10-17","Statement":[]}',
  byGuard: false,
  settled: false,
  ...change,
});

describe("foreign writes", () => {
  test("of a key come back as they were recorded, since a time, oldest first", async () => {
    const others = write(20, { key: sampleKey(2), byGuard: true });
    for (const one of [write(30), write(10, { byGuard: true }), write(20), others]) await writes.record(one);
    expect(await writes.since(sampleKey(), "2026-11-02T10:00:00.000Z")).toEqual([
      write(10, { byGuard: true }),
      write(20),
      write(30),
    ]);
    expect(await writes.since(sampleKey(), "2026-11-02T10:20:00Z")).toEqual([write(20), write(30)]);
    expect(await writes.since(sampleKey(), "2026-11-02T10:30:01.000Z")).toEqual([]);
    expect(await writes.since(sampleKey(2), "2026-11-02T10:00:00Z")).toEqual([others]);
  });

  test("of the second in which the time lies are among them: CloudTrail does not tell when in it", async () => {
    await writes.record(write(10));
    expect(await writes.since(sampleKey(), "2026-11-02T10:10:00.900Z")).toEqual([write(10)]);
  });

  test("of the same second are two when they are two events", async () => {
    await writes.record(write(10, { eventId: "a" }));
    await writes.record(write(10, { eventId: "b" }));
    expect((await writes.since(sampleKey(), write(10).at)).map(({ eventId }) => eventId)).toEqual(["a", "b"]);
  });

  test("are settled one by one, and stay so when their event comes again", async () => {
    for (const minute of [10, 20]) await writes.record(write(minute));
    await writes.settle(write(10));
    await writes.settle(write(10));
    await writes.record(write(10, { policy: "another" }));
    expect(await writes.since(sampleKey(), write(10).at)).toEqual([write(10, { settled: true }), write(20)]);
  });

  test("that are gone by now are not brought back by settling them", async () => {
    await writes.settle(write(10));
    expect(await itemsOf(table)).toEqual([]);
  });

  test("are cleared away by DynamoDB thirty days after they were made", async () => {
    await writes.record(write(10));
    expect(await itemsOf(table)).toMatchObject([{ expires: Date.UTC(2026, 11, 2, 10, 10) / 1_000 }]);
  });

  test("hold a policy as large as KMS's model lets it be", async () => {
    const large = write(10, { policy: "x".repeat(131_072) });
    await writes.record(large);
    expect(await writes.since(sampleKey(), large.at)).toEqual([large]);
  });

  test("that can't be read throw, rather than being left out", async () => {
    const { actor: _, ...rest } = write(10);
    const where = itemKey.foreign(sampleKey(), "2026-11-02T10:10:00.000Z", "event-10");
    await table.client.send(new PutCommand({ TableName: table.name, Item: { v: 1, ...where, ...rest } }));
    await expect(writes.since(sampleKey(), write(10).at)).rejects.toThrow("can't be read: actor");
  });
});
