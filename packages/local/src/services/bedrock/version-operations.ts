import { ServiceError } from "../shared/errors.ts";
import { optionalText } from "../shared/input.ts";
import { compact, type JsonObject } from "../shared/json.ts";
import type { Agent, AgentVersion } from "./agents.ts";
import { type BedrockCall, type BedrockOperation, invalid, missing, requireAgent } from "./call.ts";
import { ids } from "./ids.ts";

/** Whatever `maxResults` asks for, a page holds no more: the model's list has this maximum. */
const PAGE = 10;
const DRAFT = "DRAFT";

const listAgentVersions: BedrockOperation = {
  name: "ListAgentVersions",
  method: "POST",
  route: "/agents/{agentId}/agentversions/",
  status: 200,
  writes: false,
  run(call) {
    const { emulation, input } = call;
    const agent = requireAgent(call, "bedrock:ListAgentVersions");
    const all = [
      summary(agent, DRAFT, agent.createdAt, emulation.agents.status(agent)),
      ...emulation.agents
        .versions(agent)
        .map((version) => summary(agent, version.number, version.createdAt, statusOf(version))),
    ];
    const token = optionalText(input, "nextToken");
    const rest = token === undefined ? all : all.filter((one) => position(one.agentVersion) > positionOf(token));
    const page = rest.slice(0, PAGE);
    const last = page.at(-1);
    return compact({
      agentVersionSummaries: page,
      nextToken: last && rest.length > PAGE ? ids.toToken(last.agentVersion) : undefined,
    });
  },
};

const getAgentVersion: BedrockOperation = {
  name: "GetAgentVersion",
  method: "GET",
  route: "/agents/{agentId}/agentversions/{agentVersion}/",
  status: 200,
  writes: false,
  run(call) {
    const { agent, version } = requireVersion(call, "bedrock:GetAgentVersion");
    return { agentVersion: printVersion(agent, version) };
  },
};

const deleteAgentVersion: BedrockOperation = {
  name: "DeleteAgentVersion",
  method: "DELETE",
  route: "/agents/{agentId}/agentversions/{agentVersion}/",
  status: 202,
  writes: true,
  run(call) {
    const { emulation, request } = call;
    const { agent, version } = requireVersion(call, "bedrock:DeleteAgentVersion");
    const alias = [...agent.aliases.values()].find((one) => one.version === version.number);
    if (alias && request.query.get("skipResourceInUseCheck") !== "true") {
      throw new ServiceError("ConflictException", `Version ${version.number} is in use by the alias ${alias.id}.`);
    }
    emulation.agents.beginDeletion(version, emulation.delays.agent);
    return { agentId: agent.id, agentVersion: version.number, agentStatus: "DELETING" };
  },
};

export const versionOperations: readonly BedrockOperation[] = [listAgentVersions, getAgentVersion, deleteAgentVersion];

/** The numbered version of the path, once the caller is allowed to do this with the agent. */
function requireVersion(call: BedrockCall, action: string): { agent: Agent; version: AgentVersion } {
  const number = call.path.agentVersion ?? "";
  // The draft is none: GetAgent tells of it.
  if (!/^[0-9]{1,5}$/.test(number)) throw invalid(`the agent version \`${number}\` does not match [0-9]{1,5}`);
  const agent = requireAgent(call, action);
  const version = call.emulation.agents.version(agent, number);
  if (!version) throw missing(`Agent version ${number}`);
  return { agent, version };
}

/** A token names the last version of the page before, so that a page does not shift when a version goes. */
function positionOf(token: string): number {
  const at = position(ids.fromToken(token) ?? "");
  if (Number.isNaN(at)) throw invalid("The provided nextToken is not valid.");
  return at;
}

function position(version: string): number {
  return version === DRAFT ? 0 : Number.parseInt(version, 10);
}

interface Summary extends JsonObject {
  readonly agentVersion: string;
}

function summary(agent: Agent, agentVersion: string, createdAt: Date, agentStatus: string): Summary {
  return {
    agentName: agent.settings.name,
    agentStatus,
    agentVersion,
    createdAt: createdAt.toISOString(),
    updatedAt: createdAt.toISOString(),
  };
}

function statusOf(version: AgentVersion): string {
  return version.deletedAt === undefined ? "PREPARED" : "DELETING";
}

function printVersion(agent: Agent, version: AgentVersion): JsonObject {
  return compact({
    ...version.settings.others,
    agentId: agent.id,
    agentName: version.settings.name,
    agentArn: agent.arn,
    version: version.number,
    agentStatus: statusOf(version),
    idleSessionTTLInSeconds: version.settings.others.idleSessionTTLInSeconds ?? 600,
    agentResourceRoleArn: version.settings.roleArn,
    customerEncryptionKeyArn: version.settings.keyArn,
    createdAt: version.createdAt.toISOString(),
    updatedAt: version.createdAt.toISOString(),
  });
}
