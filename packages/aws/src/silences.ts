import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Silence, SilenceLever, Silences } from "@bedrock-key-guard/core/alert/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { id, time, VERSION, words } from "./schema.ts";
import { calling, itemKey, readItems, SILENCES_PARTITION, type Table } from "./table.ts";

export const silencesActions = { all: ["dynamodb:Query"] } as const satisfies ActionsOf<Silences>;

/** What a person's own credentials need; no role of the guard has them for these items. */
export const silenceLeverActions = {
  set: ["dynamodb:PutItem"],
  lift: ["dynamodb:DeleteItem"],
} as const satisfies ActionsOf<SilenceLever>;

const item: z.ZodType<Silence> = z.object({ ref: id, until: time, by: words, reason: words, at: time });

export function dynamoSilences(table: Table): Silences {
  return { all: () => readItems(table, SILENCES_PARTITION, { kind: "all" }, item) };
}

export function dynamoSilenceLever(table: Table): SilenceLever {
  return {
    async set(silence: Silence): Promise<void> {
      const key = itemKey.silence(silence.ref);
      // Past its end nobody needs it: DynamoDB deletes it some time.
      const expires = Math.ceil(Date.parse(silence.until) / 1_000);
      const put = new PutCommand({ TableName: table.name, Item: { v: VERSION, ...key, ...silence, expires } });
      await calling("dynamodb:PutItem", key, () => table.client.send(put));
    },

    async lift(ref: string): Promise<void> {
      const key = itemKey.silence(ref);
      const remove = new DeleteCommand({ TableName: table.name, Key: key });
      await calling("dynamodb:DeleteItem", key, () => table.client.send(remove));
    },
  };
}
