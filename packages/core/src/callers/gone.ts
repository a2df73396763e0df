/** Whether agents that the guard's policies name, and that the inventory does not know on their keys, are really not there. */
import type { AgentId } from "../arn.ts";
import { type AgentPorts, MOST_READ, rememberSeen, seeAgent } from "../key/gather.ts";
import { keysOf } from "../requirements/appearances.ts";
import { idOf } from "./need.ts";
import type { Need } from "./plan.ts";

/** Access that stays for now. */
export interface Staying {
  readonly need: Need;
  readonly why: "in-use" | "unreadable" | "no-room";
}

/**
 * The inventory has missed them once; they are read live before access is taken away, so that each is missed twice.
 *
 * @returns those whose access stays: the agent uses the key, can't be read, or there was no room to read it
 */
export async function notGone(needs: readonly Need[], ports: AgentPorts): Promise<readonly Staying[]> {
  const byAgent = [...Map.groupBy(needs, ({ agent }) => idOf(agent))];
  const staying = byAgent
    .slice(MOST_READ)
    .flatMap(([, mine]) => mine.map((need): Staying => ({ need, why: "no-room" })));
  for (const [id, mine] of byAgent.slice(0, MOST_READ)) staying.push(...(await inUse(id, mine, ports)));
  return staying;
}

async function inUse(id: AgentId, needs: readonly Need[], ports: AgentPorts): Promise<readonly Staying[]> {
  const seen = await seeAgent(id, ports);
  await rememberSeen(seen, ports);
  if (seen.kind === "denied") return needs.map((need) => ({ need, why: "unreadable" }));
  if (seen.kind === "not-found") return [];
  const used = keysOf(seen.agent);
  return needs.filter(({ key }) => used.includes(key)).map((need) => ({ need, why: "in-use" }));
}
