import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { sqsClient } from "../../packages/aws/src/clients.ts";
import { callersJobBody } from "../../packages/aws/src/messages.ts";
import {
  deduplicationId,
  sqsCallersQueue,
  sqsKeyQueue,
  sqsLaterQueue,
  sqsSweepQueue,
} from "../../packages/aws/src/queues.ts";
import { sampleAgentId, sampleCallersJob, sampleJob, sampleKey } from "./samples.ts";
import { json, startWire, type Wire, type WireRequest } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());
vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");

const sent = (index = 0): unknown => JSON.parse(wire.requests[index]?.body || "null");

describe("queues", () => {
  /** The SDK compares what SQS says it stored with what was sent. */
  const stored = ({ body }: WireRequest) =>
    json({ MessageId: "m", MD5OfMessageBody: createHash("md5").update(JSON.parse(body).MessageBody).digest("hex") });
  const queueUrl = "https://sqs.eu-west-1.amazonaws.com/111122223333/key.fifo";

  test("a key's job goes to the key's group, at the given endpoint and never to the host in the queue's url", async () => {
    wire.answer(stored);
    await sqsKeyQueue(sqsClient(wire.environment), queueUrl).lookAt(sampleJob());
    expect(sent()).toMatchObject({
      QueueUrl: queueUrl,
      MessageGroupId: sampleKey(),
      MessageDeduplicationId: deduplicationId(sampleJob()),
    });
  });

  test("a job waits at most a quarter of an hour", async () => {
    wire.answer(stored);
    await sqsLaterQueue(sqsClient(wire.environment), queueUrl).lookAgain(sampleJob(), 4_000);
    expect(sent()).toMatchObject({ DelaySeconds: 900 });
  });

  test("a job for callers goes to its queue, and may wait as long", async () => {
    wire.answer(stored);
    const callersQueue = sqsCallersQueue(sqsClient(wire.environment), queueUrl);
    for (const delay of [0, 47.6, 4_000, -1]) await callersQueue.review(sampleCallersJob(), delay);
    expect(sent()).toEqual({ QueueUrl: queueUrl, MessageBody: callersJobBody(sampleCallersJob()), DelaySeconds: 0 });
    const delays = [0, 1, 2, 3].map((index) => (sent(index) as { DelaySeconds: number }).DelaySeconds);
    expect(delays).toEqual([0, 48, 900, 0]);
  });

  test("a page, an agent and the keys of a sweep go to the sweep queue", async () => {
    wire.answer(stored);
    const sweepQueue = sqsSweepQueue(sqsClient(wire.environment), queueUrl);
    const sweep = { sweepId: "s", startedAt: "2026-11-02T10:00:00.000Z" };
    await sweepQueue.page({ ...sweep, pageNumber: 1, nextToken: undefined, unread: 0 });
    await sweepQueue.agent({ ...sweep, agent: sampleAgentId() });
    await sweepQueue.keys({ ...sweep, after: sampleKey(), unread: 2 });
    const bodies = [0, 1, 2].map((index) => JSON.parse((sent(index) as { MessageBody: string }).MessageBody));
    expect(bodies).toEqual([
      { v: 1, kind: "page", ...sweep, pageNumber: 1, unread: 0 },
      { v: 1, kind: "agent", ...sweep, agent: sampleAgentId() },
      { v: 1, kind: "keys", ...sweep, after: sampleKey(), unread: 2 },
    ]);
    expect(sent()).toMatchObject({ QueueUrl: queueUrl });
  });
});
