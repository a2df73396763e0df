/** The agents of the `--agent` files: each agent with the versions of it that are given beside it. */
import type { Json } from "@bedrock-key-guard/core/policy/json.ts";
import type { Agent, DraftAgent } from "@bedrock-key-guard/core/ports.ts";
import { InputError } from "../input/input-error.ts";
import { nameOf } from "../input/read-text.ts";
import { readAgent } from "./agent.ts";
import { readAgentVersion, type VersionOfAgent } from "./agent-version.ts";

export interface AgentFile {
  readonly file: string;
  readonly agent: Agent;
}

export type AgentDocument =
  | { readonly kind: "agent"; readonly agent: DraftAgent }
  | { readonly kind: "version"; readonly version: VersionOfAgent };

/** @throws InputError naming the member that is wrong */
export function readAgentDocument(value: Json): AgentDocument {
  const version = readAgentVersion(value);
  return version ? { kind: "version", version } : { kind: "agent", agent: readAgent(value) };
}

/**
 * In the order of the agents' files; an agent's versions in the order of theirs.
 *
 * @throws InputError where an agent or a version is given twice, or a version without its agent
 */
export function agentsOf(
  documents: readonly { readonly file: string; readonly document: AgentDocument }[],
): readonly AgentFile[] {
  const found = new Map<string, AgentFile>();
  for (const { file, document } of documents) {
    if (document.kind !== "agent") continue;
    const { agent } = document;
    const before = found.get(agent.arn);
    if (before) {
      throw new InputError(
        `${nameOf(file)}: agent \`${agent.id}\` is in ${nameOf(before.file)} too; give each agent once`,
      );
    }
    found.set(agent.arn, { file, agent: { ...agent, versions: [] } });
  }
  for (const { file, document } of documents) {
    if (document.kind !== "version") continue;
    const { agent: arn, ...version } = document.version;
    const owner = found.get(arn);
    const name = `version \`${version.version}\` of \`${arn}\``;
    if (!owner) {
      throw new InputError(
        `${nameOf(file)}: ${name} is given without its agent; give what \`get-agent\` prints with \`--agent\` too`,
      );
    }
    const { versions } = owner.agent;
    if (versions.some((other) => other.version === version.version)) {
      throw new InputError(`${nameOf(file)}: ${name} is given twice; give each version once`);
    }
    found.set(arn, { ...owner, agent: { ...owner.agent, versions: [...versions, version] } });
  }
  return [...found.values()];
}
