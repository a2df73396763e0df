import {
  CreateKeyCommand,
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  PutKeyPolicyCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { account, admin, type Harness, keyPolicy, region, role, roleArn, rootArn, startHarness } from "./harness.ts";

let aws: Harness;
let kms: KMSClient;
let key: string;

beforeAll(async () => {
  aws = await startHarness();
  kms = aws.kms(admin);
  aws.world.plantRole(roleArn("service/AgentRole"));
});
afterAll(() => aws.stop());
beforeEach(() => {
  key = aws.world.plantKey();
});

const put = (policy: string, more: { BypassPolicyLockoutSafetyCheck?: boolean; KeyId?: string } = {}) =>
  kms.send(new PutKeyPolicyCommand({ KeyId: key, PolicyName: "default", Policy: policy, ...more }));

const read = async (keyId = key, client = kms): Promise<{ Statement: { Principal: unknown }[] }> => {
  const { Policy = "" } = await client.send(new GetKeyPolicyCommand({ KeyId: keyId, PolicyName: "default" }));
  return JSON.parse(Policy);
};

const use = (principal: unknown, more: object = {}) => ({
  Effect: "Allow",
  Principal: principal,
  Action: "kms:Decrypt",
  Resource: "*",
  ...more,
});

const malformed = (message: RegExp) => ({
  name: "MalformedPolicyDocumentException",
  message: expect.stringMatching(message),
});

describe("a key policy", () => {
  test("comes back with the same meaning, its statements in their order", async () => {
    const policy = keyPolicy(
      use({ AWS: roleArn("service/AgentRole") }, { Sid: "one" }),
      use({ Service: "bedrock.amazonaws.com" }, { Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } } }),
    );
    await put(policy);
    expect(await read()).toEqual(JSON.parse(policy));
  });

  test("of a key made without one is the default policy", async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const policy = await read(KeyMetadata?.KeyId);
    expect(policy).toMatchObject({ Id: "key-default-1", Statement: [{ Principal: { AWS: rootArn() } }] });
  });

  test("shows an account's number as its root", async () => {
    await put(keyPolicy(use({ AWS: "444455556666" })));
    expect((await read()).Statement[1]?.Principal).toEqual({ AWS: rootArn("444455556666") });
  });

  test("shows a deleted role as its bare id, which no write may carry", async () => {
    const gone = aws.world.plantRole(roleArn("Gone"));
    await put(keyPolicy(use({ AWS: [gone.arn, rootArn()] })));
    aws.world.removeIdentity(gone.arn);
    const policy = await read();
    expect(policy.Statement[1]?.Principal).toEqual({ AWS: [gone.id, rootArn()] });
    await expect(put(JSON.stringify(policy))).rejects.toMatchObject(malformed(/invalid principals/));
  });

  test("does not know a role again that was made anew under the same name", async () => {
    const first = aws.world.plantRole(roleArn("Again"));
    await put(keyPolicy(use({ AWS: first.arn })));
    aws.world.removeIdentity(first.arn);
    aws.world.plantRole(roleArn("Again"));
    expect((await read()).Statement[1]?.Principal).toEqual({ AWS: first.id });
  });

  test("may hold a statement without an action, which does nothing", async () => {
    await put(keyPolicy({ Effect: "Deny", Principal: "*" }));
    expect((await read()).Statement).toHaveLength(2);
  });

  test("is read stale for a while after a write, on demand", async () => {
    aws.world.staleReads(key, 2);
    await put(keyPolicy(use("*")));
    expect((await read()).Statement).toHaveLength(1);
    expect((await read()).Statement).toHaveLength(1);
    expect((await read()).Statement).toHaveLength(2);
  });
});

