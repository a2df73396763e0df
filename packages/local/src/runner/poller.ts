/**
 * Event source mappings: what Lambda does between a queue and a function. Batches, the batching window, failures of
 * single messages, concurrency; FIFO order and dead letters are the queue's own.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
 */
import type { LocalFunction } from "./function-pool.ts";
import type { InvocationResult } from "./function-process.ts";
import type { MappingModel } from "./model.ts";
import { itemFailures, type ReceivedMessage, sqsEvent } from "./sqs-event.ts";
import type { LocalQueue, SqsService } from "./sqs-service.ts";
import type { StackTime } from "./time.ts";
import type { Waiting } from "./waiting.ts";

export interface Poller {
  /** Messages that are between the queue and the function's answer. */
  busy(): number;
  /** Those among them that are gathered: nothing happens until the batching window ends. */
  gathered(): number;
  readonly window: Waiting;
  stop(): Promise<void>;
}

const POLL_MILLISECONDS = 15;
/** Execution environments that a laptop has for one function, where the graph allows more. */
const LOCAL_CONCURRENCY = 2;
const RECEIVE_LIMIT = 10;
const LARGEST_BATCH = 10_000;
const LONGEST_WINDOW_SECONDS = 300;
/** What one invocation takes, and what one message may have. */
const PAYLOAD_BYTES = 6 * 1024 * 1024;
const MESSAGE_BYTES = 1024 * 1024;

/** Lambda refuses a mapping whose role can't do these. */
const NEEDED = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"] as const;

