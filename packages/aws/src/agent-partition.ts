/**
 * What stands in an agent's own partition: the agent as last seen, and marks of the keys under which it may be found.
 * A mark is set before, and taken after, what it speaks of: whatever crashes, marks name a key too many, never one too
 * few.
 */
import type { AgentId, KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { InventoryAgent } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import { agent, keyArnText, orUndefined, time } from "./schema.ts";
import { agentPartition, itemKey, parseItem, readItems, type Table } from "./table.ts";

export const inventoryItem: z.ZodType<InventoryAgent> = z.object({ agent, seenAt: time });

const on = z.object({ key: keyArnText });
const left = z.object({ key: keyArnText, to: orUndefined(keyArnText), at: time });

export interface Departure {
  readonly to: KeyArn | undefined;
  readonly at: string;
}

export interface AgentPartition {
  readonly own: InventoryAgent | undefined;
  /** Keys that may list the agent. */
  readonly on: ReadonlySet<KeyArn>;
  /** Keys that may list the agent as departed. */
  readonly left: ReadonlyMap<KeyArn, Departure>;
}

export async function readAgentPartition(table: Table, id: AgentId): Promise<AgentPartition> {
  const pk = agentPartition(id);
  const ownKey = itemKey.agent(id).sk;
  const marks = {
    own: undefined as InventoryAgent | undefined,
    on: new Set<KeyArn>(),
    left: new Map<KeyArn, Departure>(),
  };
  for (const item of await readItems(table, pk, { kind: "all" }, z.looseObject({ sk: z.string() }))) {
    const where = { pk, sk: item.sk };
    if (item.sk === ownKey) marks.own = parseItem(item, where, inventoryItem);
    else if (item.sk.startsWith("ON#")) marks.on.add(parseItem(item, where, on).key);
    else {
      const { key, to, at } = parseItem(item, where, left);
      marks.left.set(key, { to, at });
    }
  }
  return marks;
}
