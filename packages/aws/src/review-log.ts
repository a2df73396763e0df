import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { ReviewLog } from "@bedrock-key-guard/core/callers/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { id, time, VERSION } from "./schema.ts";
import { callingIf, itemKey, readItem, type Table } from "./table.ts";
import { sortable } from "./times.ts";

/** A refused condition is followed by a look at the item: it may be one that this code can't read. */
export const reviewLogActions = {
  begin: ["dynamodb:UpdateItem", "dynamodb:GetItem"],
  end: ["dynamodb:UpdateItem"],
  reserveReading: ["dynamodb:UpdateItem", "dynamodb:GetItem"],
} as const satisfies ActionsOf<ReviewLog>;

const item = z.object({ review: id.optional(), until: time.optional(), readAt: time.optional() });

const NAMES = { "#v": "v", "#review": "review", "#until": "until", "#readAt": "readAt" } as const;

/** Nothing is taken from an item of another version: whoever wrote it may count otherwise. */
const OURS = "(attribute_not_exists(pk) OR #v = :v)";

/**
 * One item: which review runs until when, and when IAM was last read. All by conditional updates, so that two functions
 * can't both take what is there once.
 */
export function dynamoReviewLog(table: Table): ReviewLog {
  const key = itemKey.review;

  const update = (set: string, condition: string, values: Record<string, unknown>) => {
    const used = Object.entries(NAMES).filter(([name]) => `${set} ${condition}`.includes(name));
    return callingIf("dynamodb:UpdateItem", key, () =>
      table.client.send(
        new UpdateCommand({
          TableName: table.name,
          Key: key,
          UpdateExpression: set,
          ConditionExpression: condition,
          ExpressionAttributeNames: Object.fromEntries(used),
          ExpressionAttributeValues: { ":v": VERSION, ...values },
        }),
      ),
    );
  };

  return {
    async begin(review: string, at: string, until: string): Promise<"begun" | "busy"> {
      const begun = await update(
        "SET #v = :v, #review = :review, #until = :until",
        `${OURS} AND (attribute_not_exists(#review) OR #review = :review OR #until <= :at)`,
        { ":review": review, ":at": sortable(at), ":until": sortable(until) },
      );
      if (begun) return "begun";
      await readItem(table, key, item);
      return "busy";
    },

    async end(review: string): Promise<void> {
      await update("REMOVE #review, #until", "#v = :v AND #review = :review", { ":review": review });
    },

    async reserveReading(at: string, before: string) {
      const reserved = await update(
        "SET #v = :v, #readAt = :at",
        `${OURS} AND (attribute_not_exists(#readAt) OR #readAt <= :before)`,
        { ":at": sortable(at), ":before": sortable(before) },
      );
      if (reserved) return { kind: "reserved" };
      const readAt = (await readItem(table, key, item))?.readAt;
      // It went away since the condition was refused; a pause from now on is on the safe side.
      return { kind: "too-soon", readAt: readAt ?? at };
    },
  };
}
