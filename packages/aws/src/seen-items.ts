/** Items that hold what was seen of an agent at a time, `seenAt`: a reading only ever takes the place of an older one. */
import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { VERSION } from "./schema.ts";
import { calling, callingIf, type ItemKey, isConditionFailed, type Table } from "./table.ts";

export type ConditionalPut =
  /** `replaced`: the item that stood there, as DynamoDB gave it. */
  { readonly kind: "put"; readonly replaced: unknown } | { readonly kind: "older" };

/** Times of one format compare as text. */
const SEEN_BY = "attribute_not_exists(pk) OR seenAt <= :seenAt";
const SEEN_BEFORE = "attribute_not_exists(pk) OR seenAt < :seenAt";

export async function putIfNewer(
  table: Table,
  key: ItemKey,
  seen: { readonly seenAt: string } & Readonly<Record<string, unknown>>,
): Promise<ConditionalPut> {
  const put = new PutCommand({
    TableName: table.name,
    Item: { v: VERSION, ...key, ...seen },
    ConditionExpression: SEEN_BY,
    ExpressionAttributeValues: { ":seenAt": seen.seenAt },
    ReturnValues: "ALL_OLD",
  });
  try {
    const { Attributes } = await calling("dynamodb:PutItem", key, () => table.client.send(put));
    return { kind: "put", replaced: Attributes };
  } catch (error) {
    if (isConditionFailed(error)) return { kind: "older" };
    throw error;
  }
}

/** @returns whether the item is gone: `false` when it is of a later reading, and stays. */
export function deleteIfSeenBy(table: Table, key: ItemKey, seenAt: string): Promise<boolean> {
  return remove(table, key, SEEN_BY, seenAt);
}

/**
 * As `deleteIfSeenBy`, but an item of the very same time stays too. Two functions may read an agent within the same
 * millisecond, before and after it moved: were each to delete what the other put, the agent would be on no key at all.
 */
export function deleteIfSeenBefore(table: Table, key: ItemKey, seenAt: string): Promise<boolean> {
  return remove(table, key, SEEN_BEFORE, seenAt);
}

function remove(table: Table, key: ItemKey, condition: string, seenAt: string): Promise<boolean> {
  const command = new DeleteCommand({
    TableName: table.name,
    Key: key,
    ConditionExpression: condition,
    ExpressionAttributeValues: { ":seenAt": seenAt },
  });
  return callingIf("dynamodb:DeleteItem", key, () => table.client.send(command));
}
