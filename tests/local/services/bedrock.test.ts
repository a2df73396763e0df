import {
  type BedrockAgentClient,
  CreateAgentAliasCommand,
  CreateAgentCommand,
  DeleteAgentCommand,
  GetAgentCommand,
  GetAgentVersionCommand,
  ListAgentsCommand,
  PrepareAgentCommand,
  UpdateAgentAliasCommand,
  UpdateAgentCommand,
} from "@aws-sdk/client-bedrock-agent";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, admin, type Harness, region, role, roleArn, startHarness } from "./harness.ts";

let aws: Harness;
let agents: BedrockAgentClient;
let key: string;

beforeEach(async () => {
  aws = await startHarness({ agent: 2000 });
  agents = aws.agents(admin);
  key = aws.world.plantKey();
});
afterEach(() => aws.stop());

const agentResourceRoleArn = roleArn("service/AgentRole");
const settle = () => {
  aws.time.now = new Date(aws.time.now.getTime() + 2000);
};

async function create(agentName = "travel-desk"): Promise<string> {
  const command = new CreateAgentCommand({
    agentName,
    agentResourceRoleArn,
    customerEncryptionKeyArn: key,
    foundationModel: "a-model",
  });
  const { agent } = await agents.send(command);
  expect(agent?.agentStatus).toBe("CREATING");
  return agent?.agentId ?? "";
}

const get = async (agentId: string) => (await agents.send(new GetAgentCommand({ agentId }))).agent;

