/**
 * The queues of fauxqs, in process and without a port of their own: `startFauxqs` would listen on every interface.
 *
 * Three things that fauxqs leaves out and the stack depends on are added to each queue:
 * - ARNs and URLs with the stack's account (fauxqs knows one account only);
 * - a FIFO receive that hands out several messages of a group in order, as SQS does (fauxqs hands out one);
 * - a deduplication window that is compressed like every other wait.
 */
import { type BuildAppOptions, buildApp } from "fauxqs";
import type { StackTime } from "./time.ts";
import type { Waiting } from "./waiting.ts";

type Stores = NonNullable<BuildAppOptions["stores"]>;
export type SqsStore = Stores["sqsStore"];
export type FauxqsQueue = ReturnType<SqsStore["createQueue"]>;
export type FauxqsApp = ReturnType<typeof buildApp>;

const DEDUPLICATION_WINDOW_SECONDS = 300;

export interface Fauxqs {
  readonly app: FauxqsApp;
  readonly sqs: SqsStore;
  readonly sns: Stores["snsStore"];
}

export async function openFauxqs(region: string): Promise<Fauxqs> {
  // The package exports `buildApp`, which takes the stores, but not their classes.
  const file = (path: string) => new URL(path, import.meta.resolve("fauxqs")).href;
  const [sqs, sns, s3] = await Promise.all([
    import(file("./sqs/sqsStore.js")) as Promise<{ SqsStore: new () => Stores["sqsStore"] }>,
    import(file("./sns/snsStore.js")) as Promise<{ SnsStore: new () => Stores["snsStore"] }>,
    import(file("./s3/s3Store.js")) as Promise<{ S3Store: new () => Stores["s3Store"] }>,
  ]);
  const stores: Stores = { sqsStore: new sqs.SqsStore(), snsStore: new sns.SnsStore(), s3Store: new s3.S3Store() };
  const app = buildApp({ logger: false, defaultRegion: region, stores });
  await app.ready();
  return { app, sqs: stores.sqsStore, sns: stores.snsStore };
}

export function createQueue(
  store: SqsStore,
  queue: { readonly name: string; readonly url: string; readonly arn: string },
  attributes: Readonly<Record<string, string>>,
  time: StackTime,
): FauxqsQueue {
  const created = store.createQueue(queue.name, queue.url, queue.arn, { ...attributes });
  if (created.isFifo()) {
    handOutGroups(created);
    compressDeduplication(created, time.milliseconds(DEDUPLICATION_WINDOW_SECONDS));
  }
  return created;
}

/**
 * What of a queue comes back by itself: delayed messages, and those in flight of which this is known.
 *
 * @param handles of messages in flight that nobody works on any more; those that have come back are dropped
 */
export function comingBack(queue: FauxqsQueue, handles: Set<string>): Waiting & { readonly count: () => number } {
  const inFlight = () => {
    for (const handle of handles) if (!queue.inflightMessages.has(handle)) handles.delete(handle);
    return [...handles].flatMap((handle) => queue.inflightMessages.get(handle) ?? []);
  };
  return {
    count: () => inFlight().length,
    left() {
      const delayed = queue.delayedMessages.map(({ delayUntil }) => delayUntil ?? 0);
      const due = Math.min(...delayed, ...inFlight().map(({ visibilityDeadline }) => visibilityDeadline));
      return due === Number.POSITIVE_INFINITY ? undefined : Math.max(0, due - Date.now());
    },
    pass(milliseconds) {
      for (const message of queue.delayedMessages) message.delayUntil = (message.delayUntil ?? 0) - milliseconds;
      for (const entry of inFlight()) entry.visibilityDeadline -= milliseconds;
    },
  };
}

/** Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html */
function handOutGroups(queue: FauxqsQueue): void {
  const oneOfEachGroup = queue.dequeue.bind(queue);
  queue.dequeue = (maxCount, visibilityTimeout, dlqResolver) => {
    // Messages whose visibility ran out come back in the order in which they were received, each to the front.
    queue.processTimers();
    for (const messages of queue.fifoMessages.values()) {
      messages.sort((a, b) => ((a.sequenceNumber ?? "") < (b.sequenceNumber ?? "") ? -1 : 1));
    }
    const received = oneOfEachGroup(maxCount, visibilityTimeout, dlqResolver);
    const groups = new Set(received.map((message) => groupOf(queue, message.ReceiptHandle)));
    for (const group of groups) {
      while (received.length < maxCount && (queue.fifoMessages.get(group)?.length ?? 0) > 0) {
        // INVARIANT: the group is open only within this synchronous turn, so nobody else can take from it.
        const inFlight = queue.fifoLockedGroups.get(group) ?? 0;
        queue.fifoLockedGroups.delete(group);
        const [next] = oneOfEachGroup(1, visibilityTimeout, dlqResolver);
        queue.fifoLockedGroups.set(group, inFlight + (queue.fifoLockedGroups.get(group) ?? 0));
        if (!next) break;
        received.push(next);
      }
    }
    return received;
  };
}

function groupOf(queue: FauxqsQueue, receiptHandle: string): string {
  return queue.inflightMessages.get(receiptHandle)?.message.messageGroupId ?? "";
}

function compressDeduplication(queue: FauxqsQueue, windowMilliseconds: number): void {
  const seen = new Map<
    string,
    { readonly messageId: string; readonly sequenceNumber?: string; readonly until: number }
  >();
  queue.recordDeduplication = (id, messageId, sequenceNumber) => {
    const until = performance.now() + windowMilliseconds;
    seen.set(id, { messageId, until, ...(sequenceNumber === undefined ? {} : { sequenceNumber }) });
  };
  queue.checkDeduplication = (id) => {
    const known = seen.get(id);
    if (!known || known.until <= performance.now()) return { isDuplicate: false };
    return {
      isDuplicate: true,
      originalMessageId: known.messageId,
      ...(known.sequenceNumber === undefined ? {} : { originalSequenceNumber: known.sequenceNumber }),
    };
  };
}
