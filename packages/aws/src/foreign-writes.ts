import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { ForeignWrite, ForeignWrites } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { actor, id, keyArnText, policyText, time, VERSION } from "./schema.ts";
import { callingIf, FOREIGN_PREFIX, itemKey, keyPartition, readItems, sinceTime, type Table } from "./table.ts";
import { daysAfter, sortableSecond } from "./times.ts";

export const foreignWritesActions = {
  record: ["dynamodb:PutItem"],
  since: ["dynamodb:Query"],
  settle: ["dynamodb:UpdateItem"],
} as const satisfies ActionsOf<ForeignWrites>;

const item: z.ZodType<ForeignWrite> = z.object({
  key: keyArnText,
  eventId: id,
  at: time,
  actor,
  policy: policyText,
  byGuard: z.boolean(),
  settled: z.boolean(),
});

const KEPT_DAYS = 30;

export function dynamoForeignWrites(table: Table): ForeignWrites {
  return {
    async record({ key, eventId, at, actor: who, policy, byGuard, settled }: ForeignWrite): Promise<void> {
      const where = placeOf({ key, at, eventId });
      const put = new PutCommand({
        TableName: table.name,
        Item: {
          v: VERSION,
          ...where,
          ...{ key, eventId, at, actor: who, policy, byGuard, settled },
          expires: daysAfter(at, KEPT_DAYS),
        },
        // An event that comes again must not undo that it was settled.
        ConditionExpression: "attribute_not_exists(pk)",
      });
      await callingIf("dynamodb:PutItem", where, () => table.client.send(put));
    },

    since(key: KeyArn, since: string): Promise<readonly ForeignWrite[]> {
      // CloudTrail tells the second: a write of the second in which `since` lies may be behind it.
      return readItems(table, keyPartition(key), sinceTime(FOREIGN_PREFIX, sortableSecond(since)), item);
    },

    async settle(write: ForeignWrite): Promise<void> {
      const where = placeOf(write);
      const update = new UpdateCommand({
        TableName: table.name,
        Key: where,
        UpdateExpression: "SET #settled = :settled",
        // One whose time was over is gone: there is nothing to settle, and half an item must not come into being.
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeNames: { "#settled": "settled" },
        ExpressionAttributeValues: { ":settled": true },
      });
      await callingIf("dynamodb:UpdateItem", where, () => table.client.send(update));
    },
  };
}

function placeOf({ key, at, eventId }: Pick<ForeignWrite, "key" | "at" | "eventId">) {
  return itemKey.foreign(key, sortableSecond(at), eventId);
}
