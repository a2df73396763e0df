import {
  type Agent as BedrockAgent,
  type BedrockAgentClient,
  GetAgentCommand,
  ListAgentsCommand,
} from "@aws-sdk/client-bedrock-agent";
import { type AgentId, agentArn, agentId, keyArn, roleArn } from "@bedrock-key-guard/core/arn.ts";
import {
  AGENT_STATUSES,
  type Agent,
  type AgentDirectory,
  type AgentPage,
  type AgentReading,
  type Agents,
} from "@bedrock-key-guard/core/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { AwsCallError, errorCode, errorMessage, isAccessDenied } from "./errors.ts";

export const agentsActions = { get: ["bedrock:GetAgent"] } as const satisfies ActionsOf<Agents>;
export const agentDirectoryActions = { list: ["bedrock:ListAgents"] } as const satisfies ActionsOf<AgentDirectory>;

export function bedrockAgents(client: BedrockAgentClient): Agents {
  return {
    async get(id: AgentId): Promise<AgentReading> {
      try {
        const { agent } = await client.send(new GetAgentCommand({ agentId: id }));
        return { kind: "found", agent: readAgent(agent, id) };
      } catch (error) {
        if (errorCode(error) === "ResourceNotFoundException") return { kind: "not-found" };
        if (isAccessDenied(error)) return { kind: "denied", message: errorMessage(error) };
        if (error instanceof UnreadableAgentError) throw error;
        throw new AwsCallError("bedrock:GetAgent", id, error);
      }
    },
  };
}

/** An agent whose key or role can't be read must not be taken for one without: no verdict, no write. */
export class UnreadableAgentError extends Error {
  override readonly name = "UnreadableAgentError";
}

function readAgent(answer: BedrockAgent | undefined, asked: AgentId): Agent {
  if (!answer) throw unreadable(asked, "no agent in the answer", "");
  const status = AGENT_STATUSES.find((known) => known === answer.agentStatus);
  if (!status) throw unreadable(asked, "an unknown status", answer.agentStatus);
  if (!answer.createdAt) throw unreadable(asked, "no creation date", "");
  const id = must(asked, "id", answer.agentId, agentId);
  if (id !== asked) throw unreadable(asked, "another agent's id", id);
  const arn = must(asked, "arn", answer.agentArn, agentArn);
  return {
    id,
    arn,
    name: answer.agentName ?? "",
    status,
    roleArn: answer.agentResourceRoleArn ? must(asked, "role arn", answer.agentResourceRoleArn, roleArn) : undefined,
    keyArn: answer.customerEncryptionKeyArn
      ? must(asked, "key arn", answer.customerEncryptionKeyArn, keyArn)
      : undefined,
    createdAt: answer.createdAt.toISOString(),
    memoryEnabled: (answer.memoryConfiguration?.enabledMemoryTypes ?? []).length > 0,
  };
}

function must<T>(asked: AgentId, what: string, text: string | undefined, read: (text: string) => T | undefined): T {
  const value = text === undefined ? undefined : read(text);
  if (value === undefined) throw unreadable(asked, `an unreadable ${what}`, text);
  return value;
}

function unreadable(asked: AgentId, what: string, text: string | undefined): UnreadableAgentError {
  return new UnreadableAgentError(
    `bedrock:GetAgent of \`${asked}\` answered with ${what}: \`${text ?? ""}\`; look at the agent with the AWS CLI, and report it if it is in order`,
  );
}

export function bedrockAgentDirectory(client: BedrockAgentClient): AgentDirectory {
  return {
    async list(nextToken: string | undefined): Promise<AgentPage> {
      try {
        const answer = await client.send(
          new ListAgentsCommand({ maxResults: 10, ...(nextToken ? { nextToken } : {}) }),
        );
        const ids = (answer.agentSummaries ?? []).map((summary) => {
          const id = agentId(summary.agentId ?? "");
          if (id === undefined) throw new Error(`an agent's id cannot be read: \`${summary.agentId ?? ""}\``);
          return id;
        });
        return { ids, nextToken: answer.nextToken };
      } catch (error) {
        throw new AwsCallError("bedrock:ListAgents", nextToken ? "a further page" : "the first page", error);
      }
    },
  };
}