describe("an agent", () => {
  test("is CREATING for a moment, then NOT_PREPARED, and has what it was given", async () => {
    const agentId = await create();
    expect((await get(agentId))?.agentStatus).toBe("CREATING");
    settle();
    expect(await get(agentId)).toMatchObject({
      agentId: expect.stringMatching(/^[0-9A-Z]{10}$/),
      agentName: "travel-desk",
      agentArn: `arn:aws:bedrock:${region}:${account}:agent/${agentId}`,
      agentVersion: "DRAFT",
      agentStatus: "NOT_PREPARED",
      agentResourceRoleArn,
      customerEncryptionKeyArn: key,
      createdAt: new Date("2026-11-23T18:30:00Z"),
    });
  });

  test("is replaced as a whole by UpdateAgent: a key that is not given is gone", async () => {
    const agentId = await create();
    settle();
    const whole = { agentId, agentName: "travel-desk", foundationModel: "a-model", agentResourceRoleArn };
    await agents.send(new UpdateAgentCommand(whole));
    expect(await get(agentId)).not.toHaveProperty("customerEncryptionKeyArn");
    expect((await get(agentId))?.agentStatus).toBe("UPDATING");
  });

  test("cannot be changed while Bedrock works on it", async () => {
    const agentId = await create();
    await expect(agents.send(new PrepareAgentCommand({ agentId }))).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("CREATING"),
    });
    settle();
    await agents.send(new PrepareAgentCommand({ agentId }));
    expect((await get(agentId))?.agentStatus).toBe("PREPARING");
    settle();
    expect((await get(agentId))?.agentStatus).toBe("PREPARED");
  });

  test("is DELETING for a moment, then unknown", async () => {
    const agentId = await create();
    settle();
    await agents.send(new DeleteAgentCommand({ agentId }));
    expect((await get(agentId))?.agentStatus).toBe("DELETING");
    settle();
    await expect(get(agentId)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("keeps its key and role in each version that an alias made", async () => {
    const agentId = await create();
    settle();
    const { agentAlias } = await agents.send(new CreateAgentAliasCommand({ agentId, agentAliasName: "live" }));
    expect(agentAlias?.routingConfiguration).toEqual([{ agentVersion: "1" }]);
    const whole = { agentId, agentName: "travel-desk", foundationModel: "a-model", agentResourceRoleArn };
    await agents.send(new UpdateAgentCommand(whole));
    settle();
    const agentAliasId = agentAlias?.agentAliasId;
    const moved = await agents.send(new UpdateAgentAliasCommand({ agentId, agentAliasId, agentAliasName: "live" }));
    expect(moved.agentAlias?.routingConfiguration).toEqual([{ agentVersion: "2" }]);
    const version = async (agentVersion: string) =>
      (await agents.send(new GetAgentVersionCommand({ agentId, agentVersion }))).agentVersion;
    expect(await version("1")).toHaveProperty("customerEncryptionKeyArn", key);
    expect(await version("2")).not.toHaveProperty("customerEncryptionKeyArn");
    await expect(agents.send(new DeleteAgentCommand({ agentId }))).rejects.toMatchObject({ name: "ConflictException" });
  });

  test("may be there without anyone having been told", async () => {
    const { agentId } = aws.world.plantAgent({ name: "old", roleArn: agentResourceRoleArn, keyArn: key });
    expect(await get(agentId)).toMatchObject({ agentStatus: "PREPARED", customerEncryptionKeyArn: key });
    expect(aws.records).toEqual([]);
  });
});

describe("Bedrock refuses", () => {
  test.each([
    ["an alias as key", { customerEncryptionKeyArn: `arn:aws:kms:${region}:${account}:alias/mine` }],
    ["a key that is no ARN", { customerEncryptionKeyArn: "11111111-2222-3333-4444-555555555555" }],
    ["a role that is no ARN", { agentResourceRoleArn: "AgentRole" }],
    ["a name with a space", { agentName: "travel desk" }],
  ])("%s", async (_what, more) => {
    const command = new CreateAgentCommand({ agentName: "travel-desk", ...more });
    await expect(agents.send(command)).rejects.toMatchObject({ name: "ValidationException" });
  });

  test("an update that leaves the role out, which only CreateAgent may", async () => {
    const agentId = await create();
    settle();
    const command = new UpdateAgentCommand({
      agentId,
      agentName: "travel-desk",
      foundationModel: "a-model",
      agentResourceRoleArn: undefined,
    });
    await expect(agents.send(command)).rejects.toMatchObject({ name: "ValidationException" });
    expect(await get(agentId)).toHaveProperty("customerEncryptionKeyArn", key);
  });

  test("a second agent of the same name", async () => {
    await create();
    await expect(create()).rejects.toMatchObject({ name: "ConflictException" });
  });

  test("a caller whom nothing allows, before it says whether the agent exists", async () => {
    const nobody = aws.agents(role("Nobody", []));
    const denied = { name: "AccessDeniedException", message: expect.stringContaining("bedrock:") };
    await expect(nobody.send(new CreateAgentCommand({ agentName: "a" }))).rejects.toMatchObject(denied);
    await expect(nobody.send(new GetAgentCommand({ agentId: "AAAAAAAAAA" }))).rejects.toMatchObject(denied);
    await expect(nobody.send(new ListAgentsCommand({}))).rejects.toMatchObject(denied);
  });

  test("what it is told to throttle", async () => {
    const error = { code: "ThrottlingException" };
    aws.world.failNext({ service: "bedrock", operation: "ListAgents", times: 1, error });
    await expect(agents.send(new ListAgentsCommand({}))).rejects.toMatchObject({
      name: "ThrottlingException",
      $metadata: { httpStatusCode: 429 },
    });
    await agents.send(new ListAgentsCommand({}));
  });
});

test("ListAgents gives ten a page whatever is asked for, and neither key nor role nor ARN", async () => {
  const planted = Array.from({ length: 23 }, (_, index) =>
    aws.world.plantAgent({ name: `agent-${index}`, roleArn: agentResourceRoleArn, keyArn: key }),
  );
  const pages: string[][] = [];
  let nextToken: string | undefined;
  do {
    const page = await agents.send(new ListAgentsCommand({ maxResults: 1000, ...(nextToken ? { nextToken } : {}) }));
    pages.push((page.agentSummaries ?? []).map((summary) => summary.agentId ?? ""));
    expect(Object.keys(page.agentSummaries?.[0] ?? {}).toSorted()).toEqual(
      ["agentId", "agentName", "agentStatus", "latestAgentVersion", "updatedAt"].toSorted(),
    );
    nextToken = page.nextToken;
  } while (nextToken);
  expect(pages.map((page) => page.length)).toEqual([10, 10, 3]);
  expect(pages.flat()).toEqual(planted.map((agent) => agent.agentId));
  await expect(agents.send(new ListAgentsCommand({ nextToken: "made up" }))).rejects.toMatchObject({
    name: "ValidationException",
  });
});
