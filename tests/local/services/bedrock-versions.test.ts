import {
  type BedrockAgentClient,
  CreateAgentAliasCommand,
  DeleteAgentAliasCommand,
  DeleteAgentVersionCommand,
  GetAgentCommand,
  GetAgentVersionCommand,
  ListAgentsCommand,
  ListAgentVersionsCommand,
  UpdateAgentCommand,
} from "@aws-sdk/client-bedrock-agent";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, admin, type Harness, region, role, roleArn, startHarness } from "./harness.ts";

const DELAY = 2000;
const first = { roleArn: roleArn("service/First"), memory: true };
const second = { roleArn: roleArn("service/Second") };

let aws: Harness;
let agents: BedrockAgentClient;
let oldKey: string;
let newKey: string;

beforeEach(async () => {
  aws = await startHarness({ agent: DELAY });
  agents = aws.agents(admin);
  oldKey = aws.world.plantKey();
  newKey = aws.world.plantKey();
});
afterEach(() => aws.stop());

const settle = () => {
  aws.time.now = new Date(aws.time.now.getTime() + DELAY);
};
const alias = async (agentId: string, agentVersion?: string) => {
  const routingConfiguration = agentVersion === undefined ? undefined : [{ agentVersion }];
  const command = new CreateAgentAliasCommand({ agentId, agentAliasName: "live", routingConfiguration });
  return (await agents.send(command)).agentAlias;
};
const get = async (agentId: string, agentVersion: string) =>
  (await agents.send(new GetAgentVersionCommand({ agentId, agentVersion }))).agentVersion;
const remove = (agentId: string, agentVersion: string, skipResourceInUseCheck = false) =>
  agents.send(new DeleteAgentVersionCommand({ agentId, agentVersion, skipResourceInUseCheck }));

async function listed(agentId: string): Promise<string[][]> {
  const pages: string[][] = [];
  let nextToken: string | undefined;
  do {
    const command = new ListAgentVersionsCommand({ agentId, maxResults: 1000, ...(nextToken ? { nextToken } : {}) });
    const page = await agents.send(command);
    pages.push((page.agentVersionSummaries ?? []).map(({ agentVersion }) => agentVersion ?? ""));
    nextToken = page.nextToken;
  } while (nextToken);
  return pages;
}

