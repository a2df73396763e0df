import {
  AddUserToGroupCommand,
  AttachRolePolicyCommand,
  CreatePolicyVersionCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  type IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  RemoveUserFromGroupCommand,
} from "@aws-sdk/client-iam";
import { GenerateDataKeyCommand } from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, admin, type Harness, keyPolicy, roleArn, startHarness } from "./harness.ts";

let aws: Harness;
let iam: IAMClient;
let key: string;
beforeEach(async () => {
  aws = await startHarness();
  iam = aws.iam(admin);
  key = aws.world.plantKey({ policy: keyPolicy() });
});
afterEach(() => aws.stop());

const agent = "arn:aws:bedrock:eu-west-1:111122223333:agent/AGENT00001";
const arn = (resource: string) => `arn:aws:iam::${account}:${resource}`;
const use = { Effect: "Allow", Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: "*" };
const document = (...Statement: readonly object[]) => ({ Version: "2012-10-17", Statement });

/** Whether the role or user gets a data key, by its policies as they now stand. */
async function gets(who: string, context: Record<string, string> = { "aws:bedrock:arn": agent }): Promise<boolean> {
  const kms = aws.kms(aws.world.caller(who));
  try {
    await kms.send(new GenerateDataKeyCommand({ KeyId: key, KeySpec: "AES_256", EncryptionContext: context }));
    return true;
  } catch (error) {
    expect(error).toHaveProperty("name", "AccessDeniedException");
    return false;
  }
}

describe("a role", () => {
  test("uses a key by an inline policy under the encryption context that it asks for, and under no other", async () => {
    const { arn: app } = aws.world.plantRole(roleArn("App"));
    expect(await gets(app)).toBe(false);
    const Condition = { StringEquals: { "kms:EncryptionContext:aws:bedrock:arn": [agent] } };
    const name = { RoleName: "App", PolicyName: "BedrockKeyGuard" };
    const PolicyDocument = JSON.stringify(document({ ...use, Resource: key, Condition }));
    await iam.send(new PutRolePolicyCommand({ ...name, PolicyDocument }));
    expect(await gets(app)).toBe(true);
    expect(await gets(app, { "aws:bedrock:arn": `${agent.slice(0, -1)}2` })).toBe(false);
    expect(await gets(app, {})).toBe(false);
    await iam.send(new DeleteRolePolicyCommand(name));
    expect(await gets(app)).toBe(false);
  });

  test("has what a managed policy's default version gives, for as long as it is attached", async () => {
    const PolicyArn = aws.world.plantManagedPolicy(arn("policy/Shared"), document(use));
    const { arn: app } = aws.world.plantRole(roleArn("App"));
    await iam.send(new AttachRolePolicyCommand({ RoleName: "App", PolicyArn }));
    expect(await gets(app)).toBe(true);
    const PolicyDocument = JSON.stringify(document({ ...use, Effect: "Deny" }));
    await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument }));
    expect(await gets(app)).toBe(true);
    await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }));
    expect(await gets(app)).toBe(false);
    await iam.send(new DetachRolePolicyCommand({ RoleName: "App", PolicyArn }));
    expect(await gets(app)).toBe(false);
  });

  test("is held to its permissions boundary, by what that allows and by what it denies", async () => {
    const { arn: app } = aws.world.plantRole(roleArn("App"), { p: document(use) });
    const bound = async (...statements: readonly object[]) => {
      const PermissionsBoundary = aws.world.plantManagedPolicy(arn("policy/Wall"), document(...statements));
      await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName: "App", PermissionsBoundary }));
      return gets(app);
    };
    expect(await bound({ ...use, Action: "s3:*" })).toBe(false);
    expect(await bound({ ...use, Action: "kms:*" })).toBe(true);
    expect(await bound({ ...use, Action: "*" }, { ...use, Effect: "Deny" })).toBe(false);
    await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: "App" }));
    expect(await gets(app)).toBe(true);
  });

  test("gets nothing by a boundary alone", async () => {
    const boundary = aws.world.plantManagedPolicy(arn("policy/Wall"), document(use));
    expect(await gets(aws.world.plantRole(roleArn("App"), {}, { boundary }).arn)).toBe(false);
  });

  test("is known by its tags", async () => {
    const Condition = { StringEquals: { "aws:PrincipalTag/Team": "shop" } };
    const policy = document({ ...use, Condition });
    const { arn: app } = aws.world.plantRole(roleArn("App"), { p: policy }, { tags: { team: "shop" } });
    const { arn: other } = aws.world.plantRole(roleArn("Other"), { p: policy }, { tags: { team: "desk" } });
    expect([await gets(app), await gets(other)]).toEqual([true, false]);
  });
});

test("a user has what its groups give, for as long as it is in them", async () => {
  const shared = aws.world.plantManagedPolicy(arn("policy/Shared"), document({ ...use, Action: "kms:Decrypt" }));
  aws.world.plantGroup(arn("group/Desk"), { g: document(use) }, { attached: [shared] });
  const { arn: ann } = aws.world.plantUser(arn("user/ann"));
  expect(await gets(ann)).toBe(false);
  await iam.send(new AddUserToGroupCommand({ GroupName: "Desk", UserName: "ann" }));
  expect(await gets(ann)).toBe(true);
  await iam.send(new RemoveUserFromGroupCommand({ GroupName: "Desk", UserName: "ann" }));
  expect(await gets(ann)).toBe(false);
});

test("a deleted user's successor is in none of its groups", async () => {
  aws.world.plantGroup(arn("group/Desk"), { g: document(use) });
  const { arn: ann } = aws.world.plantUser(arn("user/ann"), {}, { groups: ["Desk"] });
  expect(await gets(ann)).toBe(true);
  aws.world.removeIdentity(ann);
  aws.world.plantUser(ann);
  expect(await gets(ann)).toBe(false);
});
