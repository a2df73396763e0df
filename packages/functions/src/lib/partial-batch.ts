/**
 * Handles the messages of an SQS batch one by one, and tells Lambda which of them to put back. A message that
 * fails never takes another one with it, but for those of its own FIFO group.
 *
 * A message that can't be read is put back like one that failed: after its last delivery it is in the dead-letter
 * queue, whose alarm tells a person once.
 */
import type { Parsed } from "@bedrock-key-guard/aws/messages.ts";
import type { SQSBatchResponse, SQSRecord } from "aws-lambda";

export type Handled = { readonly kind: "done" } | { readonly kind: "malformed"; readonly reason: string };

export const done: Handled = { kind: "done" };

/** What is used of the function's logger. */
export interface BatchLog {
  warn(message: string, fields: Record<string, unknown>): void;
  error(message: string, fields: Record<string, unknown>): void;
}

/**
 * For a standard queue: each record by itself, one after the other.
 *
 * @param handle - throws for what another delivery may mend.
 */
export async function eachRecord(
  records: readonly SQSRecord[],
  handle: (record: SQSRecord) => Promise<Handled>,
  log: BatchLog,
): Promise<SQSBatchResponse> {
  const failed: SQSRecord[] = [];
  for (const record of records) {
    try {
      const handled = await handle(record);
      if (handled.kind === "done") continue;
      warnMalformed(log, record, handled.reason);
    } catch (error) {
      log.error("a message failed and is put back", { messageId: record.messageId, error });
    }
    failed.push(record);
  }
  return putBack(failed);
}

/**
 * As `eachRecord`, for messages that must not overtake each other: behind one that fails, none of its message group is handled.
 * What can't be read holds up nobody: it ends as a dead letter.
 */
export async function inOrder(
  records: readonly SQSRecord[],
  handle: (record: SQSRecord) => Promise<Handled>,
  log: BatchLog,
): Promise<SQSBatchResponse> {
  const failedGroups = new Set<string>();
  const groupOf = ({ attributes }: SQSRecord) => attributes.MessageGroupId;
  const careful = async (record: SQSRecord): Promise<Handled> => {
    const group = groupOf(record);
    if (group !== undefined && failedGroups.has(group)) throw new Error("a message before it in its group failed");
    try {
      return await handle(record);
    } catch (error) {
      if (group !== undefined) failedGroups.add(group);
      throw error;
    }
  };
  return eachRecord(records, careful, log);
}

/**
 * For a FIFO queue: the records of one message group are read in order and handled as one; groups side by side.
 * What can be read of a group succeeds or fails together. What can't be read is put back alone: it asks for nothing
 * that the others would have to wait for, and they would be counted, and end as dead letters, together with it.
 *
 * @param read - what a record says, or why it can't be read.
 * @param handle - takes the values of one group, in order and at least one; throws to put them all back.
 */
export async function eachGroup<T>(
  records: readonly SQSRecord[],
  read: (record: SQSRecord) => Parsed<T>,
  handle: (values: readonly [T, ...T[]]) => Promise<void>,
  log: BatchLog,
): Promise<SQSBatchResponse> {
  const groups = Map.groupBy(records, (record) => record.attributes.MessageGroupId ?? "");
  const failed = await Promise.all([...groups.values()].map((group) => handleTogether(group, read, handle, log)));
  return putBack(failed.flat());
}

/**
 * For a standard queue whose messages ask for one piece of work: the whole batch is handled as one, whatever its size. As
 * with a group, what can be read succeeds or fails together, and what can't be read is put back alone.
 */
export async function wholeBatch<T>(
  records: readonly SQSRecord[],
  read: (record: SQSRecord) => Parsed<T>,
  handle: (values: readonly [T, ...T[]]) => Promise<void>,
  log: BatchLog,
): Promise<SQSBatchResponse> {
  return putBack(await handleTogether(records, read, handle, log));
}

/** @returns what is to be put back */
async function handleTogether<T>(
  group: readonly SQSRecord[],
  read: (record: SQSRecord) => Parsed<T>,
  handle: (values: readonly [T, ...T[]]) => Promise<void>,
  log: BatchLog,
): Promise<readonly SQSRecord[]> {
  const { values, unreadable } = readGroup(group, read, log);
  const [first, ...others] = values;
  if (first === undefined) return unreadable;
  try {
    await handle([first, ...others]);
    return unreadable;
  } catch (error) {
    const messageIds = group.slice(0, MOST_LOGGED).map((record) => record.messageId);
    log.error("messages that are one failed and are put back", { messages: group.length, messageIds, error });
    return group;
  }
}

/** A line of the log is not to grow with its batch. */
const MOST_LOGGED = 10;

function readGroup<T>(
  group: readonly SQSRecord[],
  read: (record: SQSRecord) => Parsed<T>,
  log: BatchLog,
): { readonly values: readonly T[]; readonly unreadable: readonly SQSRecord[] } {
  const values: T[] = [];
  const unreadable: SQSRecord[] = [];
  for (const record of group) {
    const parsed = read(record);
    if (parsed.kind === "parsed") {
      values.push(parsed.value);
      continue;
    }
    warnMalformed(log, record, parsed.reason);
    unreadable.push(record);
  }
  return { values, unreadable };
}

function warnMalformed(log: BatchLog, record: SQSRecord, reason: string): void {
  log.warn("a message can't be read and goes to the dead-letter queue", { messageId: record.messageId, reason });
}

function putBack(failed: readonly SQSRecord[]): SQSBatchResponse {
  return { batchItemFailures: failed.map((record) => ({ itemIdentifier: record.messageId })) };
}
