/**
 * The one table: what is written under which key, and how an item is read.
 *
 * | pk            | sk            | item |
 * |---|---|---|
 * | `AGENT#<id>`  | `AGENT`       | an agent as last seen |
 * | `KEY#<arn>`   | `AGENT#<id>`  | the same, so that the agents of a key are one consistent Query |
 * | `KEY#<arn>`   | `JOURNAL#<id>`| a policy that was put, or was about to be |
 * | `KEY#<arn>`   | `TOLD`        | what people were told of the key |
 * | `GUARD`       | `SWITCH`      | the kill switch |
 * | `SWEEP`       | `LOG`         | the last sweep that finished |
 */
import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import type { AgentId, KeyArn } from "@bedrock-key-guard/core/arn.ts";
import * as z from "zod";
import { AwsCallError, errorCode } from "./errors.ts";
import { reasonOf, VERSION } from "./schema.ts";

export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
}

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export const AGENT_PREFIX = "AGENT#";
export const JOURNAL_PREFIX = "JOURNAL#";

export const itemKey = {
  agent: (id: AgentId): ItemKey => ({ pk: `AGENT#${id}`, sk: "AGENT" }),
  agentOnKey: (key: KeyArn, id: AgentId): ItemKey => ({ pk: keyPartition(key), sk: `${AGENT_PREFIX}${id}` }),
  journal: (key: KeyArn, id: string): ItemKey => ({ pk: keyPartition(key), sk: `${JOURNAL_PREFIX}${id}` }),
  told: (key: KeyArn): ItemKey => ({ pk: keyPartition(key), sk: "TOLD" }),
  killSwitch: { pk: "GUARD", sk: "SWITCH" } satisfies ItemKey,
  sweep: { pk: "SWEEP", sk: "LOG" } satisfies ItemKey,
} as const;

export function keyPartition(key: KeyArn): string {
  return `KEY#${key}`;
}

/** An item that this code can't read. Thrown: what isn't understood is never taken for absent. */
export class UnreadableItemError extends Error {
  override readonly name = "UnreadableItemError";
}

/** Reads one item, consistently. `undefined` when there is none. */
export async function readItem<T>(table: Table, key: ItemKey, schema: z.ZodType<T>): Promise<T | undefined> {
  const { Item } = await calling("dynamodb:GetItem", key, () =>
    table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true })),
  );
  return Item === undefined ? undefined : parseItem(Item, key, schema);
}

/** Reads the items of a partition whose sort key starts with `prefix`, consistently, in order; all pages. */
export async function readItems<T>(
  table: Table,
  pk: string,
  prefix: string,
  schema: z.ZodType<T>,
): Promise<readonly T[]> {
  const found: T[] = [];
  let from: Record<string, unknown> | undefined;
  do {
    const page = await queryPage(table, pk, prefix, { from });
    for (const item of page.Items ?? []) found.push(parseItem(item, { pk, sk: String(item.sk) }, schema));
    from = page.LastEvaluatedKey;
  } while (from);
  return found;
}

/** Reads the item with the greatest sort key of those that start with `prefix`, consistently. */
export async function readLastItem<T>(
  table: Table,
  pk: string,
  prefix: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const { Items } = await queryPage(table, pk, prefix, { last: true });
  const item = Items?.[0];
  return item === undefined ? undefined : parseItem(item, { pk, sk: String(item.sk) }, schema);
}

function queryPage(
  table: Table,
  pk: string,
  prefix: string,
  options: { readonly from?: Record<string, unknown> | undefined; readonly last?: true },
) {
  const query = new QueryCommand({
    TableName: table.name,
    KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
    ExpressionAttributeValues: { ":pk": pk, ":prefix": prefix },
    ConsistentRead: true,
    ...(options.from ? { ExclusiveStartKey: options.from } : {}),
    ...(options.last ? { ScanIndexForward: false, Limit: 1 } : {}),
  });
  return calling("dynamodb:Query", { pk, sk: prefix }, () => table.client.send(query));
}

const versioned = z.object({ v: z.literal(VERSION) });

/** Reads what DynamoDB gave for `key`. */
export function parseItem<T>(item: unknown, key: ItemKey, schema: z.ZodType<T>): T {
  const version = versioned.safeParse(item);
  if (!version.success) throw unreadable(key, version.error);
  const parsed = schema.safeParse(item);
  if (!parsed.success) throw unreadable(key, parsed.error);
  return parsed.data;
}

function unreadable(key: ItemKey, error: z.ZodError): UnreadableItemError {
  return new UnreadableItemError(
    `the item \`${key.pk}\` / \`${key.sk}\` can't be read: ${reasonOf(error)}; another version or a person wrote it: mend it, or restore the table to an earlier time`,
  );
}

/** Calls DynamoDB; a failed condition is left to the caller as `ConditionalCheckFailedException`. */
export async function calling<T>(action: string, key: ItemKey, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isConditionFailed(error)) throw error;
    throw new AwsCallError(action, `${key.pk} / ${key.sk}`, error);
  }
}

export function isConditionFailed(error: unknown): boolean {
  return errorCode(error) === "ConditionalCheckFailedException";
}
