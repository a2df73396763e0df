import {
  CreateAgentAliasCommand,
  CreateAgentCommand,
  DeleteAgentCommand,
  GetAgentCommand,
  PrepareAgentCommand,
  UpdateAgentCommand,
} from "@aws-sdk/client-bedrock-agent";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  GenerateDataKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Caller } from "../../../packages/local/src/contract.ts";
import { account, admin, bedrock, type Harness, keyPolicy, region, role, roleArn, startHarness } from "./harness.ts";

let aws: Harness;
beforeEach(async () => {
  aws = await startHarness();
});
afterEach(() => aws.stop());

const agentResourceRoleArn = roleArn("service/AgentRole");
const uuid = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const last = () => aws.records.at(-1);

describe("a record of CloudTrail", () => {
  test("of CreateAgent masks what people wrote and carries the agent that was made", async () => {
    const key = aws.world.plantKey();
    const { agent } = await aws.agents(admin).send(
      new CreateAgentCommand({
        agentName: "travel-desk",
        instruction: "be kind",
        agentResourceRoleArn,
        customerEncryptionKeyArn: key,
      }),
    );
    expect(aws.records).toHaveLength(1);
    expect(last()).toMatchObject({
      eventVersion: "1.11",
      eventSource: "bedrock.amazonaws.com",
      eventName: "CreateAgent",
      eventTime: "2026-11-23T18:30:00Z",
      awsRegion: region,
      eventID: uuid,
      requestID: uuid,
      readOnly: false,
      eventType: "AwsApiCall",
      managementEvent: true,
      eventCategory: "Management",
      recipientAccountId: account,
      requestParameters: { agentName: "***", instruction: "***", agentResourceRoleArn, customerEncryptionKeyArn: key },
      responseElements: {
        agent: {
          agentId: agent?.agentId,
          agentArn: agent?.agentArn,
          agentName: "***",
          agentStatus: "CREATING",
          agentResourceRoleArn,
          customerEncryptionKeyArn: key,
        },
      },
    });
    expect(last()).not.toHaveProperty("errorCode");
    expect(last()).not.toHaveProperty("resources");
    expect(JSON.stringify(last())).not.toMatch(/travel-desk|be kind/);
  });

  test("of a later call on an agent has its id among the request's parameters", async () => {
    const { agentId } = aws.world.plantAgent({ name: "travel-desk", roleArn: agentResourceRoleArn });
    const agents = aws.agents(admin);
    const whole = { agentId, agentName: "travel-desk", foundationModel: "a-model", agentResourceRoleArn };
    await agents.send(new UpdateAgentCommand(whole));
    expect(last()).toMatchObject({
      eventName: "UpdateAgent",
      requestParameters: { agentId, agentName: "***", foundationModel: "a-model" },
      responseElements: { agent: { agentId, agentStatus: "UPDATING" } },
    });
    await agents.send(new PrepareAgentCommand({ agentId }));
    expect(last()).toMatchObject({
      eventName: "PrepareAgent",
      requestParameters: { agentId },
      responseElements: { agentId, agentStatus: "PREPARING", agentVersion: "DRAFT" },
    });
    await agents.send(new CreateAgentAliasCommand({ agentId, agentAliasName: "live" }));
    expect(last()).toMatchObject({
      eventName: "CreateAgentAlias",
      requestParameters: { agentId, agentAliasName: "***" },
      responseElements: { agentAlias: { agentId, agentAliasName: "***" } },
    });
    await agents.send(new DeleteAgentCommand({ agentId, skipResourceInUseCheck: true }));
    expect(last()).toMatchObject({
      eventName: "DeleteAgent",
      requestParameters: { agentId },
      responseElements: { agentId, agentStatus: "DELETING" },
    });
  });

  test("of a refused Bedrock call says so in errorCode, and why in responseElements", async () => {
    const command = new CreateAgentCommand({ agentName: "travel-desk" });
    await expect(aws.agents(role("Nobody", [])).send(command)).rejects.toThrow();
    expect(last()).toMatchObject({
      eventName: "CreateAgent",
      errorCode: "AccessDenied",
      requestParameters: { agentName: "***" },
      responseElements: { message: expect.stringContaining("is not authorized to perform: bedrock:CreateAgent") },
    });
    expect(last()).not.toHaveProperty("errorMessage");
  });

  test("of PutKeyPolicy has the policy as a text and the key's ARN under resources, whatever keyId was typed", async () => {
    const key = aws.world.plantKey();
    const keyId = key.split("/").at(-1) ?? "";
    await aws.kms(admin).send(new PutKeyPolicyCommand({ KeyId: keyId, PolicyName: "default", Policy: keyPolicy() }));
    expect(last()).toMatchObject({
      eventSource: "kms.amazonaws.com",
      eventName: "PutKeyPolicy",
      requestParameters: { keyId, policyName: "default", policy: keyPolicy() },
      responseElements: null,
      resources: [{ accountId: account, type: "AWS::KMS::Key", ARN: key }],
    });
  });

  test("of a refused KMS call says so in errorCode and errorMessage", async () => {
    const key = aws.world.plantKey();
    await expect(aws.kms(admin).send(new PutKeyPolicyCommand({ KeyId: key, Policy: "{" }))).rejects.toThrow();
    expect(last()).toMatchObject({
      eventName: "PutKeyPolicy",
      errorCode: "MalformedPolicyDocumentException",
      errorMessage: expect.stringContaining("JSON"),
      responseElements: null,
      resources: [{ ARN: key }],
    });
  });

  test("of a change of a key's state or tags names the key", async () => {
    const key = aws.world.plantKey();
    const kms = aws.kms(admin);
    await kms.send(new DisableKeyCommand({ KeyId: key }));
    expect(last()).toMatchObject({
      eventName: "DisableKey",
      responseElements: { keyId: key },
      resources: [{ ARN: key }],
    });
    await kms.send(new TagResourceCommand({ KeyId: key, Tags: [{ TagKey: "a", TagValue: "b" }] }));
    expect(last()).toMatchObject({
      eventName: "TagResource",
      requestParameters: { keyId: key, tags: [{ tagKey: "a", tagValue: "b" }] },
      resources: [{ ARN: key }],
    });
    await kms.send(new UntagResourceCommand({ KeyId: key, TagKeys: ["a"] }));
    expect(last()).toMatchObject({ eventName: "UntagResource", requestParameters: { tagKeys: ["a"] } });
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key, PendingWindowInDays: 7 }));
    expect(last()).toMatchObject({
      eventName: "ScheduleKeyDeletion",
      requestParameters: { keyId: key, pendingWindowInDays: 7 },
      responseElements: { keyId: key, keyState: "PendingDeletion", deletionDate: "Nov 30, 2026 18:30:00 PM" },
    });
  });

  test("of a new key has its ARN, and of a grant by a service has the service", async () => {
    const { KeyMetadata } = await aws.kms(admin).send(new CreateKeyCommand({}));
    expect(last()).toMatchObject({ eventName: "CreateKey", resources: [{ ARN: KeyMetadata?.Arn }] });
    const policy = keyPolicy({
      Effect: "Allow",
      Principal: { Service: "bedrock.amazonaws.com" },
      Action: "kms:CreateGrant",
      Resource: "*",
    });
    const KeyId = aws.world.plantKey({ policy });
    const grant = { KeyId, GranteePrincipal: "bedrock.amazonaws.com", Operations: ["Decrypt" as const] };
    await aws.kms(bedrock).send(new CreateGrantCommand(grant));
    expect(last()).toMatchObject({
      eventName: "CreateGrant",
      userIdentity: { type: "AWSService", invokedBy: "bedrock.amazonaws.com" },
      requestParameters: { granteePrincipal: "bedrock.amazonaws.com", operations: ["Decrypt"] },
    });
  });

  test("of a change in IAM is of us-east-1", async () => {
    const trust = '{"Statement":[]}';
    await aws.iam(admin).send(new CreateRoleCommand({ RoleName: "R", AssumeRolePolicyDocument: trust }));
    expect(last()).toMatchObject({
      eventSource: "iam.amazonaws.com",
      eventName: "CreateRole",
      awsRegion: "us-east-1",
      requestParameters: { roleName: "R" },
    });
  });

  test("is not written of reads, and neither of using a key", async () => {
    const key = aws.world.plantKey();
    const { agentId } = aws.world.plantAgent({ name: "a" });
    await aws.kms(admin).send(new DescribeKeyCommand({ KeyId: key }));
    await aws.kms(admin).send(new GenerateDataKeyCommand({ KeyId: key, KeySpec: "AES_256" }));
    await aws.agents(admin).send(new GetAgentCommand({ agentId }));
    await expect(aws.agents(role("Nobody", [])).send(new GetAgentCommand({ agentId }))).rejects.toThrow();
    expect(aws.records).toEqual([]);
  });
});

