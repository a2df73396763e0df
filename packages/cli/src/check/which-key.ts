/** The one key that the files speak of. */
import { type KeyArn, partsOf } from "@bedrock-key-guard/core/arn.ts";
import type { Agent, Key } from "@bedrock-key-guard/core/ports.ts";
import { keysOf } from "@bedrock-key-guard/core/requirements/appearances.ts";
import { InputError } from "../input/input-error.ts";
import { nameOf } from "../input/read-text.ts";
import type { AgentFile } from "./agent-files.ts";
import { usualKey } from "./key.ts";

export interface Chosen {
  readonly key: Key;
  /** Those that were given, each with something on the key. */
  readonly agents: readonly Agent[];
  /** What was taken for granted. */
  readonly notes: readonly string[];
}

/**
 * @param described the key of `--key`, if given
 * @throws InputError where the agents do not share one key, or one account and Region
 */
export function whichKey(agents: readonly AgentFile[], described: Key | undefined): Chosen {
  refuseStrangers(agents);
  const arn = described?.arn ?? sharedKey(agents);
  for (const { file, agent } of agents) {
    const keys = keysOf(agent);
    if (keys.length === 0 || keys.includes(arn)) continue;
    throw new InputError(
      `${nameOf(file)}: agent \`${agent.id}\` uses the key \`${keys.join("`, `")}\`, and the one that is checked is \`${arn}\`; ` +
        "give the agents of one key",
    );
  }
  return {
    key: described ?? usualKey(arn),
    agents: agents.map(({ agent }) => (keysOf(agent).length === 0 ? { ...agent, keyArn: arn } : agent)),
    notes: [
      ...agents.flatMap(({ agent }) => notesOn(agent, arn)),
      ...(described ? [] : ["the key is taken for an enabled symmetric customer managed key: say more with --key"]),
    ],
  };
}

function notesOn(agent: Agent, key: KeyArn): readonly string[] {
  const keys = keysOf(agent);
  if (keys.length === 0) {
    return [`agent ${agent.id} has no customer managed key: it is judged as if it used this one`];
  }
  const others = keys.filter((other) => other !== key);
  return others.map((other) => `agent ${agent.id} uses the key ${other} too: it is to be checked by itself`);
}

/** The first that a draft uses, else the first that a version uses. */
function sharedKey(agents: readonly AgentFile[]): KeyArn {
  const drafts = agents.flatMap(({ agent }) => agent.keyArn ?? []);
  const [arn] = [...drafts, ...agents.flatMap(({ agent }) => keysOf(agent))];
  if (arn !== undefined) return arn;
  const [first] = agents;
  throw new InputError(
    `${nameOf(first?.file ?? "")}: agent \`${first?.agent.id}\` has no \`customerEncryptionKeyArn\`: it uses a key that AWS owns; ` +
      "to check a key that it is to use, give that one with --key",
  );
}

/** Agents of several accounts or Regions can't be on one key. */
function refuseStrangers(agents: readonly AgentFile[]): void {
  const [first] = agents;
  for (const { file, agent } of agents) {
    if (first && place(agent) !== place(first.agent)) {
      throw new InputError(
        `${nameOf(file)}: agent \`${agent.id}\` is of ${place(agent)}, and \`${first.agent.id}\` of ${place(first.agent)}; ` +
          "check them one after the other",
      );
    }
  }
}

function place({ arn }: Agent): string {
  const { account, region } = partsOf(arn);
  return `account ${account}, Region ${region}`;
}
