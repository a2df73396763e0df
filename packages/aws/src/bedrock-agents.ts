import {
  type Agent as BedrockAgent,
  type BedrockAgentClient,
  type AgentVersion as BedrockAgentVersion,
  GetAgentCommand,
  GetAgentVersionCommand,
  ListAgentsCommand,
  ListAgentVersionsCommand,
} from "@aws-sdk/client-bedrock-agent";
import { type AgentId, agentArn, agentId, keyArn, roleArn } from "@bedrock-key-guard/core/arn.ts";
import {
  AGENT_STATUSES,
  type AgentDirectory,
  type AgentPage,
  type Agents,
  type AgentVersion,
  type DraftAgent,
  type DraftReading,
  type VersionReading,
  type VersionsReading,
} from "@bedrock-key-guard/core/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { AwsCallError, errorCode, errorMessage, isAccessDenied } from "./errors.ts";
import { VERSION_NUMBER } from "./schema.ts";

export const agentsActions = {
  get: ["bedrock:GetAgent"],
  versions: ["bedrock:ListAgentVersions"],
  version: ["bedrock:GetAgentVersion"],
} as const satisfies ActionsOf<Agents>;
export const agentDirectoryActions = { list: ["bedrock:ListAgents"] } as const satisfies ActionsOf<AgentDirectory>;

export function bedrockAgents(client: BedrockAgentClient): Agents {
  return {
    get: (id: AgentId): Promise<DraftReading> =>
      reading("bedrock:GetAgent", id, async () => {
        const { agent } = await client.send(new GetAgentCommand({ agentId: id }));
        return { kind: "found", agent: readAgent(agent, id) };
      }),

    versions: (id: AgentId): Promise<VersionsReading> =>
      reading("bedrock:ListAgentVersions", id, async () => {
        const versions = new Set<string>();
        let nextToken: string | undefined;
        do {
          const page = await client.send(
            new ListAgentVersionsCommand({ agentId: id, ...(nextToken ? { nextToken } : {}) }),
          );
          for (const version of readNumbers(page.agentVersionSummaries, id)) versions.add(version);
          nextToken = page.nextToken;
        } while (nextToken);
        return { kind: "found", versions: [...versions] };
      }),

    version: (id: AgentId, version: string): Promise<VersionReading> =>
      reading("bedrock:GetAgentVersion", `${id} version ${version}`, async () => {
        const { agentVersion } = await client.send(new GetAgentVersionCommand({ agentId: id, agentVersion: version }));
        return { kind: "found", version: readVersion(agentVersion, id, version) };
      }),
  };
}

type Refused = { readonly kind: "not-found" } | { readonly kind: "denied"; readonly message: string };

async function reading<T>(action: string, subject: string, call: () => Promise<T>): Promise<T | Refused> {
  try {
    return await call();
  } catch (error) {
    if (errorCode(error) === "ResourceNotFoundException") return { kind: "not-found" };
    if (isAccessDenied(error)) return { kind: "denied", message: errorMessage(error) };
    if (error instanceof UnreadableAgentError) throw error;
    throw new AwsCallError(action, subject, error);
  }
}

/** An agent whose key or role can't be read must not be taken for one without: no verdict, no write. */
export class UnreadableAgentError extends Error {
  override readonly name = "UnreadableAgentError";
}

function readAgent(answer: BedrockAgent | undefined, asked: AgentId): DraftAgent {
  const fail = (what: string, text?: string) => unreadable("bedrock:GetAgent", asked, what, text);
  if (!answer) throw fail("no agent in the answer");
  const status = AGENT_STATUSES.find((known) => known === answer.agentStatus);
  if (!status) throw fail("an unknown status", answer.agentStatus);
  if (!answer.createdAt) throw fail("no creation date");
  const id = must("id", answer.agentId, agentId, fail);
  if (id !== asked) throw fail("another agent's id", id);
  return {
    id,
    arn: must("arn", answer.agentArn, agentArn, fail),
    name: answer.agentName ?? "",
    status,
    createdAt: answer.createdAt.toISOString(),
    ...readAppearance(answer, fail),
  };
}

/** The numbers on a page of versions. A list that is not there must not pass for one that is empty. */
function readNumbers(page: readonly { agentVersion?: string | undefined }[] | undefined, asked: AgentId): string[] {
  const fail = (what: string, text?: string) => unreadable("bedrock:ListAgentVersions", asked, what, text);
  if (!page) throw fail("no list of versions");
  const named = page.map(({ agentVersion }) => agentVersion).filter((version) => version !== "DRAFT");
  return named.map((version) => must("version", version, versionNumber, fail));
}

function readVersion(answer: BedrockAgentVersion | undefined, asked: AgentId, version: string): AgentVersion {
  const fail = (what: string, text?: string) => unreadable("bedrock:GetAgentVersion", asked, what, text);
  if (!answer) throw fail("no version in the answer");
  if (answer.agentId !== asked) throw fail("another agent's id", answer.agentId);
  if (answer.version !== version) throw fail("another version", answer.version);
  return { version, ...readAppearance(answer, fail) };
}

function versionNumber(text: string): string | undefined {
  return VERSION_NUMBER.test(text) ? text : undefined;
}

/** What a draft and a version have in common. A key or a role that can't be read is not one that is absent. */
function readAppearance(
  answer: Pick<BedrockAgent, "agentResourceRoleArn" | "customerEncryptionKeyArn" | "memoryConfiguration">,
  fail: Fail,
): Pick<AgentVersion, "roleArn" | "keyArn" | "memoryEnabled"> {
  const { agentResourceRoleArn: role, customerEncryptionKeyArn: key, memoryConfiguration: memory } = answer;
  return {
    roleArn: role ? must("role arn", role, roleArn, fail) : undefined,
    keyArn: key ? must("key arn", key, keyArn, fail) : undefined,
    memoryEnabled: (memory?.enabledMemoryTypes ?? []).length > 0,
  };
}

type Fail = (what: string, text?: string) => UnreadableAgentError;

function must<T>(what: string, text: string | undefined, read: (text: string) => T | undefined, fail: Fail): T {
  const value = text === undefined ? undefined : read(text);
  if (value === undefined) throw fail(`an unreadable ${what}`, text);
  return value;
}

function unreadable(action: string, asked: AgentId, what: string, text: string | undefined): UnreadableAgentError {
  return new UnreadableAgentError(
    `${action} of \`${asked}\` answered with ${what}: \`${text ?? ""}\`; look at the agent with the AWS CLI, and report it if it is in order`,
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
