import { PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { type KeyArn, partsOf } from "@bedrock-key-guard/core/arn.ts";
import type { JournalEntry, JournalState } from "@bedrock-key-guard/core/key/journal.ts";
import type { Journal } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { causes, id, keyArnText, time, VERSION } from "./schema.ts";
import {
  calling,
  isConditionFailed,
  itemKey,
  JOURNAL_PREFIX,
  keyPartition,
  readLastItem,
  type Table,
} from "./table.ts";

export const journalActions = {
  latest: ["dynamodb:Query"],
  open: ["dynamodb:PutItem"],
  advance: ["dynamodb:UpdateItem"],
  writesSince: ["dynamodb:Query"],
  commandForBefore: [],
} as const satisfies ActionsOf<Journal>;

/** KMS's model lets a policy's text have this many characters; two of them still fit into an item. */
const policyText = z.string().max(131_072);

const entry: z.ZodType<JournalEntry> = z.object({
  key: keyArnText,
  id,
  at: time,
  state: z.enum(["opened", "put", "abandoned", "refused", "verified", "told"]),
  before: policyText,
  after: policyText,
  afterDigest: id,
  causes,
  added: z.array(z.string()),
});

/** States of entries whose policy KMS took. */
const TAKEN: ReadonlySet<string> = new Set<JournalState>(["put", "verified", "told"]);

export function dynamoJournal(table: Table): Journal {
  return {
    latest: (key: KeyArn) => readLastItem(table, keyPartition(key), JOURNAL_PREFIX, entry),

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
          `the journal already has an entry \`${opened.id}\` for \`${opened.key}\`; entries are never overwritten`,
          {
            cause: error,
          },
        );
      }
    },

    async advance({ key: keyArn, id: entryId }: JournalEntry, state: JournalState): Promise<void> {
      const key = itemKey.journal(keyArn, entryId);
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
        throw new Error(`the journal has no entry \`${entryId}\` for \`${keyArn}\` to mark as \`${state}\``, {
          cause: error,
        });
      }
    },

    async writesSince(key: KeyArn, since: string): Promise<number> {
      const { pk, sk } = itemKey.journal(key, since);
      let taken = 0;
      let from: Record<string, unknown> | undefined;
      do {
        const query = new QueryCommand({
          TableName: table.name,
          ConsistentRead: true,
          KeyConditionExpression: "pk = :pk AND sk BETWEEN :since AND :end",
          ProjectionExpression: "#state",
          ExpressionAttributeNames: { "#state": "state" },
          // Every entry's key starts with a time, and no time sorts behind a tilde.
          ExpressionAttributeValues: { ":pk": pk, ":since": sk, ":end": `${JOURNAL_PREFIX}~` },
          ...(from ? { ExclusiveStartKey: from } : {}),
        });
        const page = await calling("dynamodb:Query", { pk, sk }, () => table.client.send(query));
        taken += (page.Items ?? []).filter((item) => TAKEN.has(String(item.state))).length;
        from = page.LastEvaluatedKey;
      } while (from);
      return taken;
    },

    commandForBefore({ key: keyArn, id: entryId }: JournalEntry): string {
      const { pk, sk } = itemKey.journal(keyArn, entryId);
      return [
        "aws dynamodb get-item --consistent-read",
        `--region ${partsOf(keyArn).region}`,
        `--table-name ${quoted(table.name)}`,
        `--key ${quoted(JSON.stringify({ pk: { S: pk }, sk: { S: sk } }))}`,
        "--query Item.before.S --output text",
      ].join(" ");
    },
  };
}

/** One word for a POSIX shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
