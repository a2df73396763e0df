import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { AgentId, KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { Agent, DepartedAgent, Inventory, InventoryAgent } from "@bedrock-key-guard/core/ports.ts";
import { keysOf } from "@bedrock-key-guard/core/requirements/appearances.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { type Departure, inventoryItem, readAgentPartition } from "./agent-partition.ts";
import { agentIdText, keyArnText, orUndefined, time, VERSION } from "./schema.ts";
import { deleteIfSeenBefore, deleteIfSeenBy, putIfNewer } from "./seen-items.ts";
import {
  AGENT_PREFIX,
  calling,
  itemKey,
  KEYS_PARTITION,
  keyPartition,
  LEFT_PREFIX,
  parseItem,
  readItem,
  readItems,
  type Table,
} from "./table.ts";

export const inventoryActions = {
  agent: ["dynamodb:GetItem"],
  agentsOn: ["dynamodb:Query"],
  departedFrom: ["dynamodb:Query"],
  record: ["dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem"],
  forget: ["dynamodb:Query", "dynamodb:DeleteItem"],
  keys: ["dynamodb:Query"],
  dropKey: ["dynamodb:DeleteItem"],
} as const satisfies ActionsOf<Inventory>;

const departed: z.ZodType<DepartedAgent> = z.object({
  id: agentIdText,
  name: z.string().max(256),
  to: orUndefined(keyArnText),
  at: time,
});

const knownKey = z.object({ key: keyArnText });

/** Few enough that the function which queues each of them ends in time. */
const KEYS_A_PAGE = 100;

/**
 * Agents by id and by key. The items of an agent are not written in one transaction; the order of the writes makes
 * a crash leave an agent on one key too many, never on one too few, and any later reading, recorded, ends the move. A
 * reading older than what is stored changes nothing: messages arrive in any order.
 */
export function dynamoInventory(table: Table): Inventory {
  return {
    agent: (id: AgentId) => readItem(table, itemKey.agent(id), inventoryItem),

    agentsOn: (key: KeyArn) =>
      readItems(table, keyPartition(key), { kind: "prefix", prefix: AGENT_PREFIX }, inventoryItem),

    departedFrom: (key: KeyArn) =>
      readItems(table, keyPartition(key), { kind: "prefix", prefix: LEFT_PREFIX }, departed),

    record: (seen: Agent, seenAt: string, former: InventoryAgent | undefined) => record(table, seen, seenAt, former),

    forget: (known: InventoryAgent) => forget(table, known),

    async keys(after: KeyArn | undefined) {
      const range = after
        ? ({ kind: "after", after: itemKey.knownKey(after).sk } as const)
        : ({ kind: "all" } as const);
      const found = await readItems(table, KEYS_PARTITION, range, knownKey, { limit: KEYS_A_PAGE + 1 });
      const keys = found.slice(0, KEYS_A_PAGE).map(({ key }) => key);
      return { keys, more: found.length > KEYS_A_PAGE };
    },

    async dropKey(key: KeyArn): Promise<void> {
      // An agent that was recorded on the key meanwhile is recorded again by the next sweep, and its key with it.
      const where = itemKey.knownKey(key);
      const remove = new DeleteCommand({ TableName: table.name, Key: where });
      await calling("dynamodb:DeleteItem", where, () => table.client.send(remove));
    },
  };
}

/** The keys of the draft and of the versions of each. */
function keysOfAll(...known: readonly (InventoryAgent | undefined)[]): ReadonlySet<KeyArn> {
  return new Set(known.flatMap((one) => (one ? keysOf(one.agent) : [])));
}

async function record(table: Table, seen: Agent, seenAt: string, former: InventoryAgent | undefined): Promise<void> {
  const { id } = seen;
  const known = await readAgentPartition(table, id);
  if (known.own && known.own.seenAt > seenAt) return;
  const now = new Set(keysOf(seen));

  for (const key of now) {
    await putIfNewer(table, itemKey.keyOfAgent(id, key), { key, seenAt });
    await knowKey(table, key);
    await putIfNewer(table, itemKey.agentOnKey(key, id), { agent: seen, seenAt });
  }
  await noteDraft(table, seen, seenAt, known.left, [former, known.own]);

  const leave = async (keys: ReadonlySet<KeyArn>): Promise<void> => {
    for (const key of keys.difference(now)) {
      const gone = await deleteIfSeenBefore(table, itemKey.agentOnKey(key, id), seenAt);
      if (gone) await deleteIfSeenBefore(table, itemKey.keyOfAgent(id, key), seenAt);
    }
  };
  // Before the agent's own item forgets which keys they were.
  await leave(known.on.union(keysOfAll(known.own, former)));

  const own = itemKey.agent(id);
  const put = await putIfNewer(table, own, { agent: seen, seenAt });
  if (put.kind === "older") {
    // A newer reading stands. What was just put under the keys must not outlive it.
    for (const key of now) await deleteIfSeenBy(table, itemKey.agentOnKey(key, id), seenAt);
    return;
  }
  if (!put.replaced) return;
  // Someone else may have moved the agent since its partition was read.
  const replaced = parseItem(put.replaced, own, inventoryItem);
  if (replaced.seenAt === known.own?.seenAt) return;
  await noteDraft(table, seen, seenAt, known.left, [replaced]);
  await leave(keysOfAll(replaced));
}

/**
 * Notes under the keys that the draft left where it is now, and takes the note from the key that it uses.
 *
 * @param left - what its partition says of the keys that it left so far
 */
async function noteDraft(
  table: Table,
  { id, name, keyArn: to }: Agent,
  seenAt: string,
  left: ReadonlyMap<KeyArn, Departure>,
  before: readonly (InventoryAgent | undefined)[],
): Promise<void> {
  const moved = before.flatMap((one) => (one?.agent.keyArn && one.agent.keyArn !== to ? [one.agent.keyArn] : []));
  // Also under those that it left earlier: by now it may be on a third key.
  const stale = [...left].filter(([, departure]) => departure.to !== to).map(([key]) => key);
  for (const key of new Set([...stale, ...moved])) {
    if (key === to) continue;
    const former = left.get(key);
    const at = former?.at ?? seenAt;
    const mark = () => putIfNewer(table, itemKey.keyLeftByAgent(id, key), { key, to, at, seenAt });
    // The mark is there whenever the key's item is; and it says where the draft is only once the item does, or a crash in
    // between would be taken for done.
    if (!former) await mark();
    await putIfNewer(table, itemKey.agentLeftKey(key, id), { id, name, to, at, seenAt });
    if (former) await mark();
  }
  if (to === undefined || !left.has(to)) return;
  const gone = await deleteIfSeenBefore(table, itemKey.agentLeftKey(to, id), seenAt);
  if (gone) await deleteIfSeenBefore(table, itemKey.keyLeftByAgent(id, to), seenAt);
}

async function knowKey(table: Table, key: KeyArn): Promise<void> {
  const where = itemKey.knownKey(key);
  const put = new PutCommand({ TableName: table.name, Item: { v: VERSION, ...where, key } });
  await calling("dynamodb:PutItem", where, () => table.client.send(put));
}

/** Takes away what readings up to `seenAt` left: by the time at which the agent was not found, what crashes left too. */
async function forget(table: Table, forgotten: InventoryAgent): Promise<void> {
  const { seenAt } = forgotten;
  const { id } = forgotten.agent;
  const known = await readAgentPartition(table, id);
  if (known.own && known.own.seenAt > seenAt) return;
  for (const key of known.on.union(keysOfAll(known.own, forgotten))) {
    const gone = await deleteIfSeenBy(table, itemKey.agentOnKey(key, id), seenAt);
    if (gone) await deleteIfSeenBy(table, itemKey.keyOfAgent(id, key), seenAt);
  }
  for (const key of known.left.keys()) {
    const gone = await deleteIfSeenBy(table, itemKey.agentLeftKey(key, id), seenAt);
    if (gone) await deleteIfSeenBy(table, itemKey.keyLeftByAgent(id, key), seenAt);
  }
  // The agent's own item last: after a crash it still lets the agent be asked for, and forgotten again.
  await deleteIfSeenBy(table, itemKey.agent(id), seenAt);
}
