import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { AgentId, KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { Agent, Inventory, InventoryAgent } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { agent, time, VERSION } from "./schema.ts";
import {
  AGENT_PREFIX,
  calling,
  type ItemKey,
  isConditionFailed,
  itemKey,
  keyPartition,
  parseItem,
  readItem,
  readItems,
  type Table,
} from "./table.ts";

export const inventoryActions = {
  agent: ["dynamodb:GetItem"],
  agentsOn: ["dynamodb:Query"],
  record: ["dynamodb:PutItem", "dynamodb:DeleteItem"],
  forget: ["dynamodb:DeleteItem"],
} as const satisfies ActionsOf<Inventory>;

const record: z.ZodType<InventoryAgent> = z.object({ agent, seenAt: time });

/**
 * Agents by id and by key. The items of an agent are not written in one transaction; the order of the writes makes
 * a crash leave an agent on one key too many, never on one too few, and the same reading, done again, ends the
 * move. A reading older than what is stored changes nothing: messages arrive in any order.
 */
export function dynamoInventory(table: Table): Inventory {
  return {
    agent: (id: AgentId) => readItem(table, itemKey.agent(id), record),

    agentsOn: (key: KeyArn) => readItems(table, keyPartition(key), AGENT_PREFIX, record),

    async record(seen: Agent, seenAt: string, former: InventoryAgent | undefined): Promise<void> {
      const leave = async (key: KeyArn | undefined): Promise<void> => {
        if (key && key !== seen.keyArn) await deleteIfSeenBy(table, itemKey.agentOnKey(key, seen.id), seenAt);
      };
      if (seen.keyArn) await putIfNewer(table, itemKey.agentOnKey(seen.keyArn, seen.id), seen, seenAt);
      // Before the agent's own item forgets which key it was.
      await leave(former?.agent.keyArn);
      const put = await putIfNewer(table, itemKey.agent(seen.id), seen, seenAt);
      if (put.kind === "put") {
        // Someone else may have moved the agent since `former` was read.
        await leave(put.replaced?.agent.keyArn);
      } else if (seen.keyArn) {
        // A newer reading stands. What was just put under the key must not outlive it.
        await deleteIfSeenBy(table, itemKey.agentOnKey(seen.keyArn, seen.id), seenAt);
      }
    },

    async forget({ agent: gone, seenAt }: InventoryAgent): Promise<void> {
      // The agent's own item last: after a crash it still tells which key's item is left over.
      if (gone.keyArn) await deleteIfSeenBy(table, itemKey.agentOnKey(gone.keyArn, gone.id), seenAt);
      await deleteIfSeenBy(table, itemKey.agent(gone.id), seenAt);
    },
  };
}

type ConditionalPut =
  | { readonly kind: "put"; readonly replaced: InventoryAgent | undefined }
  | { readonly kind: "older" };

/** Times of one format compare as text. */
const SEEN_BY = {
  ConditionExpression: "attribute_not_exists(pk) OR seenAt <= :seenAt",
} as const;

async function putIfNewer(table: Table, key: ItemKey, seen: Agent, seenAt: string): Promise<ConditionalPut> {
  const put = new PutCommand({
    TableName: table.name,
    Item: { v: VERSION, ...key, agent: seen, seenAt },
    ...SEEN_BY,
    ExpressionAttributeValues: { ":seenAt": seenAt },
    ReturnValues: "ALL_OLD",
  });
  try {
    const { Attributes } = await calling("dynamodb:PutItem", key, () => table.client.send(put));
    return { kind: "put", replaced: Attributes && parseItem(Attributes, key, record) };
  } catch (error) {
    if (isConditionFailed(error)) return { kind: "older" };
    throw error;
  }
}

async function deleteIfSeenBy(table: Table, key: ItemKey, seenAt: string): Promise<void> {
  const remove = new DeleteCommand({
    TableName: table.name,
    Key: key,
    ...SEEN_BY,
    ExpressionAttributeValues: { ":seenAt": seenAt },
  });
  try {
    await calling("dynamodb:DeleteItem", key, () => table.client.send(remove));
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
}
