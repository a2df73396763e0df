import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { SweepLog } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { id, time, VERSION } from "./schema.ts";
import { calling, itemKey, readItem, type Table } from "./table.ts";

export const sweepLogActions = {
  everFinished: ["dynamodb:GetItem"],
  finished: ["dynamodb:PutItem"],
} as const satisfies ActionsOf<SweepLog>;

const item = z.object({ sweepId: id, at: time });

export function dynamoSweepLog(table: Table): SweepLog {
  return {
    async everFinished() {
      return (await readItem(table, itemKey.sweep, item)) !== undefined;
    },

    async finished(sweepId: string, at: string) {
      const put = new PutCommand({ TableName: table.name, Item: { v: VERSION, ...itemKey.sweep, sweepId, at } });
      await calling("dynamodb:PutItem", itemKey.sweep, () => table.client.send(put));
    },
  };
}
