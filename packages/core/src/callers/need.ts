/** Needs as sets: an agent on a key, known by name. */
import type { AgentId } from "../arn.ts";
import { type AgentArn, agentId, partsOf } from "../arn.ts";
import type { Need } from "./plan.ts";

export function needName({ key, agent }: Need): string {
  return `${key} ${agent}`;
}

export function needNames(needs: readonly Need[]): ReadonlySet<string> {
  return new Set(needs.map(needName));
}

export function without<T extends Need>(needs: readonly T[], others: readonly Need[]): readonly T[] {
  const known = needNames(others);
  return needs.filter((need) => !known.has(needName(need)));
}

export function idOf(agent: AgentArn): AgentId {
  const id = agentId(partsOf(agent).resource.replace("agent/", ""));
  if (!id) throw new Error(`\`${agent}\` has no agent's id`);
  return id;
}
