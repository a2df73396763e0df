/** Whether agents that the guard's policies name, and that the inventory does not know on their keys, are really not there. */
import type { AgentId } from "../arn.ts";
import { type AgentPorts, MOST_READ, rememberSeen, seeAgent } from "../key/gather.ts";
import { keysOf } from "../requirements/appearances.ts";
import { idOf } from "./gather.ts";
import type { Need } from "./plan.ts";

/**
 * The inventory has missed them once; they are read live before access is taken away, so that each is missed twice.
 *
 * @returns those whose access stays: the agent uses the key, can't be read, or there was no room to read it
 */
export async function notGone(needs: readonly Need[], ports: AgentPorts): Promise<readonly Need[]> {
  const byAgent = Map.groupBy(needs, ({ agent }) => idOf(agent));
  const stay: Need[] = [];
  let room = MOST_READ;
  for (const [id, mine] of byAgent) {
    if (room-- <= 0) stay.push(...mine);
    else stay.push(...(await inUse(id, mine, ports)));
  }
  return stay;
}

async function inUse(id: AgentId, needs: readonly Need[], ports: AgentPorts): Promise<readonly Need[]> {
  const seen = await seeAgent(id, ports);
  await rememberSeen(seen, ports);
  if (seen.kind === "denied") return needs;
  if (seen.kind === "not-found") return [];
  const used = keysOf(seen.agent);
  return needs.filter(({ key }) => used.includes(key));
}
