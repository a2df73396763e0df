import type { Emulation } from "../emulation.ts";
import { mustBeAllowed } from "../shared/access.ts";
import { objectList, optionalText, requiredText } from "../shared/input.ts";
import { compact, type JsonObject } from "../shared/json.ts";
import type { Agent, AgentAlias } from "./agents.ts";
import { type BedrockCall, type BedrockOperation, missing, mustBeIdle, requireAgent } from "./call.ts";
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

const deleteAgentAlias: BedrockOperation = {
  name: "DeleteAgentAlias",
  method: "DELETE",
  route: "/agents/{agentId}/agentaliases/{agentAliasId}/",
  status: 202,
  writes: true,
  run(call) {
    const { agent, alias } = requireAlias(call, "bedrock:DeleteAgentAlias");
    // The version that it routed to stays, with its key and its role.
    agent.aliases.delete(alias.id);
    return { agentId: agent.id, agentAliasId: alias.id, agentAliasStatus: "DELETING" };
  },
};

export const aliasOperations: readonly BedrockOperation[] = [
  createAgentAlias,
  updateAgentAlias,
  getAgentAlias,
  deleteAgentAlias,
];

/** The version that the request routes to. Without one, Bedrock makes a new version of the draft. */
function routedVersion({ emulation, input }: BedrockCall, agent: Agent): string {
  const route = objectList(input, "routingConfiguration")[0];
  const asked = route && optionalText(route, "agentVersion");
  if (asked !== undefined) {
    if (asked !== "DRAFT" && !emulation.agents.version(agent, asked)) throw missing(`Agent version ${asked}`);
    return asked;
  }
  return emulation.agents.addVersion(agent).number;
}

/**
 * The alias of the path, once the caller is allowed to do this with it: these actions are of the alias, those of
 * versions are of the agent.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html
 */
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
