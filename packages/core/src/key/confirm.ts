/**
 * Before access is written for an agent that is known from the inventory only, the agent is read live: it may be gone,
 * or have moved, with the event about it lost.
 */
import type { AgentId, KeyArn } from "../arn.ts";
import type { Agent } from "../ports.ts";
import { appearancesOn } from "../requirements/appearances.ts";
import { type AgentPorts, MOST_READ, remember, type rememberSeen, sameAgent, seeAgent } from "./gather.ts";
import type { OwnAccess } from "./own-access.ts";

export type Confirmation =
  | { readonly kind: "as-known"; readonly seen: readonly AgentId[] }
  /** The inventory holds by now what was seen. */
  | { readonly kind: "changed"; readonly seen: readonly AgentId[] }
  | { readonly kind: "denied"; readonly id: AgentId; readonly message: string };

/** Of a repair for more agents than one look reads, a part is confirmed, and the rest is as the last event or sweep saw it. */
export async function confirmAgents(
  key: KeyArn,
  adds: OwnAccess,
  agents: readonly Agent[],
  live: ReadonlySet<AgentId>,
  ports: AgentPorts,
): Promise<Confirmation> {
  const concerned = agents.filter((agent) => isFor(agent, key, adds));
  // Grants are for the key as a whole: that one agent is really there is reason enough.
  const unconfirmed = (concerned.length > 0 ? concerned : agents.slice(0, 1)).filter((agent) => !live.has(agent.id));
  return readLive(unconfirmed.slice(0, MOST_READ), ports, remember);
}

/** Whether an addition is for this agent. */
export function isFor(agent: Agent, key: KeyArn, adds: OwnAccess): boolean {
  return (
    adds.agents.includes(agent.arn) ||
    adds.memory.includes(agent.arn) ||
    appearancesOn(agent, key).some(({ roleArn }) => roleArn !== undefined && adds.roles.includes(roleArn))
  );
}

/** Reads agents that are known from the inventory, and says whether they are as known; whoever is denied ends it. */
export async function readLive(
  agents: readonly Agent[],
  ports: AgentPorts,
  keep: typeof remember | typeof rememberSeen,
): Promise<Confirmation> {
  const seen: AgentId[] = [];
  let changed = false;
  for (const agent of agents) {
    const now = await seeAgent(agent.id, ports);
    if (now.kind === "denied") return { kind: "denied", id: agent.id, message: now.message };
    await keep(now, ports);
    seen.push(agent.id);
    if (now.kind !== "found" || !sameAgent(now.agent, agent)) changed = true;
  }
  return { kind: changed ? "changed" : "as-known", seen };
}
