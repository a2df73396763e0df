import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { CallerArn } from "@bedrock-key-guard/core/arn.ts";
import type { CallerJournalEntry, CallerJournalState } from "@bedrock-key-guard/core/callers/journal.ts";
import type { CallerHistory, CallerJournal } from "@bedrock-key-guard/core/callers/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { callerArnText, causes, id, line, orUndefined, policyText, time, VERSION, words } from "./schema.ts";
import {
  callerPartition,
  calling,
  isConditionFailed,
  itemKey,
  JOURNAL_PREFIX,
  readItems,
  sinceTime,
  type Table,
} from "./table.ts";
import { sortable } from "./times.ts";

export const callerJournalActions = {
  latest: ["dynamodb:Query"],
  open: ["dynamodb:PutItem"],
  advance: ["dynamodb:UpdateItem"],
  since: ["dynamodb:Query"],
} as const satisfies ActionsOf<CallerJournal>;

export const callerHistoryActions = { newest: ["dynamodb:Query"] } as const satisfies ActionsOf<CallerHistory>;

const entry: z.ZodType<CallerJournalEntry> = z.object({
  caller: callerArnText,
  id,
  action: z.enum(["give", "rollback"]),
  by: line.min(1),
  at: time,
  state: z.enum(["opened", "put", "abandoned", "refused", "told"]),
  before: orUndefined(policyText),
  after: orUndefined(policyText),
  causes,
  diff: z.array(words),
});

/** One item a write, in the caller's partition. An item that can't be read throws, so that nothing is written. */
export function dynamoCallerJournal(table: Table): CallerJournal {
  return {
    latest: async (caller: CallerArn) => (await newest(table, caller, 1))[0],

    async open(opened: CallerJournalEntry): Promise<void> {
      const key = itemKey.callerJournal(opened.caller, opened.id);
      const put = new PutCommand({
        TableName: table.name,
        Item: { v: VERSION, ...key, ...opened },
        ConditionExpression: "attribute_not_exists(pk)",
      });
      try {
        await calling("dynamodb:PutItem", key, () => table.client.send(put));
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        throw new Error(
          `the journal already has an entry \`${opened.id}\` for \`${opened.caller}\`; entries are never overwritten: look at the callers again`,
          { cause: error },
        );
      }
    },

    async advance({ caller, id: entryId }: CallerJournalEntry, state: CallerJournalState): Promise<void> {
      const key = itemKey.callerJournal(caller, entryId);
      const update = new UpdateCommand({
        TableName: table.name,
        Key: key,
        UpdateExpression: "SET #state = :state",
        // Without it, an update of an entry that isn't there would write one without policies.
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeNames: { "#state": "state" },
        ExpressionAttributeValues: { ":state": state },
      });
      try {
        await calling("dynamodb:UpdateItem", key, () => table.client.send(update));
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        throw new Error(
          `the journal has no entry \`${entryId}\` for \`${caller}\` to mark as \`${state}\`; restore the table to an earlier time if it was deleted`,
          { cause: error },
        );
      }
    },

    since: (caller: CallerArn, since: string) =>
      readItems(table, callerPartition(caller), sinceTime(JOURNAL_PREFIX, sortable(since)), entry),
  };
}

export function dynamoCallerHistory(table: Table): CallerHistory {
  return { newest: (caller: CallerArn, limit: number) => newest(table, caller, limit) };
}

function newest(table: Table, caller: CallerArn, limit: number): Promise<readonly CallerJournalEntry[]> {
  const range = { kind: "prefix", prefix: JOURNAL_PREFIX } as const;
  return readItems(table, callerPartition(caller), range, entry, { newestFirst: true, limit });
}
