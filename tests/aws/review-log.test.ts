import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamoReviewLog } from "../../packages/aws/src/review-log.ts";
import { itemKey } from "../../packages/aws/src/table.ts";
import type { ReviewLog } from "../../packages/core/src/callers/ports.ts";
import { startTable } from "./dynalite.ts";
import { empty, itemsOf } from "./faulty-table.ts";

let table: Awaited<ReturnType<typeof startTable>>;
let log: ReviewLog;
beforeAll(async () => {
  table = await startTable();
  log = dynamoReviewLog(table);
});
afterAll(() => table.stop());
beforeEach(() => empty(table));

const minute = (n: number) => `2026-11-02T10:${String(n).padStart(2, "0")}:00.000Z`;

describe("the right to review callers", () => {
  test("is one review's until it ends or its time is over, which the same review may put off", async () => {
    expect(await log.begin("a", minute(0), minute(5))).toBe("begun");
    expect(await log.begin("b", minute(4), minute(9))).toBe("busy");
    expect(await log.begin("a", minute(4), minute(7))).toBe("begun");
    expect(await log.begin("b", minute(6), minute(9))).toBe("busy");
    expect(await log.begin("b", minute(7), minute(9))).toBe("begun");
    await log.end("a");
    expect(await log.begin("a", minute(8), minute(13))).toBe("busy");
    await log.end("b");
    expect(await log.begin("a", minute(8), minute(13))).toBe("begun");
  });

  test("is compared as times are, with or without a fraction of a second", async () => {
    await log.begin("a", "2026-11-02T10:00:00Z", "2026-11-02T10:05:00Z");
    expect(await log.begin("b", "2026-11-02T10:04:59.999Z", minute(9))).toBe("busy");
    expect(await log.begin("b", "2026-11-02T10:05:00Z", minute(9))).toBe("begun");
  });

  test("is never two functions' at once", async () => {
    const answers = await Promise.all([..."abcdefghij"].map((review) => log.begin(review, minute(0), minute(5))));
    expect(answers.filter((answer) => answer === "begun")).toHaveLength(1);
  });

  test("may be given back by one that never had it", async () => {
    await log.end("a");
    expect(await itemsOf(table)).toEqual([]);
  });
});

describe("a reading of the whole of IAM", () => {
  test("is reserved where there was none since a time, and otherwise it is said when the latest was", async () => {
    expect(await log.reserveReading(minute(10), minute(0))).toEqual({ kind: "reserved" });
    expect(await log.reserveReading(minute(19), minute(9))).toEqual({ kind: "too-soon", readAt: minute(10) });
    expect(await log.reserveReading(minute(20), minute(10))).toEqual({ kind: "reserved" });
    expect(await log.reserveReading(minute(21), minute(11))).toEqual({ kind: "too-soon", readAt: minute(20) });
  });

  test("is never two functions' at once", async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => log.reserveReading(`2026-11-02T10:10:00.00${n}Z`, minute(0))),
    );
    expect(answers.filter(({ kind }) => kind === "reserved")).toHaveLength(1);
  });

  test("and the right to review do not touch each other", async () => {
    await log.begin("a", minute(0), minute(5));
    await log.reserveReading(minute(1), minute(0));
    await log.end("a");
    expect(await itemsOf(table)).toEqual([{ v: 1, pk: "CALLERS", sk: "REVIEW", readAt: minute(1) }]);
    expect(await log.begin("b", minute(1), minute(5))).toBe("begun");
    expect(await log.reserveReading(minute(2), minute(0))).toEqual({ kind: "too-soon", readAt: minute(1) });
  });
});

test("the log of reviews throws on an item of another version, and leaves it as it is", async () => {
  const item = { v: 2, ...itemKey.review };
  await table.client.send(new PutCommand({ TableName: table.name, Item: item }));
  await expect(log.begin("a", minute(0), minute(5))).rejects.toThrow("can't be read: v:");
  await expect(log.reserveReading(minute(0), minute(0))).rejects.toThrow("can't be read: v:");
  await log.end("a");
  expect(await itemsOf(table)).toEqual([item]);
});

test("the log of reviews throws when it can't be reached", async () => {
  const missing = dynamoReviewLog({ client: table.client, name: "no-such-table" });
  await expect(missing.begin("a", minute(0), minute(5))).rejects.toThrow("`dynamodb:UpdateItem` on");
  await expect(missing.end("a")).rejects.toThrow("`dynamodb:UpdateItem` on");
});
