import type { SQSRecord } from "aws-lambda";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { done, eachGroup, eachRecord, wholeBatch } from "../../packages/functions/src/lib/partial-batch.ts";
import { memoryLog, sqsRecord } from "./samples.ts";

/** What happens to a message. */
type Fate = "good" | "malformed" | "failing";

const batches = fc.array(
  fc.record({
    group: fc.constantFrom("a", "b", "c"),
    fate: fc.constantFrom<Fate>("good", "good", "malformed", "failing"),
  }),
  { maxLength: 10 },
);

function recordsOf(batch: readonly { readonly group: string; readonly fate: Fate }[]) {
  return batch.map(({ group, fate }, index) => sqsRecord(`m${index}`, fate, group));
}

function failedIds({ batchItemFailures }: { batchItemFailures: { itemIdentifier: string }[] }): readonly string[] {
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort();
}

describe("a batch of a standard queue", () => {
  test("puts back exactly the messages that failed or can't be read, and tries each one", async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (batch) => {
        const records = recordsOf(batch);
        const tried: string[] = [];
        const handle = async ({ messageId, body }: (typeof records)[number]) => {
          tried.push(messageId);
          if (body === "failing") throw new Error("outage");
          return body === "malformed" ? ({ kind: "malformed", reason: "shape" } as const) : done;
        };
        const response = await eachRecord(records, handle, memoryLog());
        expect(failedIds(response)).toEqual(
          records
            .filter((r) => r.body !== "good")
            .map((r) => r.messageId)
            .sort(),
        );
        expect(tried).toEqual(records.map((r) => r.messageId));
      }),
    );
  });

  test("logs why a message can't be read, with its id", async () => {
    const log = memoryLog();
    await eachRecord([sqsRecord("m1", "")], async () => ({ kind: "malformed", reason: "not JSON" }), log);
    expect(log.lines).toEqual([
      { level: "warn", message: expect.any(String), fields: { messageId: "m1", reason: "not JSON" } },
    ]);
  });
});

describe("a batch of a FIFO queue", () => {
  test("puts back the unreadable messages, a failing group whole, and no other group's messages", async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (batch) => {
        const records = recordsOf(batch);
        const handled: string[][] = [];
        const response = await eachGroup<SQSRecord>(
          records,
          (record) =>
            record.body === "malformed" ? { kind: "malformed", reason: "shape" } : { kind: "parsed", value: record },
          async (values) => {
            handled.push(values.map((value) => value.messageId));
            if (values.some((value) => value.body === "failing")) throw new Error("outage");
          },
          memoryLog(),
        );
        const expected = ["a", "b", "c"].flatMap((group) => {
          const mine = records.filter((record) => record.attributes.MessageGroupId === group);
          const unreadable = mine.filter((record) => record.body === "malformed");
          const putBack = mine.some((record) => record.body === "failing") ? mine : unreadable;
          return putBack.map((record) => record.messageId);
        });
        expect(failedIds(response)).toEqual(expected.sort());
        // Each group is handled once, in the order of its messages.
        expect(handled.length).toBeLessThanOrEqual(3);
        for (const ids of handled)
          expect(ids).toEqual(records.map((r) => r.messageId).filter((id) => ids.includes(id)));
      }),
    );
  });

  test("a group in which nothing can be read is not handled at all", async () => {
    const handle = async () => expect.unreachable();
    const read = () => ({ kind: "malformed", reason: "shape" }) as const;
    expect(failedIds(await eachGroup([sqsRecord("m1", "", "a")], read, handle, memoryLog()))).toEqual(["m1"]);
  });
});

describe("a batch of a standard queue that is one piece of work", () => {
  test("is handled once, without what can't be read, and put back whole where that fails", async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (batch) => {
        const records = recordsOf(batch);
        const handled: (readonly string[])[] = [];
        const response = await wholeBatch<SQSRecord>(
          records,
          (record) =>
            record.body === "malformed" ? { kind: "malformed", reason: "shape" } : { kind: "parsed", value: record },
          async (values) => {
            handled.push(values.map(({ messageId }) => messageId));
            if (values.some(({ body }) => body === "failing")) throw new Error("outage");
          },
          memoryLog(),
        );
        const readable = records.filter(({ body }) => body !== "malformed");
        expect(handled).toEqual(readable.length > 0 ? [readable.map(({ messageId }) => messageId)] : []);
        const fails = readable.some(({ body }) => body === "failing");
        const back = fails ? records : records.filter(({ body }) => body === "malformed");
        expect(failedIds(response)).toEqual(back.map(({ messageId }) => messageId).sort());
      }),
    );
  });

  test("logs a failure in a line that does not grow with the batch", async () => {
    const log = memoryLog();
    const records = Array.from({ length: 1_000 }, (_, index) => sqsRecord(`message-${index}`, "failing"));
    const read = (record: SQSRecord) => ({ kind: "parsed", value: record }) as const;
    const fail = async () => {
      throw new Error("outage");
    };
    expect((await wholeBatch(records, read, fail, log)).batchItemFailures).toHaveLength(1_000);
    expect(log.lines).toHaveLength(1);
    expect(log.lines[0]?.fields.messages).toBe(1_000);
    expect(JSON.stringify(log.lines).length).toBeLessThan(1_000);
  });
});
