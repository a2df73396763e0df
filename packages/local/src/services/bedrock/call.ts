import type { WireRequest } from "../../contract.ts";
import type { Emulation } from "../emulation.ts";
import { mustBeAllowed } from "../shared/access.ts";
import { ServiceError } from "../shared/errors.ts";
import type { Json, JsonObject } from "../shared/json.ts";
import { isJsonObject } from "../shared/json.ts";
import type { Agent } from "./agents.ts";

export interface BedrockCall {
  readonly emulation: Emulation;
  readonly request: WireRequest;
  /** The body's members. */
  readonly input: JsonObject;
  /** The members that stand in the path, such as `agentId`. */
  readonly path: Readonly<Record<string, string>>;
}

export interface BedrockOperation {
  readonly name: string;
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  /** Such as `/agents/{agentId}/`. */
  readonly route: string;
  readonly status: number;
  readonly writes: boolean;
  run(call: BedrockCall): JsonObject;
}

/** The agent of the path, once the caller is allowed to do this with it. */
export function requireAgent(call: BedrockCall, action: string): Agent {
  const id = call.path.agentId ?? "";
  if (!/^[0-9a-zA-Z]{10}$/.test(id)) throw invalid(`the agent id \`${id}\` does not match [0-9a-zA-Z]{10}`);
  mustBeAllowed(call.emulation, call.request, { action, resource: agentArn(call.emulation, id) });
  const agent = call.emulation.agents.byId(id);
  if (!agent) throw missing(`Agent ID: ${id}`);
  return agent;
}

/** Bedrock refuses to change an agent that it is still working on. */
export function mustBeIdle(call: BedrockCall, agent: Agent, operation: string): void {
  const status = call.emulation.agents.status(agent);
  if (["CREATING", "UPDATING", "PREPARING", "DELETING", "VERSIONING"].includes(status)) {
    throw invalid(
      `${operation} operation can't be performed on Agent when it is in ${status} state. Retry the request when the agent is in a valid state.`,
    );
  }
}

export function agentArn({ region, account }: Pick<Emulation, "region" | "account">, id: string): string {
  return `arn:aws:bedrock:${region}:${account}:agent/${id}`;
}

export function invalid(message: string): ServiceError {
  return new ServiceError("ValidationException", message);
}

export function missing(what: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", `Failed to retrieve resource because it doesn't exist. ${what}`);
}

/** CloudTrail never shows what people wrote themselves, the agent's name among it. */
const MASKED = new Set([
  "agentName",
  "agentAliasName",
  "instruction",
  "description",
  "promptOverrideConfiguration",
  "customOrchestration",
]);

export function masked(value: Json): Json {
  if (Array.isArray(value)) return value.map(masked);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, MASKED.has(name) ? "***" : member && masked(member)]),
  );
}
