/** The sweep: every agent is read, every key that an agent uses is queued. One page of agents is one message. */
import type { AgentId, KeyArn } from "../arn.ts";
import { keysFor, remember, type SeenAgent, seeAgent } from "../key/gather.ts";
import type {
  AgentDirectory,
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

export interface SweepPorts {
  readonly directory: AgentDirectory;
  readonly agents: Agents;
  readonly inventory: Inventory;
  readonly sweepLog: SweepLog;
  readonly keyQueue: KeyQueue;
  readonly sweepQueue: SweepQueue;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Between two agents. GetAgent takes 15 calls a second for the whole account, and each swept agent is read once more by
 * the look at its key: together a third of that.
 */
const PACE_MS = 400;

/** @param sweepId - stable when the message that starts the sweep is delivered again */
export async function startSweep(sweepId: string, ports: Pick<SweepPorts, "sweepQueue">): Promise<void> {
  await ports.sweepQueue.page({ sweepId, pageNumber: 1, nextToken: undefined, unread: 0 });
}

export interface SweptPage {
  readonly agents: number;
  readonly keys: number;
  /** Agents of this page that could not be read; each is tried again by itself. */
  readonly unread: number;
  readonly finished: boolean;
}

export async function sweepPage(page: SweepPage, ports: SweepPorts): Promise<SweptPage> {
  const listed = await ports.directory.list(page.nextToken);
  const seen: SeenAgent[] = [];
  const unread: AgentId[] = [];
  for (const [index, id] of listed.ids.entries()) {
    if (index > 0) await ports.clock.sleep(PACE_MS);
    const one = await tryToSee(id, ports);
    if (one) seen.push(one);
    else unread.push(id);
  }
  // The page's number is part of the cause: two pages that share a key are two requests to look at it, and the second
  // knows of agents that the first did not.
  const keys = await queueKeys(seen, `${page.sweepId}/${page.pageNumber}`, ports);
  for (const agent of unread) await ports.sweepQueue.agent({ sweepId: page.sweepId, agent });
  for (const one of seen) await remember(one, ports);

  const finished = listed.nextToken === undefined;
  const unreadSoFar = page.unread + unread.length;
  if (!finished) {
    const { sweepId, pageNumber } = page;
    const next = { sweepId, pageNumber: pageNumber + 1, nextToken: listed.nextToken, unread: unreadSoFar };
    await ports.sweepQueue.page(next);
  } else if (unreadSoFar === 0) {
    await ports.sweepLog.finished(page.sweepId, ports.clock.now());
  } else {
    ports.log.warn("a sweep has not seen every agent", { sweepId: page.sweepId, unread: unreadSoFar });
  }
  return { agents: listed.ids.length, keys, unread: unread.length, finished };
}

/**
 * One agent that can't be read must not stop the sweep of all the others: it is tried again by itself, and told by the
 * dead-letter queue's alarm if that does not help.
 */
async function tryToSee(id: AgentId, ports: SweepPorts): Promise<SeenAgent | undefined> {
  try {
    const seen = await seeAgent(id, ports);
    if (seen.kind !== "denied" || seen.former?.agent.keyArn) return seen;
    ports.log.warn("an agent may not be read in a sweep", { agent: id, message: seen.message });
  } catch (error) {
    ports.log.warn("an agent could not be read in a sweep; it is tried again by itself", { agent: id, error });
  }
  return undefined;
}

/** An agent that failed within its page, by itself. @throws when it can't be read again */
export async function sweepAgent({ sweepId, agent }: SweepAgent, ports: SweepPorts): Promise<void> {
  const seen = await seeAgent(agent, ports);
  if (seen.kind === "denied") throw new Error(`agent \`${agent}\` may not be read: ${seen.message}`);
  await queueKeys([seen], `${sweepId}/${agent}`, ports);
  await remember(seen, ports);
}

async function queueKeys(seen: readonly SeenAgent[], causeId: string, ports: SweepPorts): Promise<number> {
  const hints = new Map<KeyArn, AgentId[]>();
  for (const one of seen) {
    for (const { key, hint } of keysFor(one)) hints.set(key, [...(hints.get(key) ?? []), ...(hint ? [one.id] : [])]);
  }
  const cause = { kind: "sweep", id: causeId, at: ports.clock.now() } as const;
  for (const [key, agents] of hints) await ports.keyQueue.lookAt({ key, agents, causes: [cause], attempt: 0 });
  return hints.size;
}
