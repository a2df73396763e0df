/** A numbered version of an agent as `aws bedrock-agent get-agent-version` prints it. */
import type { AgentArn } from "@bedrock-key-guard/core/arn.ts";
import { isObject, type Json, type JsonObject } from "@bedrock-key-guard/core/policy/json.ts";
import type { AgentVersion } from "@bedrock-key-guard/core/ports.ts";
import { member, wrong } from "../input/shape.ts";
import { membersOf, readIdentity, readUse } from "./agent-members.ts";

const WANTED = "a version as `aws bedrock-agent get-agent-version --agent-id ID --agent-version NUMBER` prints it";

export interface VersionOfAgent extends AgentVersion {
  readonly agent: AgentArn;
}

/**
 * @returns undefined for a document that is none; an agent has a member `agentVersion` too, which is a text
 * @throws InputError naming the member, where it is one and something is wrong with it
 */
export function readAgentVersion(value: Json): VersionOfAgent | undefined {
  const found = isObject(value) ? versionIn(value) : undefined;
  if (!found) return undefined;
  const at = membersOf(found.path, found.object);
  const { arn } = readIdentity(at, WANTED);
  const number = at("version");
  if (typeof number.value !== "string" || !NUMBER.test(number.value)) {
    throw wrong(number.path, number.value, "the number of a version; the draft is what `get-agent` prints");
  }
  return { agent: arn, version: number.value, ...readUse(at) };
}

/** https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_AgentVersion.html */
const NUMBER = /^[0-9]{0,4}[1-9][0-9]{0,4}$/;

function versionIn(document: JsonObject): { readonly path: string; readonly object: JsonObject } | undefined {
  const wrapped = member(document, "agentVersion");
  if (isObject(wrapped)) return { path: "agentVersion", object: wrapped };
  const bare = member(document, "agent") === undefined && member(document, "version") !== undefined;
  return bare ? { path: "", object: document } : undefined;
}
