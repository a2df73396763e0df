/** The agents of a key: those that the job speaks of are read live, the others come from the inventory. */
import type { AgentId, KeyArn } from "../arn.ts";
import { canonicalJson, type Json } from "../policy/json.ts";
import type { Agent, AgentReading, AgentStatus, Agents, Clock, Inventory, InventoryAgent } from "../ports.ts";

export interface AgentPorts {
  readonly agents: Agents;
  readonly inventory: Inventory;
  readonly clock: Clock;
}

/** While an agent is in one of these, its key and role are not settled: it is looked at again, not concluded about. */
const UNSETTLED: ReadonlySet<AgentStatus> = new Set(["CREATING", "UPDATING", "DELETING"]);

export interface GatheredAgents {
  /** What the key is judged for. */
  readonly settled: readonly Agent[];
  /** Read live just now, so that they need no further confirmation. */
  readonly live: ReadonlySet<AgentId>;
  /** Hinted agents that are still being created, updated or deleted. */
  readonly unsettled: readonly AgentId[];
  readonly denied: readonly { readonly id: AgentId; readonly message: string }[];
  /** Hinted agents that use another key by now. */
  readonly moved: readonly { readonly id: AgentId; readonly key: KeyArn }[];
  /** Hinted agents that have no customer managed key any more. */
  readonly keyless: readonly Agent[];
}

/**
 * @param patient - whether an agent that is not settled may still be waited for; if not, it is judged as it is
 */
export async function gatherAgents(
  key: KeyArn,
  hinted: readonly AgentId[],
  patient: boolean,
  ports: AgentPorts,
): Promise<GatheredAgents> {
  const live = new Map<AgentId, Agent | undefined>();
  const denied: { id: AgentId; message: string }[] = [];
  for (const id of hinted) {
    const seen = await seeAgent(id, ports);
    await remember(seen, ports);
    if (seen.kind === "denied") denied.push({ id, message: seen.message });
    else live.set(id, seen.kind === "found" ? seen.agent : undefined);
  }
  const known = await ports.inventory.agentsOn(key);
  const refused = new Set(denied.map(({ id }) => id));
  const others = known.map(({ agent }) => agent).filter(({ id }) => !live.has(id) && !refused.has(id));
  const read = [...live.values()].filter((agent) => agent !== undefined);
  const onKey = [...others, ...read.filter((agent) => agent.keyArn === key)];
  return {
    settled: onKey.filter(({ status }) => !UNSETTLED.has(status) || (!patient && status !== "DELETING")),
    live: new Set(live.keys()),
    unsettled: read.filter(({ status }) => UNSETTLED.has(status)).map((agent) => agent.id),
    denied,
    moved: read.flatMap(({ id, keyArn }) => (keyArn && keyArn !== key ? [{ id, key: keyArn }] : [])),
    keyless: read.filter((agent) => agent.keyArn === undefined),
  };
}

export type SeenAgent = AgentReading & {
  readonly id: AgentId;
  /** What the inventory knew of it. */
  readonly former: InventoryAgent | undefined;
  /** ISO 8601, before it was read: a slow answer must not pass for a newer one. */
  readonly seenAt: string;
};

export async function seeAgent(id: AgentId, ports: AgentPorts): Promise<SeenAgent> {
  const former = await ports.inventory.agent(id);
  const seenAt = ports.clock.now();
  return { ...(await ports.agents.get(id)), id, former, seenAt };
}

/**
 * Leaves in the inventory what was seen; writes nothing where nothing changed. Who queues keys queues them first: after
 * a crash in between, the inventory still knows the former key.
 */
export async function remember(seen: SeenAgent, ports: Pick<AgentPorts, "inventory">): Promise<void> {
  if (seen.kind === "not-found") {
    if (seen.former) await ports.inventory.forget(seen.former);
  } else if (seen.kind === "found" && !(seen.former && sameAgent(seen.former.agent, seen.agent))) {
    await ports.inventory.record(seen.agent, seen.seenAt, seen.former);
  }
}

export function sameAgent(a: Agent, b: Agent): boolean {
  const text = (agent: Agent) => canonicalJson(JSON.parse(JSON.stringify(agent)) as Json);
  return text(a) === text(b);
}

/** The keys to look at for an agent, and whether the look should read the agent live. */
export function keysFor(seen: SeenAgent): readonly { readonly key: KeyArn; readonly hint: boolean }[] {
  const former = seen.former?.agent.keyArn;
  const now = seen.kind === "found" ? seen.agent.keyArn : undefined;
  // The former key's look is told of an agent that lost its key altogether, or that can't be read; one that moved is
  // the new key's business.
  const formerIsHinted = now === undefined && seen.kind !== "not-found";
  return [
    ...(now ? [{ key: now, hint: true }] : []),
    ...(former && former !== now ? [{ key: former, hint: formerIsHinted }] : []),
  ];
}
