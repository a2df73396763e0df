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
    const reading = await readAgent(id, ports);
    const now = reading.kind === "found" ? reading.agent.keyArn : undefined;
    if (now) byKey.set(now, [...(byKey.get(now) ?? []), id]);
    if (reading.formerKey && reading.formerKey !== now && !byKey.has(reading.formerKey))
      byKey.set(reading.formerKey, []);
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
