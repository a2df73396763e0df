/** The sweep: every agent is read, every key that an agent uses is queued. One page of agents is one message. */
import type { AgentId, KeyArn } from "../arn.ts";
import { readAgent } from "../key/gather.ts";
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

/** @param sweepId stable when the message that starts the sweep is delivered again */
export async function startSweep(sweepId: string, ports: Pick<SweepPorts, "sweepQueue">): Promise<void> {
  await ports.sweepQueue.page({ sweepId, pageNumber: 1, nextToken: undefined });
}

export interface SweptPage {
  readonly agents: number;
  readonly keys: number;
  readonly finished: boolean;
}

export async function sweepPage(page: SweepPage, ports: SweepPorts): Promise<SweptPage> {
  const listed = await ports.directory.list(page.nextToken);
  const byKey = new Map<KeyArn, AgentId[]>();
  for (const id of listed.ids) {
    try {
      const { now, former } = await keysOf(id, ports);
      if (now) byKey.set(now, [...(byKey.get(now) ?? []), id]);
      if (former && former !== now && !byKey.has(former)) byKey.set(former, []);
    } catch (error) {
      // One agent that can't be read must not stop the sweep of all the others: it is tried again by itself, and told
      // by the dead-letter queue's alarm if that does not help.
      ports.log.warn("an agent could not be read in a sweep; it is tried again by itself", { agent: id, error });
      await ports.sweepQueue.agent({ sweepId: page.sweepId, agent: id });
    }
  }
  // The page's number is part of the cause: two pages that share a key are two requests to look at it, and the second
  // knows of agents that the first did not.
  const cause = { kind: "sweep", id: `${page.sweepId}/${page.pageNumber}`, at: ports.clock.now() } as const;
  for (const [key, agents] of byKey) await ports.keyQueue.lookAt({ key, agents, causes: [cause], attempt: 0 });

  const finished = listed.nextToken === undefined;
  if (finished) await ports.sweepLog.finished(page.sweepId, ports.clock.now());
  else {
    await ports.sweepQueue.page({
      sweepId: page.sweepId,
      pageNumber: page.pageNumber + 1,
      nextToken: listed.nextToken,
    });
  }
  return { agents: listed.ids.length, keys: byKey.size, finished };
}

/** An agent that failed within its page, by itself. @throws when it can't be read again */
export async function sweepAgent({ sweepId, agent }: SweepAgent, ports: SweepPorts): Promise<void> {
  const { now, former } = await keysOf(agent, ports);
  const cause = { kind: "sweep", id: `${sweepId}/${agent}`, at: ports.clock.now() } as const;
  for (const key of new Set([now, former])) {
    if (key) await ports.keyQueue.lookAt({ key, agents: key === now ? [agent] : [], causes: [cause], attempt: 0 });
  }
}

async function keysOf(
  id: AgentId,
  ports: SweepPorts,
): Promise<{ now: KeyArn | undefined; former: KeyArn | undefined }> {
  const reading = await readAgent(id, ports);
  return { now: reading.kind === "found" ? reading.agent.keyArn : undefined, former: reading.formerKey };
}
