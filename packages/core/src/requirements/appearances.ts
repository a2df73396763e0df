/**
 * What of an agent can be at work: its draft and each of its numbered versions. An update changes the draft only, and an
 * alias can point at any version, so that each keeps needing its own key, role and memory.
 *
 * https://docs.aws.amazon.com/bedrock/latest/userguide/cmk-agent-resources.html
 */
import type { KeyArn, RoleArn } from "../arn.ts";
import type { Agent, AgentVersion } from "../ports.ts";

export interface Appearance {
  /** `DRAFT`, or a number such as `3`. */
  readonly version: "DRAFT" | string;
  readonly roleArn: RoleArn | undefined;
  readonly memoryEnabled: boolean;
}

/** The draft, where it uses the key, and then the versions that do, in the order that the agent lists them. */
export function appearancesOn(agent: Agent, key: KeyArn): readonly Appearance[] {
  return appearancesOf(agent)
    .filter(({ keyArn }) => keyArn === key)
    .map(({ version, roleArn, memoryEnabled }) => ({ version, roleArn, memoryEnabled }));
}

/** The customer keys of the draft and of all versions, each once, sorted. */
export function keysOf(agent: Agent): readonly KeyArn[] {
  return [...new Set(appearancesOf(agent).flatMap(({ keyArn }) => (keyArn === undefined ? [] : [keyArn])))].sort();
}

function appearancesOf({ versions, roleArn, keyArn, memoryEnabled }: Agent): readonly AgentVersion[] {
  return [{ version: "DRAFT", roleArn, keyArn, memoryEnabled }, ...versions];
}
