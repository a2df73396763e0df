/** An agent as `aws bedrock-agent get-agent` prints it: the members that a judgement needs, read with care. */
import {
  type AgentArn,
  agentArn,
  agentId,
  type KeyArn,
  keyArn,
  type RoleArn,
  roleArn,
} from "@bedrock-key-guard/core/arn.ts";
import type { Json } from "@bedrock-key-guard/core/policy/json.ts";
import { AGENT_STATUSES, type Agent, type AgentStatus } from "@bedrock-key-guard/core/ports.ts";
import { InputError } from "../input/input-error.ts";
import { joined, member, objectAt, textAt, wrong } from "../input/shape.ts";

const WANTED = "an agent as `aws bedrock-agent get-agent --agent-id ID` prints it";

/**
 * Members that no verdict depends on may be left out; one that is there must be what GetAgent gives.
 *
 * @throws InputError naming the member
 */
export function readAgent(value: Json): Agent {
  const document = objectAt("", value, WANTED);
  const wrapped = member(document, "agent");
  const path = wrapped === undefined ? "" : "agent";
  const agent = objectAt(path, wrapped ?? document, WANTED);
  const at = (name: string) => ({ path: joined(path, name), value: member(agent, name) });

  const arn = arnAt(at("agentArn"), agentArn, "an agent's ARN");
  const ownId = arn.split("/").at(-1) ?? "";
  const id = agentId(optionalText(at("agentId")) ?? ownId);
  if (id !== ownId) {
    throw new InputError(`\`${joined(path, "agentId")}\` is not the id in \`agentArn\`; give ${WANTED}`);
  }
  return {
    id,
    arn,
    name: optionalText(at("agentName")) ?? "",
    status: statusAt(at("agentStatus")),
    roleArn: optional(at("agentResourceRoleArn"), (m) =>
      arnAt<RoleArn>(m, roleArn, "a role's ARN with its path, or leave it out"),
    ),
    keyArn: optional(at("customerEncryptionKeyArn"), (m) =>
      arnAt<KeyArn>(m, keyArn, "a KMS key's ARN (no alias), or leave it out"),
    ),
    createdAt: createdAt(at("createdAt")),
    memoryEnabled: optional(at("memoryConfiguration"), memoryEnabled) ?? false,
  };
}

function memoryEnabled({ path, value }: Member): boolean {
  const types = member(objectAt(path, value, "what GetAgent gives, or leave it out"), "enabledMemoryTypes");
  return Array.isArray(types) && types.length > 0;
}

interface Member {
  readonly path: string;
  readonly value: Json | undefined;
}

function optional<T>(given: Member, read: (given: Member) => T): T | undefined {
  return given.value === undefined ? undefined : read(given);
}

function optionalText(given: Member): string | undefined {
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

function statusAt({ path, value }: Member): AgentStatus {
  if (value === undefined) return "PREPARED";
  const status = AGENT_STATUSES.find((known) => known === value);
  if (status === undefined) throw wrong(path, value, `one of ${AGENT_STATUSES.join(", ")}, or leave it out`);
  return status;
}

/** ISO 8601, or seconds since 1970 as `cli_timestamp_format` may have it. */
function createdAt({ path, value }: Member): string {
  if (value === undefined) return new Date(0).toISOString();
  const date = new Date(typeof value === "number" ? value * 1000 : typeof value === "string" ? value : Number.NaN);
  if (Number.isNaN(date.getTime())) throw wrong(path, value, "a date as GetAgent gives it, or leave it out");
  return date.toISOString();
}
