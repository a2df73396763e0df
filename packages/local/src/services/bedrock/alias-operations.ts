import type { Emulation } from "../emulation.ts";
import { mustBeAllowed } from "../shared/access.ts";
import { ServiceError } from "../shared/errors.ts";
import { objectList, optionalText, requiredText } from "../shared/input.ts";
import { compact, type JsonObject } from "../shared/json.ts";
import type { Agent, AgentAlias, AgentVersion } from "./agents.ts";
import { type BedrockCall, type BedrockOperation, mustBeIdle, requireAgent } from "./call.ts";
import { ids } from "./ids.ts";

const createAgentAlias: BedrockOperation = {
  name: "CreateAgentAlias",
  method: "PUT",
  route: "/agents/{agentId}/agentaliases/",
  status: 202,
  writes: true,
  run(call) {
    const { emulation, input } = call;
    const agent = requireAgent(call, "bedrock:CreateAgentAlias");
    mustBeIdle(call, agent, "CreateAgentAlias");
    const now = emulation.clock.now();
    const id = ids.alias();
    const alias: AgentAlias = {
      id,
      arn: aliasArn(emulation, agent.id, id),
      name: requiredText(input, "agentAliasName"),
      description: optionalText(input, "description"),
      version: routedVersion(call, agent),
      createdAt: now,
      updatedAt: now,
    };
    agent.aliases.set(id, alias);
    return { agentAlias: printAlias(agent, alias, "CREATING") };
  },
};

const updateAgentAlias: BedrockOperation = {
  name: "UpdateAgentAlias",
  method: "PUT",
  route: "/agents/{agentId}/agentaliases/{agentAliasId}/",
  status: 202,
  writes: true,
  run(call) {
    const { agent, alias } = requireAlias(call, "bedrock:UpdateAgentAlias");
    mustBeIdle(call, agent, "UpdateAgentAlias");
    alias.name = requiredText(call.input, "agentAliasName");
    alias.description = optionalText(call.input, "description");
    alias.version = routedVersion(call, agent);
    alias.updatedAt = call.emulation.clock.now();
    return { agentAlias: printAlias(agent, alias, "UPDATING") };
  },
};

const getAgentAlias: BedrockOperation = {
  name: "GetAgentAlias",
  method: "GET",
  route: "/agents/{agentId}/agentaliases/{agentAliasId}/",
  status: 200,
  writes: false,
  run(call) {
    const { agent, alias } = requireAlias(call, "bedrock:GetAgentAlias");
    return { agentAlias: printAlias(agent, alias, "PREPARED") };
  },
};

const listAgentVersions: BedrockOperation = {
  name: "ListAgentVersions",
  method: "POST",
  route: "/agents/{agentId}/agentversions/",
  status: 200,
  writes: false,
  run(call) {
    const agent = requireAgent(call, "bedrock:ListAgentVersions");
    const draft = summary(agent, "DRAFT", agent.createdAt);
    const numbered = [...agent.versions.values()].map((version) => summary(agent, version.number, version.createdAt));
    return { agentVersionSummaries: [draft, ...numbered] };
  },
};

const getAgentVersion: BedrockOperation = {
  name: "GetAgentVersion",
  method: "GET",
  route: "/agents/{agentId}/agentversions/{agentVersion}/",
  status: 200,
  writes: false,
  run(call) {
    const agent = requireAgent(call, "bedrock:GetAgentVersion");
    const version = agent.versions.get(call.path.agentVersion ?? "");
    if (!version) throw missing(`Agent version ${call.path.agentVersion ?? ""}`);
    return { agentVersion: printVersion(agent, version) };
  },
};

export const aliasOperations: readonly BedrockOperation[] = [
  createAgentAlias,
  updateAgentAlias,
  getAgentAlias,
  listAgentVersions,
  getAgentVersion,
];

/** The version that the request routes to. Without one, Bedrock makes a new version of the draft. */
function routedVersion({ emulation, input }: BedrockCall, agent: Agent): string {
  const route = objectList(input, "routingConfiguration")[0];
  const asked = route && optionalText(route, "agentVersion");
  if (asked !== undefined) {
    if (asked !== "DRAFT" && !agent.versions.has(asked)) throw missing(`Agent version ${asked}`);
    return asked;
  }
  const number = String(agent.versions.size + 1);
  agent.versions.set(number, { number, settings: agent.settings, createdAt: emulation.clock.now() });
  return number;
}

function requireAlias(call: BedrockCall, action: string): { agent: Agent; alias: AgentAlias } {
  const { emulation, request, path } = call;
  const agentId = path.agentId ?? "";
  const aliasId = path.agentAliasId ?? "";
  mustBeAllowed(emulation, request, { action, resource: aliasArn(emulation, agentId, aliasId) });
  const agent = emulation.agents.byId(agentId);
  const alias = agent?.aliases.get(aliasId);
  if (!agent || !alias) throw missing(`Agent alias ${aliasId}`);
  return { agent, alias };
}

function aliasArn({ region, account }: Emulation, agentId: string, aliasId: string): string {
  return `arn:aws:bedrock:${region}:${account}:agent-alias/${agentId}/${aliasId}`;
}

function missing(what: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", `Failed to retrieve resource because it doesn't exist. ${what}`);
}

function printAlias(agent: Agent, alias: AgentAlias, status: string): JsonObject {
  return compact({
    agentId: agent.id,
    agentAliasId: alias.id,
    agentAliasName: alias.name,
    agentAliasArn: alias.arn,
    agentAliasStatus: status,
    description: alias.description,
    routingConfiguration: [{ agentVersion: alias.version }],
    createdAt: alias.createdAt.toISOString(),
    updatedAt: alias.updatedAt.toISOString(),
  });
}

function summary(agent: Agent, version: string, createdAt: Date): JsonObject {
  return {
    agentName: agent.settings.name,
    agentStatus: "PREPARED",
    agentVersion: version,
    createdAt: createdAt.toISOString(),
    updatedAt: createdAt.toISOString(),
  };
}

function printVersion(agent: Agent, version: AgentVersion): JsonObject {
  return compact({
    ...version.settings.others,
    agentId: agent.id,
    agentName: version.settings.name,
    agentArn: agent.arn,
    version: version.number,
    agentStatus: "PREPARED",
    idleSessionTTLInSeconds: version.settings.others.idleSessionTTLInSeconds ?? 600,
    agentResourceRoleArn: version.settings.roleArn,
    customerEncryptionKeyArn: version.settings.keyArn,
    createdAt: version.createdAt.toISOString(),
    updatedAt: version.createdAt.toISOString(),
  });
}
