import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { Absences } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { line, time, VERSION } from "./schema.ts";
import { calling, itemKey, readItem, type Table } from "./table.ts";

export const absencesActions = {
  of: ["dynamodb:GetItem"],
  set: ["dynamodb:PutItem", "dynamodb:DeleteItem"],
} as const satisfies ActionsOf<Absences>;

const item = z.object({ subjects: z.array(z.object({ subject: line.min(1), since: time })) });

export function dynamoAbsences(table: Table): Absences {
  return {
    async of(key: KeyArn): Promise<ReadonlyMap<string, string>> {
      const found = await readItem(table, itemKey.absences(key), item);
      return new Map(found?.subjects.map(({ subject, since }) => [subject, since]));
    },

    async set(key: KeyArn, absences: ReadonlyMap<string, string>): Promise<void> {
      const where = itemKey.absences(key);
      if (absences.size === 0) {
        const remove = new DeleteCommand({ TableName: table.name, Key: where });
        await calling("dynamodb:DeleteItem", where, () => table.client.send(remove));
        return;
      }
      const subjects = [...absences].map(([subject, since]) => ({ subject, since }));
      const put = new PutCommand({ TableName: table.name, Item: { v: VERSION, ...where, subjects } });
      await calling("dynamodb:PutItem", where, () => table.client.send(put));
    },
  };
}
