/** The agents of a key: those that the job speaks of are read live, the others come from the inventory. */
import type { AgentId, KeyArn } from "../arn.ts";
import { canonicalJson, type Json } from "../policy/json.ts";
import type { Agent, AgentReading, AgentStatus, Agents, Clock, Inventory } from "../ports.ts";

/** While an agent is in one of these, its key and role are not settled: it is looked at again, not concluded about. */
const UNSETTLED: ReadonlySet<AgentStatus> = new Set(["CREATING", "UPDATING", "DELETING"]);

export interface GatheredAgents {
  /** What the key is judged for. */
  readonly settled: readonly Agent[];
  /** Hinted agents that are still being created, updated or deleted. */
  readonly unsettled: readonly AgentId[];
}

export async function gatherAgents(
  key: KeyArn,
  hinted: readonly AgentId[],
  ports: { readonly agents: Agents; readonly inventory: Inventory; readonly clock: Clock },
): Promise<GatheredAgents> {
  const unsettled: AgentId[] = [];
  for (const id of hinted) {
    const reading = await readAgent(id, ports);
    if (reading.kind === "found" && UNSETTLED.has(reading.agent.status)) unsettled.push(id);
  }
  const onKey = await ports.inventory.agentsOn(key);
  return { settled: onKey.map((known) => known.agent).filter((agent) => !UNSETTLED.has(agent.status)), unsettled };
}

/** Reads an agent live and leaves in the inventory what was read; nothing is written where nothing changed. */
export async function readAgent(
  id: AgentId,
  ports: { readonly agents: Agents; readonly inventory: Inventory; readonly clock: Clock },
): Promise<AgentReading & { readonly formerKey: KeyArn | undefined }> {
  const former = await ports.inventory.agent(id);
  const reading = await ports.agents.get(id);
  const formerKey = former?.agent.keyArn;
  if (reading.kind === "not-found") {
    if (former) await ports.inventory.forget(former);
  } else if (!former || !sameAgent(former.agent, reading.agent)) {
    await ports.inventory.record(reading.agent, ports.clock.now(), former);
  }
  return { ...reading, formerKey };
}

function sameAgent(a: Agent, b: Agent): boolean {
  const text = (agent: Agent) => canonicalJson(JSON.parse(JSON.stringify(agent)) as Json);
  return text(a) === text(b);
}
