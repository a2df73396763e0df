import { PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { JournalEntry, JournalState, JournalSummary } from "@bedrock-key-guard/core/key/journal.ts";
import type { History, Journal } from "@bedrock-key-guard/core/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { entry, SUMMARY_ATTRIBUTES, summaryItem } from "./journal-item.ts";
import { VERSION } from "./schema.ts";
import {
  calling,
  isConditionFailed,
  itemKey,
  JOURNAL_PREFIX,
  keyPartition,
  readItems,
  sinceTime,
  type Table,
} from "./table.ts";
import { sortable } from "./times.ts";

export const journalActions = {
  latest: ["dynamodb:Query"],
  open: ["dynamodb:PutItem"],
  advance: ["dynamodb:UpdateItem"],
  since: ["dynamodb:Query"],
} as const satisfies ActionsOf<Journal>;

export const historyActions = { newest: ["dynamodb:Query"] } as const satisfies ActionsOf<History>;

export function dynamoJournal(table: Table): Journal {
  return {
    latest: async (key: KeyArn) => (await newest(table, key, 1))[0],

    async open(opened: JournalEntry): Promise<void> {
      const key = itemKey.journal(opened.key, opened.id);
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
          `the journal already has an entry \`${opened.id}\` for \`${opened.key}\`; entries are never overwritten: look at the key again`,
          { cause: error },
        );
      }
    },

    async advance({ key: keyArn, id }: JournalEntry, state: JournalState, at: string): Promise<void> {
      const key = itemKey.journal(keyArn, id);
      const taken = state === "put";
      const update = new UpdateCommand({
        TableName: table.name,
        Key: key,
        UpdateExpression: `SET #state = :state${taken ? ", #putAt = if_not_exists(#putAt, :at)" : ""}`,
        // Without it, an update of an entry that isn't there would write one without policies.
        ConditionExpression: "attribute_exists(pk)",
        ExpressionAttributeNames: { "#state": "state", ...(taken ? { "#putAt": "putAt" } : {}) },
        ExpressionAttributeValues: { ":state": state, ...(taken ? { ":at": at } : {}) },
      });
      try {
        await calling("dynamodb:UpdateItem", key, () => table.client.send(update));
      } catch (error) {
        if (!isConditionFailed(error)) throw error;
        throw new Error(
          `the journal has no entry \`${id}\` for \`${keyArn}\` to mark as \`${state}\`; restore the table to an earlier time if it was deleted`,
          { cause: error },
        );
      }
    },

    async since(key: KeyArn, since: string): Promise<readonly JournalSummary[]> {
      const range = sinceTime(JOURNAL_PREFIX, sortable(since));
      const found = await readItems(table, keyPartition(key), range, summaryItem, { only: SUMMARY_ATTRIBUTES });
      const summaries: JournalSummary[] = [];
      for (const { beforeDigest, ...rest } of found) {
        summaries.push({ ...rest, beforeDigest: beforeDigest ?? (await digestBefore(table, key, rest.id)) });
      }
      return summaries;
    },
  };
}

/** For an entry without one, which an older version wrote: read whole, since the digest follows from the policy. */
async function digestBefore(table: Table, key: KeyArn, id: string): Promise<string> {
  const { pk, sk } = itemKey.journal(key, id);
  const [found] = await readItems(table, pk, { kind: "between", from: sk, to: sk }, entry);
  if (!found) throw new Error(`the journal's entry \`${id}\` for \`${key}\` went away; look at the key again`);
  return found.beforeDigest;
}

export function dynamoHistory(table: Table): History {
  return { newest: (key: KeyArn, limit: number) => newest(table, key, limit) };
}

function newest(table: Table, key: KeyArn, limit: number): Promise<readonly JournalEntry[]> {
  const range = { kind: "prefix", prefix: JOURNAL_PREFIX } as const;
  return readItems(table, keyPartition(key), range, entry, { newestFirst: true, limit });
}