describe("a numbered version", () => {
  test("is made by an alias without a route, and keeps the draft's key, role and memory of that moment", async () => {
    const { agentId } = aws.world.plantAgent({ name: "desk", keyArn: oldKey, ...first });
    expect((await alias(agentId))?.routingConfiguration).toEqual([{ agentVersion: "1" }]);
    await agents.send(
      new UpdateAgentCommand({
        agentId,
        agentName: "desk",
        foundationModel: "a-model",
        agentResourceRoleArn: second.roleArn,
        customerEncryptionKeyArn: newKey,
      }),
    );
    settle();
    const memoryConfiguration = expect.objectContaining({ enabledMemoryTypes: ["SESSION_SUMMARY"] });
    expect(await get(agentId, "1")).toMatchObject({
      version: "1",
      agentStatus: "PREPARED",
      agentResourceRoleArn: first.roleArn,
      customerEncryptionKeyArn: oldKey,
      memoryConfiguration,
    });
    const draft = (await agents.send(new GetAgentCommand({ agentId }))).agent;
    expect(draft).toMatchObject({ agentResourceRoleArn: second.roleArn, customerEncryptionKeyArn: newKey });
    expect(draft).not.toHaveProperty("memoryConfiguration");
  });

  test("is not made by an alias that routes to one that is there", async () => {
    const { agentId } = aws.world.plantAgent({ name: "desk", ...second, versions: [first, second] });
    expect((await alias(agentId, "1"))?.routingConfiguration).toEqual([{ agentVersion: "1" }]);
    expect(await listed(agentId)).toEqual([["DRAFT", "1", "2"]]);
    await expect(alias(agentId, "3")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test("outlives the alias that made it", async () => {
    const { agentId } = aws.world.plantAgent({ name: "desk", keyArn: oldKey, ...first });
    const agentAliasId = (await alias(agentId))?.agentAliasId;
    const answer = await agents.send(new DeleteAgentAliasCommand({ agentId, agentAliasId }));
    expect(answer).toMatchObject({ agentId, agentAliasId, agentAliasStatus: "DELETING" });
    expect(await get(agentId, "1")).toHaveProperty("customerEncryptionKeyArn", oldKey);
    await expect(agents.send(new DeleteAgentAliasCommand({ agentId, agentAliasId }))).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  test("is kept as long as an alias routes to it, unless the check is skipped", async () => {
    const { agentId } = aws.world.plantAgent({ name: "desk", ...first });
    await alias(agentId);
    await expect(remove(agentId, "1")).rejects.toMatchObject({ name: "ConflictException" });
    expect(await remove(agentId, "1", true)).toMatchObject({ agentId, agentVersion: "1", agentStatus: "DELETING" });
  });

  test("is DELETING for a moment, then unknown, and its number is not used again", async () => {
    const { agentId } = aws.world.plantAgent({ name: "desk", ...first, versions: [first, second] });
    await remove(agentId, "2");
    expect((await get(agentId, "2"))?.agentStatus).toBe("DELETING");
    settle();
    await expect(get(agentId, "2")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    expect(await listed(agentId)).toEqual([["DRAFT", "1"]]);
    expect((await alias(agentId))?.routingConfiguration).toEqual([{ agentVersion: "3" }]);
    const { agentSummaries } = await agents.send(new ListAgentsCommand({}));
    expect(agentSummaries?.[0]?.latestAgentVersion).toBe("3");
  });

  test("goes with its agent", async () => {
    const { agentId } = aws.world.plantAgent({ name: "desk", ...first, versions: [first] });
    aws.world.removeAgent(agentId);
    await expect(listed(agentId)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    await expect(get(agentId, "1")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  test.each(["DRAFT", "0x1", "123456"])("can't be read by the name `%s`", async (version) => {
    const { agentId } = aws.world.plantAgent({ name: "desk", versions: [first] });
    await expect(get(agentId, version)).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("ListAgentVersions", () => {
  test("gives the draft among them, ten a page, and neither key nor role", async () => {
    const { agentId } = aws.world.plantAgent({ name: "desk", versions: Array.from({ length: 22 }, () => first) });
    const pages = await listed(agentId);
    expect(pages.map((page) => page.length)).toEqual([10, 10, 3]);
    expect(pages.flat()).toEqual(["DRAFT", ...Array.from({ length: 22 }, (_, index) => String(index + 1))]);
    const { agentVersionSummaries } = await agents.send(new ListAgentVersionsCommand({ agentId }));
    for (const summary of agentVersionSummaries ?? []) {
      expect(Object.keys(summary).toSorted()).toEqual(
        ["agentName", "agentStatus", "agentVersion", "createdAt", "updatedAt"].toSorted(),
      );
    }
  });

  test("goes on where it was when versions have gone meanwhile", async () => {
    const { agentId } = aws.world.plantAgent({ name: "desk", versions: Array.from({ length: 12 }, () => first) });
    const { nextToken } = await agents.send(new ListAgentVersionsCommand({ agentId }));
    for (const version of ["1", "9", "10"]) await remove(agentId, version);
    settle();
    const { agentVersionSummaries } = await agents.send(new ListAgentVersionsCommand({ agentId, nextToken }));
    expect(agentVersionSummaries?.map(({ agentVersion }) => agentVersion)).toEqual(["11", "12"]);
  });

  test("refuses a token that it did not give", async () => {
    const { agentId } = aws.world.plantAgent({ name: "desk" });
    const command = new ListAgentVersionsCommand({ agentId, nextToken: "made-up" });
    await expect(agents.send(command)).rejects.toMatchObject({ name: "ValidationException" });
  });
});

describe("who may read and delete versions", () => {
  const agentArn = (id: string) => `arn:aws:bedrock:${region}:${account}:agent/${id}`;
  const denied = { name: "AccessDeniedException" };

  test.each([
    ["ListAgentVersions", (agentId: string) => new ListAgentVersionsCommand({ agentId })],
    ["GetAgentVersion", (agentId: string) => new GetAgentVersionCommand({ agentId, agentVersion: "1" })],
    ["DeleteAgentVersion", (agentId: string) => new DeleteAgentVersionCommand({ agentId, agentVersion: "1" })],
  ])("is decided by bedrock:%s on the agent", async (name, command) => {
    const { agentId } = aws.world.plantAgent({ name: "desk", versions: [first] });
    const { agentId: other } = aws.world.plantAgent({ name: "other", versions: [first] });
    const may = role("May", [{ Effect: "Allow", Action: `bedrock:${name}`, Resource: agentArn(agentId) }]);
    await aws.agents(may).send(command(agentId) as GetAgentVersionCommand);
    await expect(aws.agents(may).send(command(other) as GetAgentVersionCommand)).rejects.toMatchObject(denied);
    await expect(aws.agents(may).send(new GetAgentCommand({ agentId }))).rejects.toMatchObject(denied);
  });

  test("is decided for an alias by bedrock:DeleteAgentAlias on the alias", async () => {
    const { agentId } = aws.world.plantAgent({ name: "desk" });
    const agentAliasId = (await alias(agentId))?.agentAliasId ?? "";
    const command = new DeleteAgentAliasCommand({ agentId, agentAliasId });
    const of = (resource: string) =>
      role("May", [{ Effect: "Allow", Action: "bedrock:DeleteAgentAlias", Resource: resource }]);
    await expect(aws.agents(of(agentArn(agentId))).send(command)).rejects.toMatchObject(denied);
    await aws.agents(of(`arn:aws:bedrock:${region}:${account}:agent-alias/${agentId}/${agentAliasId}`)).send(command);
  });

  test("may be throttled or denied on demand, as every call", async () => {
    const { agentId } = aws.world.plantAgent({ name: "desk", versions: [first] });
    for (const [operation, code] of [
      ["ListAgentVersions", "ThrottlingException"],
      ["GetAgentVersion", "AccessDeniedException"],
    ] as const) {
      aws.world.failNext({ service: "bedrock", operation, times: 1, error: { code } });
    }
    await expect(listed(agentId)).rejects.toMatchObject({ name: "ThrottlingException" });
    await expect(get(agentId, "1")).rejects.toMatchObject(denied);
    expect(await listed(agentId)).toEqual([["DRAFT", "1"]]);
    expect(await get(agentId, "1")).toHaveProperty("version", "1");
  });
});

test("CloudTrail is told which version and which alias went, and nothing of reads", async () => {
  const { agentId } = aws.world.plantAgent({ name: "desk", ...first });
  const agentAliasId = (await alias(agentId))?.agentAliasId;
  await listed(agentId);
  await get(agentId, "1");
  await agents.send(new DeleteAgentAliasCommand({ agentId, agentAliasId }));
  await remove(agentId, "1");
  expect(aws.records.map(({ eventName }) => eventName)).toEqual([
    "CreateAgentAlias",
    "DeleteAgentAlias",
    "DeleteAgentVersion",
  ]);
  expect(aws.records[1]).toMatchObject({ requestParameters: { agentId, agentAliasId } });
  expect(aws.records[2]).toMatchObject({
    eventSource: "bedrock.amazonaws.com",
    requestParameters: { agentId, agentVersion: "1" },
    responseElements: { agentId, agentVersion: "1", agentStatus: "DELETING" },
  });
});
