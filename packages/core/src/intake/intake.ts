/** From an event to the keys to look at: reads the agent, queues one job a key, keeps the inventory. */
import type { AgentId, KeyArn } from "../arn.ts";
import { keysFor, remember, seeAgent } from "../key/gather.ts";
import { policyDigest } from "../policy/canonical.ts";
import type { Agents, Clock, Inventory, Journal, KeyQueue, Log, SweepLog } from "../ports.ts";
import type { EventCause, GuardEvent } from "./event.ts";

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

/** @throws when an agent may not be read and no key is known for it: the dead-letter queue's alarm tells of it */
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

async function agentChanged(id: AgentId, cause: EventCause, ports: IntakePorts): Promise<IntakeOutcome> {
  const seen = await seeAgent(id, ports);
  const keys = keysFor(seen);
  if (seen.kind === "denied" && keys.length === 0) {
    throw new Error(`agent \`${id}\` may not be read, and no key is known for it: ${seen.message}`);
  }
  for (const { key, hint } of keys) {
    await ports.keyQueue.lookAt({ key, agents: hint ? [id] : [], causes: [cause], attempt: 0 });
  }
  await remember(seen, ports);
  if (keys.length === 0) return { kind: "dropped", reason: `agent ${id} has no customer managed key` };
  return { kind: "queued", keys: keys.map(({ key }) => key) };
}

async function keyChanged(
  event: Extract<GuardEvent, { kind: "key-changed" }>,
  ports: IntakePorts,
): Promise<IntakeOutcome> {
  const { key, cause, policy } = event;
  const own = policy === undefined ? undefined : await ownWrite(key, cause, policy, ports);
  if (own) return { kind: "dropped", reason: `it is the guard's own write, journal entry ${own}` };
  const agents = await ports.inventory.agentsOn(key);
  if (agents.length === 0 && (await ports.sweepLog.everFinished())) {
    return { kind: "dropped", reason: "no agent uses the key" };
  }
  await ports.keyQueue.lookAt({ key, agents: [], causes: [cause], attempt: 0 });
  return { kind: "queued", keys: [key] };
}

/** An event's time has whole seconds, and two machines' clocks differ. */
const SAME_TIME_MS = 60_000;

/**
 * The journal's entry that an event is the echo of: the same document at the same time, and told already. The same
 * document at another time was put by someone else, who may have restored an older state.
 */
async function ownWrite(
  key: KeyArn,
  cause: EventCause,
  policy: string,
  { journal }: IntakePorts,
): Promise<string | undefined> {
  const latest = await journal.latest(key);
  if (latest?.state !== "told" || latest.afterDigest !== policyDigest(policy)) return undefined;
  return Math.abs(Date.parse(cause.at) - Date.parse(latest.at)) <= SAME_TIME_MS ? latest.id : undefined;
}
