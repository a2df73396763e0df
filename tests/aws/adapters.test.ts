import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { bedrockAgentDirectory, bedrockAgents } from "../../packages/aws/src/bedrock-agents.ts";
import { bedrockAgentClient, iamClient, kmsClient, kmsWriterClient } from "../../packages/aws/src/clients.ts";
import { iamRoles } from "../../packages/aws/src/iam.ts";
import { kmsKeys, kmsKeyWriter } from "../../packages/aws/src/kms.ts";
import { sampleAgent, sampleAgentArn, sampleAgentId, sampleKey, sampleRole } from "./samples.ts";
import { json, refusal, startWire, type Wire } from "./wire.ts";

let wire: Wire;
beforeAll(async () => {
  wire = await startWire();
});
afterAll(() => wire.stop());
vi.stubEnv("AWS_ACCESS_KEY_ID", "local");
vi.stubEnv("AWS_SECRET_ACCESS_KEY", "local");
afterEach(() => wire.answer());

const sent = (index = 0): unknown => JSON.parse(wire.requests[index]?.body || "null");

describe("bedrock agents", () => {
  const agents = () => bedrockAgents(bedrockAgentClient(wire.environment));
  const { versions: _versions, ...draft } = sampleAgent();
  const answer = {
    agentId: sampleAgentId(),
    agentArn: sampleAgentArn(),
    agentName: "agent-1",
    agentVersion: "DRAFT",
    agentStatus: "PREPARED",
    agentResourceRoleArn: sampleRole(),
    customerEncryptionKeyArn: sampleKey(),
    createdAt: "2026-11-01T10:00:00Z",
    updatedAt: "2026-11-01T10:00:00Z",
    idleSessionTTLInSeconds: 600,
  };

  test("reads an agent with its key and role", async () => {
    wire.answer(json({ agent: answer }));
    expect(await agents().get(sampleAgentId())).toEqual({ kind: "found", agent: draft });
    expect(wire.requests[0]?.operation).toBe(`GET /agents/${sampleAgentId()}/`);
  });

  test("reads an agent without a customer key, and one with memory", async () => {
    const { customerEncryptionKeyArn: _, ...rest } = answer;
    wire.answer(json({ agent: { ...rest, memoryConfiguration: { enabledMemoryTypes: ["SESSION_SUMMARY"] } } }));
    const agent = { ...draft, keyArn: undefined, memoryEnabled: true };
    expect(await agents().get(sampleAgentId())).toEqual({ kind: "found", agent });
  });

  test("says that there is no such agent", async () => {
    wire.answer(refusal("ResourceNotFoundException", 404));
    expect(await agents().get(sampleAgentId())).toEqual({ kind: "not-found" });
  });

  test.each([
    ["a key", { customerEncryptionKeyArn: "arn:aws:kms:eu-west-1:111122223333:alias/a" }, "unreadable key arn"],
    ["a role", { agentResourceRoleArn: "arn:aws:iam::111122223333:user/u" }, "unreadable role arn"],
    ["a status", { agentStatus: "RESTING" }, "unknown status"],
    ["an id", { agentId: sampleAgentId(2) }, "another agent's id"],
  ])(
    "throws on an agent with %s that it can't read, rather than taking it for one without",
    async (_what, change, text) => {
      wire.answer(json({ agent: { ...answer, ...change } }));
      await expect(agents().get(sampleAgentId())).rejects.toThrow(text);
    },
  );

  test("answers a refusal with its message, which may name KMS", async () => {
    wire.answer(refusal("AccessDeniedException", 403));
    expect(await agents().get(sampleAgentId())).toEqual({ kind: "denied", message: expect.any(String) });
  });

  test("throws what it does not expect, and keeps the cause", async () => {
    wire.answer(refusal("ValidationException", 400));
    await expect(agents().get(sampleAgentId())).rejects.toMatchObject({
      name: "AwsCallError",
      action: "bedrock:GetAgent",
      code: "ValidationException",
      cause: expect.objectContaining({ name: "ValidationException" }),
    });
  });

  test("lists a page of agents and says where the next one begins", async () => {
    const summary = { agentName: "n", agentStatus: "PREPARED", updatedAt: "2026-11-01T10:00:00Z" };
    wire.answer(
      json({ agentSummaries: [{ ...summary, agentId: sampleAgentId(3) }], nextToken: "more" }),
      json({ agentSummaries: [] }),
    );
    const directory = bedrockAgentDirectory(bedrockAgentClient(wire.environment));
    expect(await directory.list(undefined)).toEqual({ ids: [sampleAgentId(3)], nextToken: "more" });
    expect(await directory.list("more")).toEqual({ ids: [], nextToken: undefined });
    expect([sent(0), sent(1)]).toEqual([{ maxResults: 10 }, { maxResults: 10, nextToken: "more" }]);
  });
});

