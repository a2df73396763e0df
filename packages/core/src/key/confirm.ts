/**
 * Before access is written for an agent that is known from the inventory only, the agent is read live: it may be gone,
 * or have moved, with the event about it lost.
 */
import type { AgentId } from "../arn.ts";
import type { Agent } from "../ports.ts";
import { type AgentPorts, remember, sameAgent, seeAgent } from "./gather.ts";
import type { OwnAccess } from "./own-statements.ts";

export type Confirmation =
  | { readonly kind: "as-known"; readonly seen: readonly AgentId[] }
  /** The inventory holds by now what was seen. */
  | { readonly kind: "changed"; readonly seen: readonly AgentId[] }
  | { readonly kind: "denied"; readonly id: AgentId; readonly message: string };

/**
 * GetAgent takes 15 calls a second for the whole account: of a repair for more agents than this, a part is confirmed, and
 * the rest is as the last event or sweep saw it.
 */
const MOST_CONFIRMED = 25;

export async function confirmAgents(
  adds: OwnAccess,
  agents: readonly Agent[],
  live: ReadonlySet<AgentId>,
  ports: AgentPorts,
): Promise<Confirmation> {
  const concerned = agents.filter(
    (agent) => adds.agents.includes(agent.arn) || (agent.roleArn !== undefined && adds.roles.includes(agent.roleArn)),
  );
  // Grants are for the key as a whole: that one agent is really there is reason enough.
  const unconfirmed = (concerned.length > 0 ? concerned : agents.slice(0, 1)).filter((agent) => !live.has(agent.id));
  const asked = unconfirmed.slice(0, MOST_CONFIRMED);
  const seen: AgentId[] = [];
  let changed = false;
  for (const agent of asked) {
    const now = await seeAgent(agent.id, ports);
    if (now.kind === "denied") return { kind: "denied", id: agent.id, message: now.message };
    await remember(now, ports);
    seen.push(agent.id);
    if (now.kind !== "found" || !sameAgent(now.agent, agent)) changed = true;
  }
  return { kind: changed ? "changed" : "as-known", seen };
}
