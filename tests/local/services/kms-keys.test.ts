import {
  CancelKeyDeletionCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  ListGrantsCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { admin, bedrock, type Harness, keyPolicy, region, role, roleArn, startHarness } from "./harness.ts";

let aws: Harness;
let kms: KMSClient;

beforeAll(async () => {
  aws = await startHarness();
  kms = aws.kms(admin);
});
afterAll(() => aws.stop());

const agent = (id: string) => `arn:aws:bedrock:${region}:111122223333:agent/${id}`;
const mine = { "aws:bedrock:arn": agent("AAAAAAAAAA") };

describe("a data key", () => {
  test("is made and decrypted under its encryption context, and under no other", async () => {
    const KeyId = aws.world.plantKey();
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", EncryptionContext: mine }));
    expect(made.Plaintext).toHaveLength(32);
    const CiphertextBlob = made.CiphertextBlob;
    const back = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: mine }));
    expect(back.Plaintext).toEqual(made.Plaintext);
    await expect(kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
      name: "InvalidCiphertextException",
    });
  });

  test("is made for Bedrock only with the encryption context that the key policy names", async () => {
    const KeyId = aws.world.plantKey({
      policy: keyPolicy({
        Effect: "Allow",
        Principal: { Service: "bedrock.amazonaws.com" },
        Action: ["kms:GenerateDataKey", "kms:Decrypt"],
        Resource: "*",
        Condition: { StringEquals: { "kms:EncryptionContext:aws:bedrock:arn": mine["aws:bedrock:arn"] } },
      }),
    });
    const asBedrock = aws.kms(bedrock);
    const ask = (EncryptionContext?: Record<string, string>) =>
      asBedrock.send(
        new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", ...(EncryptionContext ? { EncryptionContext } : {}) }),
      );
    await ask(mine);
    await expect(ask({ "aws:bedrock:arn": agent("BBBBBBBBBB") })).rejects.toMatchObject({
      name: "AccessDeniedException",
    });
    await expect(ask()).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("is refused to Bedrock under the default policy", async () => {
    const KeyId = aws.world.plantKey();
    const command = new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", EncryptionContext: mine });
    await expect(aws.kms(bedrock).send(command)).rejects.toMatchObject({
      name: "AccessDeniedException",
      message: expect.stringContaining("no resource-based policy"),
    });
  });

  test("of an asymmetric key does not exist", async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" }));
    const command = new GenerateDataKeyCommand({ KeyId: KeyMetadata?.KeyId, KeySpec: "AES_256" });
    await expect(kms.send(command)).rejects.toMatchObject({ name: "InvalidKeyUsageException" });
  });
});

describe("a key's state", () => {
  const state = async (KeyId: string) => (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState;
  const dataKey = (KeyId: string) => kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }));

  test("disabled lets nobody use it, but lets its policy be read", async () => {
    const KeyId = aws.world.plantKey();
    await kms.send(new DisableKeyCommand({ KeyId }));
    expect(await state(KeyId)).toBe("Disabled");
    await expect(dataKey(KeyId)).rejects.toMatchObject({ name: "DisabledException" });
    await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" }));
    await kms.send(new EnableKeyCommand({ KeyId }));
    await dataKey(KeyId);
  });

  test("pending deletion lets nobody use, tag or enable it, and is called off into disabled", async () => {
    const KeyId = aws.world.plantKey();
    const Tags = [{ TagKey: "a", TagValue: "b" }];
    const { DeletionDate } = await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(DeletionDate).toEqual(new Date("2026-11-30T18:30:00Z"));
    const invalid = { name: "KMSInvalidStateException" };
    await expect(dataKey(KeyId)).rejects.toMatchObject(invalid);
    await expect(kms.send(new TagResourceCommand({ KeyId, Tags }))).rejects.toMatchObject(invalid);
    await expect(kms.send(new EnableKeyCommand({ KeyId }))).rejects.toMatchObject(invalid);
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    expect(await state(KeyId)).toBe("Disabled");
    await expect(kms.send(new CancelKeyDeletionCommand({ KeyId }))).rejects.toMatchObject(invalid);
  });

  test("pending import is what a key of outside material starts with", async () => {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Origin: "EXTERNAL" }));
    expect(KeyMetadata).toMatchObject({ KeyState: "PendingImport", Enabled: false });
    await expect(dataKey(KeyMetadata?.KeyId ?? "")).rejects.toMatchObject({ name: "KMSInvalidStateException" });
  });
});