describe("kms keys", () => {
  const keys = () => kmsKeys(kmsClient(wire.environment));
  const metadata = {
    KeyId: "id",
    Arn: sampleKey(),
    KeyManager: "CUSTOMER",
    KeySpec: "SYMMETRIC_DEFAULT",
    KeyUsage: "ENCRYPT_DECRYPT",
    KeyState: "PendingDeletion",
    Origin: "AWS_KMS",
    DeletionDate: 1_795_000_000,
  };

  test("describes a key", async () => {
    wire.answer(json({ KeyMetadata: metadata }));
    expect(await keys().describe(sampleKey())).toEqual({
      kind: "found",
      key: {
        arn: sampleKey(),
        manager: "CUSTOMER",
        spec: "SYMMETRIC_DEFAULT",
        usage: "ENCRYPT_DECRYPT",
        state: "PendingDeletion",
        origin: "AWS_KMS",
        deletionDate: new Date(1_795_000_000_000).toISOString(),
      },
    });
  });

  test("reads the policy's text as it is, always by its name", async () => {
    const text = '{ "Version":"2012-10-17",\n "Statement":[] }';
    wire.answer(json({ Policy: text }));
    expect(await keys().policy(sampleKey())).toEqual({ kind: "found", text });
    expect(sent()).toEqual({ KeyId: sampleKey(), PolicyName: "default" });
  });

  test("reads all pages of tags", async () => {
    wire.answer(
      json({ Tags: [{ TagKey: "a", TagValue: "1" }], Truncated: true, NextMarker: "m" }),
      json({ Tags: [{ TagKey: "b", TagValue: "2" }], Truncated: false }),
    );
    expect(await keys().tags(sampleKey())).toEqual({
      kind: "found",
      tags: new Map([
        ["a", "1"],
        ["b", "2"],
      ]),
    });
    expect(sent(1)).toEqual({ KeyId: sampleKey(), Marker: "m" });
  });

  test("gives a missing key and a refusal as values", async () => {
    wire.answer(refusal("NotFoundException"));
    expect(await keys().describe(sampleKey())).toEqual({ kind: "not-found" });
    wire.answer(refusal("AccessDeniedException"));
    for (const read of [keys().describe, keys().policy, keys().tags]) {
      expect(await read(sampleKey())).toEqual({ kind: "denied", message: "the message of AccessDeniedException" });
    }
  });

  test("throws when the key has no state that can be told, or KMS is not well", async () => {
    wire.answer(json({ KeyMetadata: { ...metadata, KeyState: undefined } }));
    await expect(keys().describe(sampleKey())).rejects.toThrow("lacks the key's manager, spec, usage, state or origin");
    wire.answer(refusal("KMSInvalidStateException"));
    await expect(keys().policy(sampleKey())).rejects.toMatchObject({ code: "KMSInvalidStateException" });
  });
});

describe("the key writer", () => {
  const writer = () => kmsKeyWriter(kmsWriterClient(wire.environment));

  test("puts the text as it is, and never asks to skip the lockout check", async () => {
    wire.answer(json({}));
    expect(await writer().putPolicy(sampleKey(), "{}")).toEqual({ kind: "written" });
    expect(wire.requests[0]?.operation).toBe("TrentService.PutKeyPolicy");
    expect(sent()).toEqual({ KeyId: sampleKey(), PolicyName: "default", Policy: "{}" });
  });

  test.each([
    "AccessDeniedException",
    "InvalidArnException",
    "LimitExceededException",
    "MalformedPolicyDocumentException",
    "NotFoundException",
    "UnsupportedOperationException",
    "ValidationException",
  ])("gives `%s` as a refusal", async (code) => {
    wire.answer(refusal(code));
    expect(await writer().putPolicy(sampleKey(), "{}")).toEqual({
      kind: "refused",
      code,
      message: `the message of ${code}`,
    });
  });

  test.each([
    ["KMSInternalException", 500],
    ["DependencyTimeoutException", 500],
  ])("puts once only when KMS answers `%s`: someone may write before a second try", async (code, status) => {
    wire.answer(refusal(code, status));
    await expect(writer().putPolicy(sampleKey(), "{}")).rejects.toMatchObject({ code });
    expect(wire.requests).toHaveLength(1);
  });
});

test("the key writer says when KMS throttles, and does not try again by itself", async () => {
  wire.answer(refusal("ThrottlingException", 400));
  expect(await kmsKeyWriter(kmsWriterClient(wire.environment)).putPolicy(sampleKey(), "{}")).toEqual({
    kind: "throttled",
  });
  expect(wire.requests).toHaveLength(1);
});

describe("iam roles", () => {
  const roles = () => iamRoles(iamClient(wire.environment));
  const xml = (arn: string) => ({
    status: 200,
    body: `<GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><Path>/</Path><RoleName>AgentRole</RoleName><RoleId>AROA</RoleId><Arn>${arn}</Arn><CreateDate>2026-11-01T10:00:00Z</CreateDate></Role></GetRoleResult></GetRoleResponse>`,
  });
  const error = (code: string, status: number) => ({
    status,
    body: `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>${code}</Code><Message>the message of ${code}</Message></Error></ErrorResponse>`,
  });

  test("knows a role by its whole arn, asked for by name", async () => {
    wire.answer(xml(sampleRole()));
    expect(await roles().lookUp(sampleRole())).toEqual({ kind: "known" });
    expect(wire.requests[0]?.body).toMatch(/RoleName=AgentRole(&|$)/);
  });

  test("does not know a role of the same name under another path or in another account", async () => {
    wire.answer(xml(sampleRole("AgentRole")));
    expect(await roles().lookUp(sampleRole())).toEqual({ kind: "unknown" });
  });

  test("does not know a role whose name IAM would give no role", async () => {
    wire.answer(error("ValidationError", 400));
    expect(await roles().lookUp(sampleRole("<name>"))).toEqual({ kind: "unknown" });
  });

  test("tells a missing role from a refusal and from an outage", async () => {
    wire.answer(error("NoSuchEntity", 404));
    expect(await roles().lookUp(sampleRole())).toEqual({ kind: "unknown" });
    wire.answer(error("AccessDenied", 403));
    expect(await roles().lookUp(sampleRole())).toEqual({ kind: "denied", message: "the message of AccessDenied" });
    wire.answer(error("InvalidInput", 400));
    await expect(roles().lookUp(sampleRole())).rejects.toThrow("`iam:GetRole` on");
  });
});