describe("PutKeyPolicy refuses", () => {
  test.each([
    ["what is not JSON", "{", malformed(/JSON/)],
    ["a list", "[]", malformed(/object/)],
    ["no statement", JSON.stringify({ Version: "2012-10-17", Statement: [] }), malformed(/no statement/)],
    ["an unknown version", keyPolicy().replace("2012-10-17", "2020-01-01"), malformed(/version/)],
    ["an unknown element", keyPolicy(use("*", { Actoin: "x" })), malformed(/Actoin/)],
    ["an unknown effect", keyPolicy(use("*", { Effect: "Maybe" })), malformed(/Effect/)],
    ["a statement without a principal", keyPolicy({ Effect: "Allow", Action: "kms:*" }), malformed(/no principal/)],
    ["a statement with an empty principal", keyPolicy(use({ AWS: [] })), malformed(/no principal/)],
    ["an unknown operator", keyPolicy(use("*", { Condition: { Equals: { a: "b" } } })), malformed(/Equals/)],
    [
      "ForAllValues over an encryption context",
      keyPolicy(use("*", { Condition: { "ForAllValues:StringEquals": { "kms:EncryptionContext:a": "b" } } })),
      malformed(/OverlyPermissiveCondition/),
    ],
    ["a role that IAM does not know", keyPolicy(use({ AWS: roleArn("Nobody") })), malformed(/invalid principals/)],
    ["a role without its path", keyPolicy(use({ AWS: roleArn("AgentRole") })), malformed(/invalid principals/)],
    ["a part of an ARN", keyPolicy(use({ AWS: roleArn("service/*") })), malformed(/invalid principals/)],
    ["a group", keyPolicy(use({ AWS: `arn:aws:iam::${account}:group/g` })), malformed(/invalid principals/)],
    ["an orphaned id", keyPolicy(use({ AWS: "AROAEXAMPLEEXAMPLE123" })), malformed(/invalid principals/)],
    ["an orphaned user's id", keyPolicy(use({ AWS: "AIDAEXAMPLEEXAMPLE123" })), malformed(/invalid principals/)],
    ["a service that is no host name", keyPolicy(use({ Service: "bedrock" })), malformed(/invalid principals/)],
    ["an ARN that is none", keyPolicy(use("*", { Resource: "key/1" })), { name: "InvalidArnException" }],
    ["characters beyond Latin-1", keyPolicy(use("*", { Sid: "\u{1f511}" })), { name: "ValidationException" }],
    ["more than 32,768 bytes", keyPolicy(use("*", { Sid: "x".repeat(32_768) })), { name: "LimitExceededException" }],
  ])("%s", async (_what, policy, error) => {
    const before = aws.world.policy(key);
    await expect(put(policy)).rejects.toMatchObject(error);
    expect(aws.world.policy(key)).toBe(before);
  });

  test("a policy under which the caller could not put another, unless told to bypass the check", async () => {
    const lockout = JSON.stringify({ Version: "2012-10-17", Statement: [use("*")] });
    await expect(put(lockout)).rejects.toMatchObject(malformed(/will not allow you to update the key policy/));
    await put(lockout, { BypassPolicyLockoutSafetyCheck: true });
    await expect(put(keyPolicy())).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("32,768 bytes counted as UTF-8, not as characters", async () => {
    const umlauts = keyPolicy(use("*", { Sid: "\u00e4".repeat(16_300) }));
    expect(umlauts.length).toBeLessThan(32_768);
    await expect(put(umlauts)).rejects.toMatchObject({ name: "LimitExceededException" });
  });

  test("a key that does not exist", async () => {
    const KeyId = "00000000-0000-0000-0000-000000000000";
    await expect(put(keyPolicy(), { KeyId })).rejects.toMatchObject({ name: "NotFoundException" });
  });

  test.each([
    ["an alias", "alias/mine", "NotFoundException"],
    ["an alias's ARN", `arn:aws:kms:${region}:${account}:alias/mine`, "InvalidArnException"],
    ["a key of another Region", `arn:aws:kms:us-east-1:${account}:key/${"0".repeat(36)}`, "NotFoundException"],
  ])("%s", async (_what, KeyId, name) => {
    await expect(put(keyPolicy(), { KeyId })).rejects.toMatchObject({ name });
  });

  test("a key that AWS manages", async () => {
    const managed = aws.world.plantKey({ managedFor: "lambda" });
    await expect(put(keyPolicy(), { KeyId: managed })).rejects.toMatchObject({ name: "UnsupportedOperationException" });
    expect((await read(managed)).Statement).toHaveLength(2);
  });

  test("a caller whom nothing allows", async () => {
    const nobody = aws.kms(role("Nobody", []));
    const command = new PutKeyPolicyCommand({ KeyId: key, Policy: keyPolicy() });
    await expect(nobody.send(command)).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("the bypass of the lockout check to a role that a Deny keeps from it", async () => {
    const bounded = aws.kms(
      role("Bounded", [
        { Effect: "Allow", Action: "kms:PutKeyPolicy", Resource: "*" },
        {
          Effect: "Deny",
          Action: "kms:PutKeyPolicy",
          Resource: "*",
          Condition: { Bool: { "kms:BypassPolicyLockoutSafetyCheck": "true" } },
        },
      ]),
    );
    const input = { KeyId: key, Policy: keyPolicy() };
    await bounded.send(new PutKeyPolicyCommand(input));
    await expect(
      bounded.send(new PutKeyPolicyCommand({ ...input, BypassPolicyLockoutSafetyCheck: true })),
    ).rejects.toMatchObject({ name: "AccessDeniedException", message: expect.stringContaining("explicit deny") });
  });

  test("the next calls as often as told, and then serves again", async () => {
    const error = { code: "ThrottlingException" };
    aws.world.failNext({ service: "kms", operation: "PutKeyPolicy", times: 2, error });
    await expect(put(keyPolicy())).rejects.toMatchObject({ name: "ThrottlingException" });
    await expect(put(keyPolicy())).rejects.toMatchObject({ name: "ThrottlingException" });
    await put(keyPolicy());
  });
});

describe("a key of another account", () => {
  const other = "444455556666";

  test("can be described where both sides allow it, but its policy can neither be read nor put", async () => {
    const describing = { Effect: "Allow", Principal: { AWS: rootArn() }, Action: "kms:*", Resource: "*" };
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [describing] });
    const far = aws.world.plantKey({ account: other, policy });
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: far }));
    expect(KeyMetadata).toMatchObject({ AWSAccountId: other, KeyState: "Enabled" });
    await expect(read(far)).rejects.toMatchObject({ name: "AccessDeniedException" });
    await expect(put(keyPolicy(), { KeyId: far })).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("looks the same as one that does not exist, where its policy does not let us in", async () => {
    const far = aws.world.plantKey({ account: other });
    const missing = far.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    const refusal = { name: "AccessDeniedException", message: expect.stringContaining("no resource-based policy") };
    for (const KeyId of [far, missing]) {
      await expect(kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject(refusal);
    }
  });

  test("is an ordinary key to its own account, and no record of it reaches us", async () => {
    const far = aws.world.plantKey({ account: other });
    const owner = aws.kms(role("Owner", [{ Effect: "Allow", Action: "kms:*", Resource: "*" }], other));
    const before = aws.records.length;
    const policy = keyPolicy().replaceAll(account, other);
    await owner.send(new PutKeyPolicyCommand({ KeyId: far, Policy: policy }));
    expect(await read(far, owner)).toEqual(JSON.parse(policy));
    expect(aws.records).toHaveLength(before);
  });
});

test("a role made a moment ago is unknown to KMS for as long as it takes", async () => {
  const slow = await startHarness({ principal: 5000 });
  const KeyId = slow.world.plantKey();
  const { arn } = slow.world.plantRole(roleArn("Young"));
  const command = new PutKeyPolicyCommand({ KeyId, Policy: keyPolicy(use({ AWS: arn })) });
  await expect(slow.kms(admin).send(command)).rejects.toMatchObject(malformed(/invalid principals/));
  slow.time.now = new Date(slow.time.now.getTime() + 5000);
  await slow.kms(admin).send(command);
  await slow.stop();
});

describe("a planted policy", () => {
  test("may name a principal that is gone already, and follows those that are there", async () => {
    const here = aws.world.plantRole(roleArn("Here"));
    const policy = keyPolicy(use({ AWS: ["AROAEXAMPLEEXAMPLE123", here.arn] }));
    aws.world.plantPolicy(key, policy);
    expect(await read()).toEqual(JSON.parse(policy));
    aws.world.removeIdentity(here.arn);
    expect((await read()).Statement[1]?.Principal).toEqual({ AWS: ["AROAEXAMPLEEXAMPLE123", here.id] });
  });

  test("may be a text that is no policy, until the next write", async () => {
    aws.world.plantPolicyText(key, "not a policy");
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: key }));
    expect(Policy).toBe("not a policy");
    await put(keyPolicy());
    expect((await read()).Statement).toHaveLength(1);
  });
});
