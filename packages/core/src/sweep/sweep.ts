/**
 * The sweep makes up for events that never came: every agent is read, a page of agents a message; then every key of the
 * inventory is looked at, a page of keys a message.
 *
 * Every step may be delivered twice, and may break off anywhere: it is done again from where it stood.
 */
import type { AgentId, KeyArn } from "../arn.ts";
import { keysFor, rememberSeen, type SeenAgent, seeAgent } from "../key/gather.ts";
import type {
  AgentDirectory,
  AgentStatus,
  Agents,
  Clock,
  Inventory,
  KeyQueue,
  Log,
  SweepAgent,
  SweepLog,
  SweepPage,
  SweepQueue,
} from "../ports.ts";
import { keysOf } from "../requirements/appearances.ts";

export interface SweepPorts {
  /** Paced, see pace.ts. */
  readonly directory: AgentDirectory;
  /** Paced, see pace.ts. */
  readonly agents: Agents;
  readonly inventory: Inventory;
  readonly sweepLog: SweepLog;
  readonly keyQueue: KeyQueue;
  readonly sweepQueue: SweepQueue;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Queues the first page. A sweep before this one that was not finished is left as it is, and told in the log.
 *
 * @param sweepId - stable when the message that starts the sweep is delivered again
 */
export async function startSweep(
  sweepId: string,
  ports: Pick<SweepPorts, "sweepQueue" | "sweepLog" | "clock" | "log">,
): Promise<void> {
  const latest = await ports.sweepLog.latest();
  const again = latest?.sweepId === sweepId;
  if (latest && !again && latest.finishedAt === undefined) {
    const { sweepId: former, startedAt } = latest;
    ports.log.warn("the sweep before this one has not finished", { sweepId, former, startedAt });
  }
  const startedAt = again ? latest.startedAt : ports.clock.now();
  await ports.sweepLog.started(sweepId, startedAt);
  await ports.sweepQueue.page({ sweepId, startedAt, pageNumber: 1, nextToken: undefined, unread: 0 });
}

export interface SweptPage {
  readonly agents: number;
  /** Looks that were queued at once: at keys that an agent left, or of an agent that changes or can't be read. */
  readonly looks: number;
  /** Agents of this page that could not be read; each is tried again by itself. */
  readonly unread: number;
  /** Whether all agents are read, as far as they can be: the keys are next. */
  readonly last: boolean;
}

/**
 * One page of agents, one agent after the other: what is read of an agent is in the inventory before the next is read, so
 * that a page that breaks off goes on behind it.
 */
export async function sweepPage(page: SweepPage, ports: SweepPorts): Promise<SweptPage> {
  const { sweepId, startedAt } = page;
  const listed = await ports.directory.list(page.nextToken);
  const unread: AgentId[] = [];
  let looks = 0;
  for (const id of listed.ids) {
    const swept = await tryToSweep(id, page, ports);
    if (swept === "unread") unread.push(id);
    else looks += swept;
  }
  for (const agent of unread) await ports.sweepQueue.agent({ sweepId, startedAt, agent });

  const unreadSoFar = page.unread + unread.length;
  const last = listed.nextToken === undefined;
  if (last) {
    await ports.sweepQueue.keys({ sweepId, startedAt, after: undefined, unread: unreadSoFar });
  } else {
    const pageNumber = page.pageNumber + 1;
    await ports.sweepQueue.page({ sweepId, startedAt, pageNumber, nextToken: listed.nextToken, unread: unreadSoFar });
  }
  return { agents: listed.ids.length, looks, unread: unread.length, last };
}

type Sweep = Pick<SweepPage, "sweepId" | "startedAt">;

/**
 * One agent that can't be read must not stop the sweep of all the others: it is tried again by itself, and told by the
 * dead-letter queue's alarm if that does not help.
 *
 * @returns how many looks were queued
 */
async function tryToSweep(id: AgentId, sweep: Sweep, ports: SweepPorts): Promise<number | "unread"> {
  let seen: SeenAgent;
  try {
    // Read since the sweep began: by the page before it broke off, or for an event.
    const former = await ports.inventory.agent(id);
    if (former && former.seenAt >= sweep.startedAt) return 0;
    seen = await seeAgent(id, ports, { former });
  } catch (error) {
    ports.log.warn("an agent could not be read in a sweep; it is tried again by itself", { agent: id, error });
    return "unread";
  }
  if (seen.kind === "denied" && keysFor(seen).length === 0) {
    ports.log.warn("an agent may not be read in a sweep", { agent: id, message: seen.message });
    return "unread";
  }
  const keys = keysToLookAt(seen);
  await queueLooks(keys, id, sweep, ports);
  await rememberSeen(seen, ports);
  return keys.length;
}

/**
 * An agent that failed within its page, by itself. All its keys are looked at: the sweep may have been at them already.
 *
 * @throws when it can't be read again
 */
export async function sweepAgent({ agent, ...sweep }: SweepAgent, ports: SweepPorts): Promise<void> {
  const seen = await seeAgent(agent, ports);
  if (seen.kind === "denied") throw new Error(`agent \`${agent}\` may not be read: ${seen.message}`);
  const keys = keysFor(seen).map(({ key }) => key);
  await queueLooks(keys, agent, sweep, ports);
  await rememberSeen(seen, ports);
}

/** An agent that is in none of these changes right now: what was read of it is not what it will be. */
const AT_REST: ReadonlySet<AgentStatus> = new Set(["PREPARED", "NOT_PREPARED", "FAILED"]);

/**
 * The keys that the end of the sweep would not look at, or not well enough: those that the agent does not use any more,
 * and all of an agent that changes right now, which their looks wait for.
 */
function keysToLookAt(seen: SeenAgent): readonly KeyArn[] {
  const keys = keysFor(seen).map(({ key }) => key);
  if (seen.kind !== "found" || !AT_REST.has(seen.agent.status)) return keys;
  const used = keysOf(seen.agent);
  return keys.filter((key) => !used.includes(key));
}

async function queueLooks(
  keys: readonly KeyArn[],
  id: AgentId,
  { sweepId, startedAt }: Sweep,
  { keyQueue }: Pick<SweepPorts, "keyQueue">,
): Promise<void> {
  // The agent is part of the cause: the same key's look at the end of the sweep is another one, which knows more.
  const cause = { kind: "sweep", id: `${sweepId}/${id}`, at: startedAt, whole: false } as const;
  // The looks may come before the inventory is written: each reads the agent live.
  for (const key of keys) await keyQueue.lookAt({ key, agents: [id], causes: [cause], attempt: 0 });
}
