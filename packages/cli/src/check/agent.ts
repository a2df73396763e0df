/** An agent as `aws bedrock-agent get-agent` prints it: the members that a judgement needs, read with care. */
import type { Json } from "@bedrock-key-guard/core/policy/json.ts";
import { AGENT_STATUSES, type AgentStatus, type DraftAgent } from "@bedrock-key-guard/core/ports.ts";
import { member, objectAt, wrong } from "../input/shape.ts";
import { type Member, membersOf, optionalText, readIdentity, readUse } from "./agent-members.ts";

const WANTED = "an agent as `aws bedrock-agent get-agent --agent-id ID` prints it";

/**
 * Members that no verdict depends on may be left out; one that is there must be what GetAgent gives.
 *
 * @throws InputError naming the member
 */
export function readAgent(value: Json): DraftAgent {
  const document = objectAt("", value, WANTED);
  const wrapped = member(document, "agent");
  const path = wrapped === undefined ? "" : "agent";
  const at = membersOf(path, objectAt(path, wrapped ?? document, WANTED));
  return {
    ...readIdentity(at, WANTED),
    name: optionalText(at("agentName")) ?? "",
    status: statusAt(at("agentStatus")),
    ...readUse(at),
    createdAt: createdAt(at("createdAt")),
  };
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
