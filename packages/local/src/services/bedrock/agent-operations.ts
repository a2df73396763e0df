import { mustBeAllowed } from "../shared/access.ts";
import { ServiceError } from "../shared/errors.ts";
import { optionalText } from "../shared/input.ts";
import { compact } from "../shared/json.ts";
import { type Agent, printAgent } from "./agents.ts";
import { agentArn, type BedrockOperation, invalid, mustBeIdle, requireAgent } from "./call.ts";
import { ids } from "./ids.ts";
import { newSettings, replacedSettings } from "./settings.ts";

/** Whatever `maxResults` asks for, a page holds no more: the model's list has this maximum. */
const PAGE = 10;

const createAgent: BedrockOperation = {
  name: "CreateAgent",
  method: "PUT",
  route: "/agents/",
  status: 202,
  writes: true,
  run(call) {
    const { emulation, request, input } = call;
    mustBeAllowed(emulation, request, { action: "bedrock:CreateAgent", resource: "*" });
    const settings = newSettings(input);
    if (emulation.agents.all().some((agent) => agent.settings.name === settings.name)) {
      throw new ServiceError("ConflictException", `An agent with the name ${settings.name} already exists.`);
    }
    const id = ids.agent();
    const now = emulation.clock.now();
    const agent: Agent = {
      id,
      arn: agentArn(emulation, id),
      createdAt: now,
      updatedAt: now,
      preparedAt: undefined,
      versions: new Map(),
      aliases: new Map(),
      latestVersion: 0,
      settings,
      settled: "NOT_PREPARED",
      busy: undefined,
    };
    emulation.agents.add(agent);
    emulation.agents.begin(agent, "CREATING", emulation.delays.agent, "NOT_PREPARED");
    return { agent: printAgent(agent, "CREATING") };
  },
};

const getAgent: BedrockOperation = {
  name: "GetAgent",
  method: "GET",
  route: "/agents/{agentId}/",
  status: 200,
  writes: false,
  run(call) {
    const agent = requireAgent(call, "bedrock:GetAgent");
    return { agent: printAgent(agent, call.emulation.agents.status(agent)) };
  },
};

const listAgents: BedrockOperation = {
  name: "ListAgents",
  method: "POST",
  route: "/agents/",
  status: 200,
  writes: false,
  run({ emulation, request, input }) {
    mustBeAllowed(emulation, request, { action: "bedrock:ListAgents", resource: "*" });
    const agents = emulation.agents.all();
    const token = optionalText(input, "nextToken");
    // The token names the last agent of the page before, so that a page does not shift when an agent goes.
    const from = token === undefined ? 0 : agents.findIndex((agent) => agent.id === ids.fromToken(token)) + 1;
    if (token !== undefined && from === 0) throw invalid("The provided nextToken is not valid.");
    const page = agents.slice(from, from + PAGE);
    const last = page.at(-1);
    return compact({
      agentSummaries: page.map((agent) =>
        compact({
          agentId: agent.id,
          agentName: agent.settings.name,
          agentStatus: emulation.agents.status(agent),
          description: agent.settings.others.description,
          guardrailConfiguration: agent.settings.others.guardrailConfiguration,
          updatedAt: agent.updatedAt.toISOString(),
          latestAgentVersion: emulation.agents.versions(agent).at(-1)?.number ?? "DRAFT",
        }),
      ),
      nextToken: last && from + PAGE < agents.length ? ids.toToken(last.id) : undefined,
    });
  },
};

const updateAgent: BedrockOperation = {
  name: "UpdateAgent",
  method: "PUT",
  route: "/agents/{agentId}/",
  status: 202,
  writes: true,
  run(call) {
    const { emulation } = call;
    const agent = requireAgent(call, "bedrock:UpdateAgent");
    mustBeIdle(call, agent, "Update");
    agent.settings = replacedSettings(call.input);
    agent.updatedAt = emulation.clock.now();
    emulation.agents.begin(agent, "UPDATING", emulation.delays.agent, "NOT_PREPARED");
    return { agent: printAgent(agent, "UPDATING") };
  },
};

const prepareAgent: BedrockOperation = {
  name: "PrepareAgent",
  method: "POST",
  route: "/agents/{agentId}/",
  status: 202,
  writes: true,
  run(call) {
    const { emulation } = call;
    const agent = requireAgent(call, "bedrock:PrepareAgent");
    mustBeIdle(call, agent, "Prepare");
    agent.preparedAt = emulation.clock.now();
    emulation.agents.begin(agent, "PREPARING", emulation.delays.agent, "PREPARED");
    return {
      agentId: agent.id,
      agentStatus: "PREPARING",
      agentVersion: "DRAFT",
      preparedAt: agent.preparedAt.toISOString(),
    };
  },
};

const deleteAgent: BedrockOperation = {
  name: "DeleteAgent",
  method: "DELETE",
  route: "/agents/{agentId}/",
  status: 202,
  writes: true,
  run(call) {
    const { emulation, request } = call;
    const agent = requireAgent(call, "bedrock:DeleteAgent");
    if (agent.aliases.size > 0 && request.query.get("skipResourceInUseCheck") !== "true") {
      throw new ServiceError("ConflictException", `Agent ${agent.id} is in use by its aliases.`);
    }
    emulation.agents.begin(agent, "DELETING", emulation.delays.agent, agent.settled);
    return { agentId: agent.id, agentStatus: "DELETING" };
  },
};

export const agentOperations: readonly BedrockOperation[] = [
  createAgent,
  getAgent,
  listAgents,
  updateAgent,
  prepareAgent,
  deleteAgent,
];
