import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { CallerArn, KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { Hold, Holds } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { time, VERSION, words } from "./schema.ts";
import { calling, itemKey, readItem, type Table } from "./table.ts";

export const holdsActions = {
  of: ["dynamodb:GetItem"],
  set: ["dynamodb:PutItem"],
  lift: ["dynamodb:DeleteItem"],
} as const satisfies ActionsOf<Holds>;

const item: z.ZodType<Hold> = z.object({
  kind: z.enum(["rollback", "contest", "person", "lifted"]),
  by: words,
  reason: words,
  at: time,
});

/** One item a key or caller. An item that can't be read throws, so that nothing is written to the key or caller. */
export function dynamoHolds(table: Table): Holds {
  return {
    of: (subject: KeyArn | CallerArn) => readItem(table, itemKey.hold(subject), item),

    async set(subject: KeyArn | CallerArn, { kind, by, reason, at }: Hold): Promise<void> {
      const where = itemKey.hold(subject);
      const put = new PutCommand({ TableName: table.name, Item: { v: VERSION, ...where, kind, by, reason, at } });
      await calling("dynamodb:PutItem", where, () => table.client.send(put));
    },

    async lift(subject: KeyArn | CallerArn): Promise<void> {
      const where = itemKey.hold(subject);
      const remove = new DeleteCommand({ TableName: table.name, Key: where });
      await calling("dynamodb:DeleteItem", where, () => table.client.send(remove));
    },
  };
}
