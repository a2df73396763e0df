/** Arbitrary agents of the universe, each on the key by its draft or by a version, or not at all. */
import fc from "fast-check";
import type { Agent, AgentVersion } from "../../../packages/core/src/ports.ts";
import { AGENT_IDS, agentOf, KEY, OTHER_KEY, ROLES } from "./universe.ts";

const use: fc.Arbitrary<Omit<AgentVersion, "version">> = fc.record({
  roleArn: fc.constantFrom(...ROLES, undefined),
  keyArn: fc.constantFrom(KEY, KEY, KEY, KEY, OTHER_KEY, undefined),
  memoryEnabled: fc.boolean(),
});

/** On either side of the day that profiles tell agents apart by. */
const createdAt = fc.constantFrom("2024-05-01T00:00:00Z", "2025-06-01T00:00:00Z");

function agentArb(id: string): fc.Arbitrary<Agent> {
  return fc
    .record({ draft: use, versions: fc.array(use, { maxLength: 2 }), createdAt })
    .map(({ draft, versions, createdAt }) => ({
      ...agentOf(id, undefined),
      ...draft,
      createdAt,
      versions: versions.map((version, i) => ({ version: String(i + 1), ...version })),
    }));
}

export const anyAgent = fc.constantFrom(...AGENT_IDS).chain(agentArb);

/** One to three agents. */
export const anyAgents: fc.Arbitrary<readonly Agent[]> = fc
  .subarray(AGENT_IDS, { minLength: 1 })
  .chain((ids) => fc.tuple(...ids.map(agentArb)));

/** What of an agent is on the key, told here by hand. */
export function onKey({ versions, ...draft }: Agent): readonly Omit<AgentVersion, "version">[] {
  return [draft, ...versions].filter(({ keyArn }) => keyArn === KEY);
}

/** Agents of which at least one is on the key. */
export const agentsOnKey = anyAgents.filter((agents) => agents.some((agent) => onKey(agent).length > 0));
