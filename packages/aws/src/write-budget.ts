import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { BudgetScope, WriteBudget } from "@bedrock-key-guard/core/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { VERSION } from "./schema.ts";
import { callingIf, itemKey, type Table } from "./table.ts";
import { daysAfter } from "./times.ts";

export const writeBudgetActions = { reserve: ["dynamodb:UpdateItem"] } as const satisfies ActionsOf<WriteBudget>;

const KEPT_DAYS = 2;

/**
 * One item an hour and scope, counted up by one conditional call, so that two functions can't both take the last one.
 * A call that the SDK repeats because its answer was lost may count twice: a write too few, never one too many. An item
 * in which the count can't be compared with the limit counts as spent.
 */
export function dynamoWriteBudget(table: Table): WriteBudget {
  return {
    async reserve(scope: BudgetScope, hour: string, limit: number): Promise<"reserved" | "spent"> {
      // The first reservation of an hour finds no item to compare with.
      if (!(limit >= 1)) return "spent";
      const key = itemKey.budget(scope, hour);
      const update = new UpdateCommand({
        TableName: table.name,
        Key: key,
        UpdateExpression: "SET #used = if_not_exists(#used, :none) + :one, #v = :v, #expires = :expires",
        ConditionExpression: "attribute_not_exists(pk) OR (#v = :v AND #used < :limit)",
        ExpressionAttributeNames: { "#used": "used", "#v": "v", "#expires": "expires" },
        ExpressionAttributeValues: {
          ":none": 0,
          ":one": 1,
          ":limit": limit,
          ":v": VERSION,
          ":expires": daysAfter(`${hour}:00:00Z`, KEPT_DAYS),
        },
      });
      const reserved = await callingIf("dynamodb:UpdateItem", key, () => table.client.send(update));
      return reserved ? "reserved" : "spent";
    },
  };
}
