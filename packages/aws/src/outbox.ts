import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Alert } from "@bedrock-key-guard/core/alert/alert.ts";
import type { Dispatch, Outbox } from "@bedrock-key-guard/core/alert/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { id, orUndefined, time, VERSION, words } from "./schema.ts";
import { ANNOUNCER_PARTITION, calling, itemKey, OUTBOX_PREFIX, readItems, type Table } from "./table.ts";

export const outboxActions = {
  pending: ["dynamodb:Query"],
  save: ["dynamodb:PutItem"],
  remove: ["dynamodb:DeleteItem"],
} as const satisfies ActionsOf<Outbox>;

/** Written by this code, and read by the same version of it: what it is made of is not looked at again. */
const alert = z.string().transform((text, context): Alert => {
  const value: unknown = JSON.parse(text);
  if (typeof value === "object" && value !== null && "v" in value && value.v === 2) return value as Alert;
  context.addIssue({ code: "custom", message: "not an alert of this version" });
  return z.NEVER;
});

const item = z.object({
  alert,
  tells: z.array(z.object({ id: words, sequence: z.int().min(0) })),
  left: z.array(id),
  trying: orUndefined(z.object({ channel: id, at: time })),
  failed: z.array(id),
});

/** One item an alert that is on its way. */
export function dynamoOutbox(table: Table): Outbox {
  return {
    async pending(): Promise<readonly Dispatch[]> {
      const range = { kind: "prefix", prefix: OUTBOX_PREFIX } as const;
      const found = await readItems(table, ANNOUNCER_PARTITION, range, item);
      return [...found].sort((a, b) => (a.alert.at < b.alert.at ? -1 : a.alert.at > b.alert.at ? 1 : 0));
    },

    async save({ alert, tells, left, trying, failed }: Dispatch): Promise<void> {
      const key = itemKey.outbox(alert.id);
      const put = new PutCommand({
        TableName: table.name,
        Item: { v: VERSION, ...key, alert: JSON.stringify(alert), tells, left, trying, failed },
      });
      await calling("dynamodb:PutItem", key, () => table.client.send(put));
    },

    async remove({ alert }: Dispatch): Promise<void> {
      const key = itemKey.outbox(alert.id);
      const remove = new DeleteCommand({ TableName: table.name, Key: key });
      await calling("dynamodb:DeleteItem", key, () => table.client.send(remove));
    },
  };
}