/** @throws for a mapping that Lambda would refuse to make. */
export function startPoller(parts: {
  readonly mapping: MappingModel;
  readonly target: LocalFunction;
  readonly queue: LocalQueue;
  readonly sqs: SqsService;
  readonly time: StackTime;
  readonly region: string;
  readonly mayPoll: (action: string) => string | undefined;
  /** Told of every batch that the function did not return from. */
  readonly onFailure: (functionName: string, result: InvocationResult) => void;
}): Poller {
  const { mapping, target, queue, sqs, time } = parts;
  const refusals = [...NEEDED.map((operation) => parts.mayPoll(`sqs:${operation}`)), invalid(mapping, target, queue)];
  const refusal = refusals.find((one) => one !== undefined);
  if (refusal !== undefined) {
    throw new Error(`\`${target.model.name}\` can't be fed by \`${queue.model.name}\`: ${refusal}`);
  }

  const limit = Math.min(
    mapping.maximumConcurrency ?? Infinity,
    target.model.reservedConcurrency ?? Infinity,
    LOCAL_CONCURRENCY,
  );
  const url = queue.model.url;
  // A message stays away for as long as its function may really run; see `time.ts`.
  const heldSeconds =
    Math.max(time.seconds(queue.model.visibilitySeconds), target.model.timeoutSeconds + 5) +
    time.seconds(mapping.windowSeconds);
  const batches = new Set<Promise<void>>();
  let busy = 0;
  let gathering: { readonly messages: readonly ReceivedMessage[]; ends: number } | undefined;
  let stopped = false;
  let receiving: Promise<void> | undefined;

  const timer = setInterval(() => {
    if (receiving || batches.size >= limit || queue.depth().visible === 0) return;
    receiving = poll().finally(() => {
      receiving = undefined;
    });
  }, POLL_MILLISECONDS);

  async function poll(): Promise<void> {
    const received = performance.now();
    const messages = await receive(mapping.batchSize);
    await gather(messages, received + time.milliseconds(mapping.windowSeconds));
    if (messages.length === 0 || stopped) return;
    const batch = work(messages, received).finally(() => {
      busy -= messages.length;
      batches.delete(batch);
    });
    batches.add(batch);
  }

  /** Adds what comes within the window. One receive brings ten messages at most. */
  async function gather(messages: ReceivedMessage[], ends: number): Promise<void> {
    if (messages.length === 0) return;
    const window = { messages, ends };
    gathering = window;
    while (roomIn(messages) > 0 && performance.now() < window.ends && !stopped) {
      const more = await receive(roomIn(messages));
      messages.push(...more);
      if (more.length === 0) await pause(Math.min(POLL_MILLISECONDS, window.ends - performance.now()));
    }
    gathering = undefined;
  }

  /** How many messages more fit into the batch, however long they are. */
  function roomIn(messages: readonly ReceivedMessage[]): number {
    const bytes = messages.reduce((sum, { Body }) => sum + Body.length, 0);
    return Math.min(mapping.batchSize - messages.length, Math.floor((PAYLOAD_BYTES - bytes) / MESSAGE_BYTES));
  }

  async function receive(count: number): Promise<ReceivedMessage[]> {
    const answer = await sqs.call(target.caller, "ReceiveMessage", {
      QueueUrl: url,
      MaxNumberOfMessages: Math.min(count, RECEIVE_LIMIT),
      // The front door compresses it.
      VisibilityTimeout: heldSeconds * time.scale,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    if (answer.kind === "error") return [];
    const messages = (answer.output.Messages ?? []) as ReceivedMessage[]; // SQS's own answer
    busy += messages.length;
    return messages;
  }

  async function work(messages: readonly ReceivedMessage[], received: number): Promise<void> {
    const result = await target.invoke(sqsEvent(messages, queue.model.arn, parts.region));
    if (stopped) return;
    if (result.kind !== "returned") parts.onFailure(target.model.name, result);
    const failed = failuresOf(result, messages);
    for (const message of messages) {
      if (!failed.has(message.MessageId)) await remove(message);
    }
    const visibleAgain = time.seconds(queue.model.visibilitySeconds) - (performance.now() - received) / 1000;
    // From the last to the first: a FIFO group takes each back at its front.
    for (const message of messages.toReversed()) {
      if (failed.has(message.MessageId)) {
        sqs.releaseAfter(queue.model.arn, message.ReceiptHandle, Math.max(0, visibleAgain));
      }
    }
  }

  function failuresOf(result: InvocationResult, messages: readonly ReceivedMessage[]): ReadonlySet<string> {
    const ids = messages.map((message) => message.MessageId);
    if (result.kind !== "returned") return new Set(ids);
    return mapping.reportsItemFailures ? itemFailures(result.value, ids) : new Set();
  }

  async function remove(message: ReceivedMessage): Promise<void> {
    // Refused, the message stays and comes back: the refusal is in the record of the run.
    await sqs.call(target.caller, "DeleteMessage", { QueueUrl: url, ReceiptHandle: message.ReceiptHandle });
  }

  return {
    busy: () => busy + (receiving && !gathering ? 1 : 0),
    gathered: () => gathering?.messages.length ?? 0,
    window: {
      left: () => (gathering ? Math.max(0, gathering.ends - performance.now()) : undefined),
      pass(milliseconds) {
        if (gathering) gathering.ends -= milliseconds;
      },
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await receiving;
      await Promise.all(batches);
    },
  };
}

/** What Lambda checks of a mapping besides its role. */
function invalid(mapping: MappingModel, target: LocalFunction, queue: LocalQueue): string | undefined {
  const { fifo, visibilitySeconds } = queue.model;
  const { timeoutSeconds } = target.model;
  if (visibilitySeconds < timeoutSeconds) {
    return `the queue's visibility timeout (${visibilitySeconds} s) is less than the function's timeout (${timeoutSeconds} s)`;
  }
  if (fifo && (mapping.batchSize > RECEIVE_LIMIT || mapping.windowSeconds > 0)) {
    return `a FIFO queue allows at most ${RECEIVE_LIMIT} messages a batch, and no batching window`;
  }
  if (mapping.batchSize > LARGEST_BATCH || mapping.windowSeconds > LONGEST_WINDOW_SECONDS) {
    return `at most ${LARGEST_BATCH} messages a batch, and ${LONGEST_WINDOW_SECONDS} s to gather them`;
  }
  if (mapping.batchSize > RECEIVE_LIMIT && mapping.windowSeconds === 0) {
    return `batches of more than ${RECEIVE_LIMIT} messages need a batching window`;
  }
  return (mapping.maximumConcurrency ?? 2) < 2 ? "the maximum concurrency must be at least 2" : undefined;
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, milliseconds)));
}