describe("who acted", () => {
  const actor = async (caller: Caller) => {
    const KeyId = aws.world.plantKey();
    await aws.kms(caller).send(new DisableKeyCommand({ KeyId }));
    return last()?.userIdentity;
  };

  test("is for a role its session, and its ARN with the path as the session's issuer", async () => {
    const known = aws.world.plantRole(roleArn("team/Admin"));
    expect(await actor(admin)).toMatchObject({
      type: "AssumedRole",
      principalId: `${known.id}:session`,
      arn: `arn:aws:sts::${account}:assumed-role/Admin/session`,
      accountId: account,
      accessKeyId: expect.stringMatching(/^AKIA/),
      sessionContext: {
        sessionIssuer: {
          type: "Role",
          principalId: known.id,
          arn: roleArn("team/Admin"),
          accountId: account,
          userName: "Admin",
        },
      },
    });
  });

  test("is for a user the user, without an issuer", async () => {
    const allow = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
    const user = aws.world.plantUser(`arn:aws:iam::${account}:user/ann`, { all: allow });
    const identity = await actor(aws.world.caller(user.arn));
    expect(identity).toMatchObject({ type: "IAMUser", principalId: user.id, arn: user.arn, userName: "ann" });
    expect(identity).not.toHaveProperty("sessionContext");
  });

  test("is for the root user the account", async () => {
    const arn = `arn:aws:iam::${account}:root`;
    expect(await actor({ kind: "user", arn, account, policies: [] })).toMatchObject({ type: "Root", arn });
  });
});
