/** The members that GetAgent and GetAgentVersion have in common, read with care. */
import {
  type AgentArn,
  agentArn,
  agentId,
  type KeyArn,
  keyArn,
  type RoleArn,
  roleArn,
} from "@bedrock-key-guard/core/arn.ts";
import type { Json, JsonObject } from "@bedrock-key-guard/core/policy/json.ts";
import type { Agent, AgentVersion } from "@bedrock-key-guard/core/ports.ts";
import { InputError } from "../input/input-error.ts";
import { joined, member, objectAt, textAt, wrong } from "../input/shape.ts";

export interface Member {
  readonly path: string;
  readonly value: Json | undefined;
}

/** The members of an object that stands at a path of its document. */
export function membersOf(path: string, object: JsonObject): (name: string) => Member {
  return (name) => ({ path: joined(path, name), value: member(object, name) });
}

/** @param wanted what the document should be, for where it is not */
export function readIdentity(at: (name: string) => Member, wanted: string): Pick<Agent, "id" | "arn"> {
  const arn = arnAt(at("agentArn"), agentArn, "an agent's ARN");
  const ownId = arn.split("/").at(-1) ?? "";
  const id = agentId(optionalText(at("agentId")) ?? ownId);
  if (id !== ownId) throw new InputError(`\`${at("agentId").path}\` is not the id in \`agentArn\`; give ${wanted}`);
  return { id, arn };
}

/** What the draft and a version each have of their own. */
export function readUse(at: (name: string) => Member): Pick<AgentVersion, "roleArn" | "keyArn" | "memoryEnabled"> {
  return {
    roleArn: optional(at("agentResourceRoleArn"), (m) =>
      arnAt<RoleArn>(m, roleArn, "a role's ARN with its path, or leave it out"),
    ),
    keyArn: optional(at("customerEncryptionKeyArn"), (m) =>
      arnAt<KeyArn>(m, keyArn, "a KMS key's ARN (no alias), or leave it out"),
    ),
    memoryEnabled: optional(at("memoryConfiguration"), memoryEnabled) ?? false,
  };
}

function memoryEnabled({ path, value }: Member): boolean {
  const types = member(objectAt(path, value, "what GetAgent gives, or leave it out"), "enabledMemoryTypes");
  return Array.isArray(types) && types.length > 0;
}

export function optional<T>(given: Member, read: (given: Member) => T): T | undefined {
  return given.value === undefined ? undefined : read(given);
}

export function optionalText(given: Member): string | undefined {
  return optional(given, ({ path, value }) => textAt(path, value, "a text, or leave it out"));
}

function arnAt<T extends AgentArn | KeyArn | RoleArn>(
  { path, value }: Member,
  read: (text: string) => T | undefined,
  wanted: string,
): T {
  const arn = typeof value === "string" ? read(value) : undefined;
  if (arn === undefined) throw wrong(path, value, wanted);
  return arn;
}
