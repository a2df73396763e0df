import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { KeyArn } from "@bedrock-key-guard/core/arn.ts";
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

/** One item a key. An item that can't be read throws, so that nothing is written to the key. */
export function dynamoHolds(table: Table): Holds {
  return {
    of: (key: KeyArn) => readItem(table, itemKey.hold(key), item),

    async set(key: KeyArn, { kind, by, reason, at }: Hold): Promise<void> {
      const where = itemKey.hold(key);
      const put = new PutCommand({ TableName: table.name, Item: { v: VERSION, ...where, kind, by, reason, at } });
      await calling("dynamodb:PutItem", where, () => table.client.send(put));
    },

    async lift(key: KeyArn): Promise<void> {
      const where = itemKey.hold(key);
      const remove = new DeleteCommand({ TableName: table.name, Key: where });
      await calling("dynamodb:DeleteItem", where, () => table.client.send(remove));
    },
  };
}
