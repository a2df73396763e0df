import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { AnnouncerMemory, AnnouncerState } from "@bedrock-key-guard/core/alert/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { id, time, VERSION, words } from "./schema.ts";
import { callingIf, itemKey, readItem, type Table } from "./table.ts";
import { sortable } from "./times.ts";

export const announcerStateActions = {
  begin: ["dynamodb:UpdateItem", "dynamodb:GetItem"],
  remember: ["dynamodb:UpdateItem"],
  end: ["dynamodb:UpdateItem"],
} as const satisfies ActionsOf<AnnouncerState>;

const memory = z.object({
  paces: z.record(words, z.array(time)),
  digestAt: time.optional(),
  doubtful: z.array(words),
});

const item = z.object({ announcement: id.optional(), until: time.optional(), memory: memory.optional() });

const NOTHING: AnnouncerMemory = { paces: {}, digestAt: undefined, doubtful: [] };

const NAMES = { "#v": "v", "#announcement": "announcement", "#until": "until", "#memory": "memory" } as const;

/** Nothing is taken from an item of another version: whoever wrote it may count otherwise. */
const OURS = "(attribute_not_exists(pk) OR #v = :v)";

/** One item: who announces until when, and what is remembered of it. */
export function dynamoAnnouncerState(table: Table): AnnouncerState {
  const key = itemKey.announcer;

  const update = (expression: string, condition: string, values: Record<string, unknown>) => {
    const used = Object.entries(NAMES).filter(([name]) => `${expression} ${condition}`.includes(name));
    return callingIf("dynamodb:UpdateItem", key, () =>
      table.client.send(
        new UpdateCommand({
          TableName: table.name,
          Key: key,
          UpdateExpression: expression,
          ConditionExpression: condition,
          ExpressionAttributeNames: Object.fromEntries(used),
          ExpressionAttributeValues: { ":v": VERSION, ...values },
        }),
      ),
    );
  };

  return {
    async begin(announcement: string, at: string, until: string) {
      const begun = await update(
        "SET #v = :v, #announcement = :announcement, #until = :until",
        `${OURS} AND (attribute_not_exists(#announcement) OR #announcement = :announcement OR #until <= :at)`,
        { ":announcement": announcement, ":at": sortable(at), ":until": sortable(until) },
      );
      // Also where it is busy: it may be an item that this code can't read.
      const found = await readItem(table, key, item);
      if (!begun) return { kind: "busy" };
      const known = found?.memory;
      return { kind: "begun", memory: known ? { ...NOTHING, ...known } : NOTHING };
    },

    async remember(announcement: string, { paces, digestAt, doubtful }: AnnouncerMemory): Promise<void> {
      const values = { ":announcement": announcement, ":memory": { paces, digestAt, doubtful } };
      if (await update("SET #memory = :memory", "#v = :v AND #announcement = :announcement", values)) return;
      throw new Error("another function has begun to announce meanwhile; this one took too long, and stops");
    },

    async end(announcement: string): Promise<void> {
      const condition = "#v = :v AND #announcement = :announcement";
      await update("REMOVE #announcement, #until", condition, { ":announcement": announcement });
    },
  };
}
