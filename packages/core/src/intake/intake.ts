/** From an event to the keys to look at: reads the agent, keeps the inventory, queues one job a key. */
import type { AgentId, KeyArn } from "../arn.ts";
import { readAgent } from "../key/gather.ts";
import type { Cause } from "../key/job.ts";
import { policyDigest } from "../policy/canonical.ts";
import type { Agents, Clock, Inventory, Journal, KeyQueue, Log, SweepLog } from "../ports.ts";
import type { GuardEvent } from "./event.ts";

export interface IntakePorts {
  readonly agents: Agents;
  readonly inventory: Inventory;
  readonly journal: Journal;
  readonly sweepLog: SweepLog;
  readonly keyQueue: KeyQueue;
  readonly clock: Clock;
  readonly log: Log;
}

export type IntakeOutcome =
  | { readonly kind: "queued"; readonly keys: readonly KeyArn[] }
  | { readonly kind: "dropped"; readonly reason: string };

export async function takeIn(event: GuardEvent, ports: IntakePorts): Promise<IntakeOutcome> {
  switch (event.kind) {
    case "agent-changed":
      return agentChanged(event.agent, event.cause, ports);
    case "key-changed":
      return keyChanged(event, ports);
    default:
      return event satisfies never;
  }
}

async function agentChanged(id: AgentId, cause: Cause, ports: IntakePorts): Promise<IntakeOutcome> {
  const reading = await readAgent(id, ports);
  const now = reading.kind === "found" ? reading.agent.keyArn : undefined;
  const keys = [...new Set([now, reading.formerKey])].filter((key) => key !== undefined);
  if (keys.length === 0) return { kind: "dropped", reason: `agent ${id} has no customer managed key` };
  for (const key of keys) {
    await ports.keyQueue.lookAt({ key, agents: key === now ? [id] : [], causes: [cause], attempt: 0 });
  }
  return { kind: "queued", keys };
}

async function keyChanged(
  event: Extract<GuardEvent, { kind: "key-changed" }>,
  ports: IntakePorts,
): Promise<IntakeOutcome> {
  const { key, cause, policy } = event;
  if (policy !== undefined) {
    const latest = await ports.journal.latest(key);
    if (latest?.state === "told" && latest.afterDigest === policyDigest(policy)) {
      return { kind: "dropped", reason: `it is the guard's own write, journal entry ${latest.id}` };
    }
  }
  const agents = await ports.inventory.agentsOn(key);
  if (agents.length === 0 && (await ports.sweepLog.everFinished())) {
    return { kind: "dropped", reason: "no agent uses the key" };
  }
  await ports.keyQueue.lookAt({ key, agents: [], causes: [cause], attempt: 0 });
  return { kind: "queued", keys: [key] };
}
