import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { SweepLog, SweepState } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { id, time, VERSION } from "./schema.ts";
import { callingIf, itemKey, readItem, type Table } from "./table.ts";

export const sweepLogActions = {
  everFinished: ["dynamodb:GetItem"],
  latest: ["dynamodb:GetItem"],
  started: ["dynamodb:UpdateItem"],
  finished: ["dynamodb:UpdateItem"],
} as const satisfies ActionsOf<SweepLog>;

/** Part by part: a sweep whose start an older deployment did not log may be the first thing known, by its end. */
const item = z.object({
  sweepId: id.optional(),
  startedAt: time.optional(),
  finishedAt: time.optional(),
  everFinished: z.literal(true).optional(),
  /** When a sweep finished: all that was kept before starts were logged. */
  at: time.optional(),
});

/** One item: the latest sweep, and, for good, that one has finished. */
export function dynamoSweepLog(table: Table): SweepLog {
  const read = () => readItem(table, itemKey.sweep, item);
  const update = (set: string, condition: string | undefined, values: Readonly<Record<string, unknown>>) =>
    callingIf("dynamodb:UpdateItem", itemKey.sweep, () =>
      table.client.send(
        new UpdateCommand({
          TableName: table.name,
          Key: itemKey.sweep,
          UpdateExpression: set,
          ...(condition ? { ConditionExpression: condition } : {}),
          ExpressionAttributeValues: { ":v": VERSION, ...values },
        }),
      ),
    );

  return {
    async everFinished(): Promise<boolean> {
      const found = await read();
      return found?.everFinished === true || found?.at !== undefined;
    },

    async latest(): Promise<SweepState | undefined> {
      const found = await read();
      if (found?.sweepId === undefined) return undefined;
      const { sweepId, startedAt, finishedAt, at } = found;
      if (startedAt !== undefined) return { sweepId, startedAt, finishedAt };
      return at === undefined ? undefined : { sweepId, startedAt: at, finishedAt: at };
    },

    async started(sweepId: string, at: string): Promise<void> {
      // A start that is told late must not push a newer sweep aside.
      await update(
        "SET v = :v, sweepId = :id, startedAt = :at REMOVE finishedAt",
        "attribute_not_exists(startedAt) OR (sweepId <> :id AND startedAt <= :at)",
        { ":id": sweepId, ":at": at },
      );
    },

    async finished(sweepId: string, at: string): Promise<void> {
      const isLatest = await update(
        "SET v = :v, everFinished = :true, finishedAt = if_not_exists(finishedAt, :at)",
        "sweepId = :id AND attribute_exists(startedAt)",
        { ":id": sweepId, ":at": at, ":true": true },
      );
      if (!isLatest) await update("SET v = :v, everFinished = :true", undefined, { ":true": true });
    },
  };
}
