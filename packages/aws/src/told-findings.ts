import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { ToldFindings } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { time, VERSION } from "./schema.ts";
import { calling, itemKey, readItem, type Table } from "./table.ts";

export const toldFindingsActions = {
  of: ["dynamodb:GetItem"],
  set: ["dynamodb:PutItem"],
} as const satisfies ActionsOf<ToldFindings>;

const item = z.object({ findingIds: z.array(z.string()), at: time });

export function dynamoToldFindings(table: Table): ToldFindings {
  return {
    async of(subject: KeyArn | "callers") {
      return (await readItem(table, itemKey.told(subject), item))?.findingIds ?? [];
    },

    async set(subject: KeyArn | "callers", findingIds: readonly string[], at: string) {
      const where = itemKey.told(subject);
      const put = new PutCommand({ TableName: table.name, Item: { v: VERSION, ...where, findingIds, at } });
      await calling("dynamodb:PutItem", where, () => table.client.send(put));
    },
  };
}
