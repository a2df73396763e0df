import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { WritingNotes } from "@bedrock-key-guard/core/callers/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { time, VERSION } from "./schema.ts";
import { calling, itemKey, readItem, type Table } from "./table.ts";

export const writingNotesActions = {
  of: ["dynamodb:GetItem"],
  set: ["dynamodb:PutItem"],
} as const satisfies ActionsOf<WritingNotes>;

const item = z.object({ callers: z.array(z.string()), at: time });

export function dynamoWritingNotes(table: Table): WritingNotes {
  const key = itemKey.writing;
  return {
    async of() {
      return (await readItem(table, key, item))?.callers ?? [];
    },

    async set(callers: readonly string[], at: string) {
      const put = new PutCommand({ TableName: table.name, Item: { v: VERSION, ...key, callers, at } });
      await calling("dynamodb:PutItem", key, () => table.client.send(put));
    },
  };
}
