/** The one key that the files speak of. */
import { type KeyArn, partsOf } from "@bedrock-key-guard/core/arn.ts";
import type { Agent, Key } from "@bedrock-key-guard/core/ports.ts";
import { InputError } from "../input/input-error.ts";
import { nameOf } from "../input/read-text.ts";
import { usualKey } from "./key.ts";

export interface AgentFile {
  readonly file: string;
  readonly agent: Agent;
}

export interface Chosen {
  readonly key: Key;
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
    if (agent.keyArn === undefined || agent.keyArn === arn) continue;
    throw new InputError(
      `${nameOf(file)}: agent \`${agent.id}\` uses the key \`${agent.keyArn}\`, and the one that is checked is \`${arn}\`; ` +
        "give the agents of one key",
    );
  }
  const keyless = agents.filter(({ agent }) => agent.keyArn === undefined);
  return {
    key: described ?? usualKey(arn),
    notes: [
      ...keyless.map(
        ({ agent }) => `agent ${agent.id} has no customer managed key: it is judged as if it used this one`,
      ),
      ...(described ? [] : ["the key is taken for an enabled symmetric customer managed key: say more with --key"]),
    ],
  };
}

function sharedKey(agents: readonly AgentFile[]): KeyArn {
  const arn = agents.find(({ agent }) => agent.keyArn !== undefined)?.agent.keyArn;
  if (arn !== undefined) return arn;
  const [first] = agents;
  throw new InputError(
    `${nameOf(first?.file ?? "")}: agent \`${first?.agent.id}\` has no \`customerEncryptionKeyArn\`: it uses a key that AWS owns; ` +
      "to check a key that it is to use, give that one with --key",
  );
}

/** Agents of several accounts or Regions can't be on one key; the same agent twice is a slip. */
function refuseStrangers(agents: readonly AgentFile[]): void {
  const seen = new Map<string, string>();
  for (const { file, agent } of agents) {
    const before = seen.get(agent.arn);
    if (before !== undefined) {
      throw new InputError(`${nameOf(file)}: agent \`${agent.id}\` is in ${nameOf(before)} too; give each agent once`);
    }
    seen.set(agent.arn, file);
    const [first] = agents;
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