test("tags are set, listed, taken away, and seen by identity policies", async () => {
  const KeyId = aws.world.plantKey();
  const condition = { StringEquals: { "aws:ResourceTag/guard": "on" } };
  const tagged = aws.kms(role("Tagged", [{ Effect: "Allow", Action: "kms:*", Resource: "*", Condition: condition }]));
  const list = () => tagged.send(new ListResourceTagsCommand({ KeyId }));
  await expect(list()).rejects.toMatchObject({ name: "AccessDeniedException" });
  await kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: "guard", TagValue: "on" }] }));
  expect((await list()).Tags).toEqual([{ TagKey: "guard", TagValue: "on" }]);
  await kms.send(new UntagResourceCommand({ KeyId, TagKeys: ["guard"] }));
  await expect(list()).rejects.toMatchObject({ name: "AccessDeniedException" });
});

test("a write is bounded by the kind of the key, as the guard's role is", async () => {
  const Condition = { StringEquals: { "kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT" } };
  const bounded = aws.kms(role("Bounded", [{ Effect: "Allow", Action: "kms:*", Resource: "*", Condition }]));
  await bounded.send(new DisableKeyCommand({ KeyId: aws.world.plantKey() }));
  const asymmetric = aws.world.plantKey({ spec: "RSA_2048", usage: "SIGN_VERIFY" });
  await expect(bounded.send(new DisableKeyCommand({ KeyId: asymmetric }))).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
});

test("a grant lets its grantee use the key under its encryption context, until it is revoked", async () => {
  const KeyId = aws.world.plantKey();
  const GranteePrincipal = roleArn("Grantee");
  const { GrantId } = await kms.send(
    new CreateGrantCommand({
      KeyId,
      GranteePrincipal,
      Operations: ["GenerateDataKey"],
      Constraints: { EncryptionContextSubset: mine },
    }),
  );
  const grantee = aws.kms(role("Grantee", []));
  const ask = (EncryptionContext: Record<string, string>) =>
    grantee.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", EncryptionContext }));
  await ask({ ...mine, more: "1" });
  await expect(ask({ more: "1" })).rejects.toMatchObject({ name: "AccessDeniedException" });
  expect((await kms.send(new ListGrantsCommand({ KeyId }))).Grants).toMatchObject([{ GrantId, GranteePrincipal }]);
  await kms.send(new RevokeGrantCommand({ KeyId, GrantId }));
  await expect(ask(mine)).rejects.toMatchObject({ name: "AccessDeniedException" });
});

test("grants for AWS resources are open to the service only, where the key policy says so", async () => {
  const statement = {
    Effect: "Allow",
    Principal: { Service: "bedrock.amazonaws.com", AWS: "*" },
    Action: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
    Resource: "*",
    Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
  };
  const KeyId = aws.world.plantKey({ policy: keyPolicy(statement) });
  await aws.kms(bedrock).send(new ListGrantsCommand({ KeyId }));
  await expect(aws.kms(role("Someone", [])).send(new ListGrantsCommand({ KeyId }))).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
});

test("keys are listed a page at a time, the account's own only", async () => {
  const fresh = await startHarness();
  const own = [fresh.world.plantKey(), fresh.world.plantKey(), fresh.world.plantKey()];
  fresh.world.plantKey({ account: "444455556666" });
  const client = fresh.kms(admin);
  const first = await client.send(new ListKeysCommand({ Limit: 2 }));
  const second = await client.send(new ListKeysCommand({ Limit: 2, Marker: first.NextMarker }));
  expect([...(first.Keys ?? []), ...(second.Keys ?? [])].map((key) => key.KeyArn)).toEqual(own);
  expect(second.Truncated).toBe(false);
  await fresh.stop();
});
