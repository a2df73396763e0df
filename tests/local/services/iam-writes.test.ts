import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteUserPolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  type IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  SetDefaultPolicyVersionCommand,
  TagRoleCommand,
  UntagRoleCommand,
} from "@aws-sdk/client-iam";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, admin, type Harness, role, roleArn, startHarness } from "./harness.ts";

let aws: Harness;
let iam: IAMClient;
beforeEach(async () => {
  aws = await startHarness();
  iam = aws.iam(admin);
});
afterEach(() => aws.stop());

const userArn = `arn:aws:iam::${account}:user/ann`;
const policyArn = (name: string) => `arn:aws:iam::${account}:policy/${name}`;
const last = () => aws.records.at(-1);

function document(...statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
const allow = { Effect: "Allow", Action: "bedrock:InvokeAgent", Resource: "*" };
const put = (PolicyDocument: string, PolicyName = "p") =>
  iam.send(new PutRolePolicyCommand({ RoleName: "App", PolicyName, PolicyDocument }));

describe("an inline policy", () => {
  test("of a user is put, read and deleted as a role's is", async () => {
    aws.world.plantUser(userArn);
    const name = { UserName: "ann", PolicyName: "BedrockKeyGuard" };
    await iam.send(new PutUserPolicyCommand({ ...name, PolicyDocument: document(allow) }));
    const got = await iam.send(new GetUserPolicyCommand(name));
    expect(got).toMatchObject(name);
    expect(decodeURIComponent(got.PolicyDocument ?? "")).toBe(document(allow));
    await iam.send(new DeleteUserPolicyCommand(name));
    expect(aws.world.inlinePolicies(userArn)).toEqual({});
    await expect(iam.send(new GetUserPolicyCommand(name))).rejects.toMatchObject({
      name: "NoSuchEntityException",
      message: "The user policy with name BedrockKeyGuard cannot be found.",
    });
  });

  test("comes back URL-encoded by RFC 3986", async () => {
    aws.world.plantUser(userArn, { p: document({ ...allow, Action: "bedrock:*" }) });
    const got = await iam.send(new GetUserPolicyCommand({ UserName: "ann", PolicyName: "p" }));
    expect(got.PolicyDocument).toMatch(/^%7B%22Version%22.*bedrock%3A%2A/);
  });

  test.each([
    ["a role", 10_240],
    ["a user", 2_048],
  ])("of %s fits with the others into the limit, white space not counted", async (who, most) => {
    const user = who === "a user";
    if (user) aws.world.plantUser(userArn, { other: document(allow) });
    else aws.world.plantRole(roleArn("App"), { other: document(allow) });
    const putOne = (text: string, PolicyName = "p") =>
      user
        ? iam.send(new PutUserPolicyCommand({ UserName: "ann", PolicyName, PolicyDocument: text }))
        : put(text, PolicyName);
    const sized = (size: number) => {
      const bare = document({ Sid: "", ...allow });
      return document({ Sid: "a".repeat(size - bare.length), ...allow });
    };
    const room = most - document(allow).length;
    await expect(putOne(sized(room + 1))).rejects.toMatchObject({
      name: "LimitExceededException",
      message: expect.stringContaining(
        `Maximum policy size of ${most} bytes exceeded for ${user ? "user ann" : "role App"}`,
      ),
    });
    await putOne(sized(room).replaceAll(",", ",\n   "));
    // In its own place it may stay as long as it is.
    await putOne(sized(room));
  });

  test.each([
    ["a Sid with another character than letters and digits", { ...allow, Sid: "a b" }, "must be alpha-numeric"],
    ["a principal", { ...allow, Principal: "*" }, "should not specify a principal"],
    ["no action", { Effect: "Allow", Resource: "*" }, "must contain actions"],
    ["no resource", { Effect: "Allow", Action: "kms:Decrypt" }, "must contain resources"],
    ["an action without a service", { ...allow, Action: "Decrypt" }, "prefaced by a vendor"],
    ["a resource that is no ARN", { ...allow, Resource: "key/1" }, 'Resource key/1 must be in ARN format or "*".'],
    ["another effect", { ...allow, Effect: "allow" }, "Syntax errors"],
    ["an element that IAM does not know", { ...allow, Actions: "x" }, "Syntax errors"],
    ["both of a pair", { ...allow, NotAction: "s3:*" }, "Syntax errors"],
    ["a condition operator that IAM does not know", { ...allow, Condition: { StringIs: { "a:b": "c" } } }, "StringIs"],
  ])("with %s is refused", async (_what, statement, message) => {
    aws.world.plantRole(roleArn("App"));
    await expect(put(document(statement))).rejects.toMatchObject({
      name: "MalformedPolicyDocumentException",
      message: expect.stringContaining(message),
    });
    expect(aws.world.inlinePolicies(roleArn("App"))).toEqual({});
  });

  test.each([
    ["no JSON", "{"],
    ["a list", "[]"],
    ["no statement", "{}"],
    ["an empty list of statements", document()],
    ["two statements of one Sid", document({ ...allow, Sid: "A" }, { ...allow, Sid: "A" })],
    ["another version", JSON.stringify({ Version: "2020-01-01", Statement: [allow] })],
  ])("of %s is refused", async (_what, text) => {
    aws.world.plantRole(roleArn("App"));
    await expect(put(text)).rejects.toMatchObject({ name: "MalformedPolicyDocumentException" });
  });

  test("of a role that AWS keeps is not to be changed", async () => {
    const arn = roleArn("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_0a");
    aws.world.plantRole(arn, { p: document(allow) });
    const name = { RoleName: "AWSReservedSSO_Dev_0a", PolicyName: "p", PolicyDocument: document(allow) };
    await expect(iam.send(new PutRolePolicyCommand(name))).rejects.toMatchObject({
      name: "UnmodifiableEntityException",
      message: expect.stringContaining("only modifiable by AWS"),
    });
  });
});

describe("a role", () => {
  test("is shown with its tags and its boundary, a user too", async () => {
    const boundary = aws.world.plantManagedPolicy(policyArn("Wall"), { Statement: [allow] });
    aws.world.plantRole(roleArn("App"), {}, { tags: { Team: "shop" }, boundary });
    aws.world.plantUser(userArn, {}, { tags: { Team: "shop" }, boundary });
    const shown = {
      Tags: [{ Key: "Team", Value: "shop" }],
      PermissionsBoundary: { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: boundary },
    };
    expect((await iam.send(new GetRoleCommand({ RoleName: "App" }))).Role).toMatchObject(shown);
    expect((await iam.send(new GetUserCommand({ UserName: "ann" }))).User).toMatchObject(shown);
  });

  test("is created with tags and a boundary", async () => {
    const PermissionsBoundary = aws.world.plantManagedPolicy(policyArn("Wall"), { Statement: [allow] });
    const AssumeRolePolicyDocument = document({ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" });
    const Tags = [{ Key: "Team", Value: "shop" }];
    await iam.send(new CreateRoleCommand({ RoleName: "New", AssumeRolePolicyDocument, Tags, PermissionsBoundary }));
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "New" }));
    expect(Role).toMatchObject({ Tags, PermissionsBoundary: { PermissionsBoundaryArn: PermissionsBoundary } });
  });

  test("is tagged and untagged, a key's letters of any size", async () => {
    const { tags } = aws.world.plantRole(roleArn("App"), {}, { tags: { team: "shop", mode: "off" } });
    await iam.send(new TagRoleCommand({ RoleName: "App", Tags: [{ Key: "Team", Value: "desk" }] }));
    await iam.send(new UntagRoleCommand({ RoleName: "App", TagKeys: ["MODE"] }));
    expect([...tags]).toEqual([["Team", "desk"]]);
  });

  test("is not deleted while policies are on it", async () => {
    const PolicyArn = aws.world.plantManagedPolicy(policyArn("Shared"), { Statement: [allow] });
    aws.world.plantRole(roleArn("App"), {}, { attached: [PolicyArn] });
    const remove = () => iam.send(new DeleteRoleCommand({ RoleName: "App" }));
    await expect(remove()).rejects.toMatchObject({ name: "DeleteConflictException" });
    await iam.send(new DetachRolePolicyCommand({ RoleName: "App", PolicyArn }));
    await remove();
  });
});

describe("a managed policy", () => {
  const PolicyArn = policyArn("Shared");
  const create = () => iam.send(new CreatePolicyCommand({ PolicyName: "Shared", PolicyDocument: document(allow) }));

  test("has versions, of which one is the default", async () => {
    const made = await create();
    expect(made.Policy).toMatchObject({ Arn: PolicyArn, DefaultVersionId: "v1" });
    const PolicyDocument = document({ ...allow, Effect: "Deny" });
    const { PolicyVersion } = await iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument }));
    expect(PolicyVersion).toMatchObject({ VersionId: "v2", IsDefaultVersion: false });
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v2" }));
    const got = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: "v2" }));
    expect(got.PolicyVersion).toMatchObject({ IsDefaultVersion: true });
    expect(decodeURIComponent(got.PolicyVersion?.Document ?? "")).toBe(PolicyDocument);
    await expect(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v2" }))).rejects.toMatchObject({
      name: "DeleteConflictException",
    });
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: "v1" }));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
  });

  test("has five versions at most, and is attached ten times at most to one role", async () => {
    await create();
    const version = () => iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: document(allow) }));
    for (let count = 0; count < 4; count += 1) await version();
    await expect(version()).rejects.toMatchObject({ name: "LimitExceededException" });
    const names = Array.from({ length: 10 }, (_, index) =>
      aws.world.plantManagedPolicy(policyArn(`P${index}`), { Statement: [allow] }),
    );
    aws.world.plantRole(roleArn("App"), {}, { attached: names });
    await expect(iam.send(new AttachRolePolicyCommand({ RoleName: "App", PolicyArn }))).rejects.toMatchObject({
      name: "LimitExceededException",
    });
  });

  test("that is not there is neither attached nor a boundary", async () => {
    aws.world.plantRole(roleArn("App"));
    const expected = { name: "NoSuchEntityException" };
    await expect(iam.send(new AttachRolePolicyCommand({ RoleName: "App", PolicyArn }))).rejects.toMatchObject(expected);
    const bound = { RoleName: "App", PermissionsBoundary: PolicyArn };
    await expect(iam.send(new PutRolePermissionsBoundaryCommand(bound))).rejects.toMatchObject(expected);
    await expect(iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: "App" }))).rejects.toMatchObject(
      expected,
    );
  });
});

describe("who may do it", () => {
  test("is decided on the role's ARN, its tags and its boundary", async () => {
    aws.world.plantRole(roleArn("team/App"), {}, { tags: { Guarded: "yes" } });
    aws.world.plantRole(roleArn("team/Other"));
    const guard = aws.iam(
      role("Guard", [
        {
          Effect: "Allow",
          Action: "iam:PutRolePolicy",
          Resource: roleArn("team/*"),
          Condition: { StringEquals: { "aws:ResourceTag/Guarded": "yes", "aws:RequestedRegion": "us-east-1" } },
        },
      ]),
    );
    const write = (RoleName: string) =>
      guard.send(new PutRolePolicyCommand({ RoleName, PolicyName: "p", PolicyDocument: document(allow) }));
    await write("App");
    await expect(write("Other")).rejects.toMatchObject({ name: "AccessDenied", $metadata: { httpStatusCode: 403 } });
  });
});

describe("CloudTrail", () => {
  test("records a write of IAM in us-east-1, with its parameters by their names", async () => {
    aws.world.plantRole(roleArn("App"));
    await put(document(allow), "BedrockKeyGuard");
    expect(last()).toMatchObject({
      eventSource: "iam.amazonaws.com",
      eventName: "PutRolePolicy",
      awsRegion: "us-east-1",
      requestParameters: { roleName: "App", policyName: "BedrockKeyGuard", policyDocument: document(allow) },
    });
    await iam.send(new TagRoleCommand({ RoleName: "App", Tags: [{ Key: "Team", Value: "shop" }] }));
    expect(last()?.requestParameters).toEqual({ roleName: "App", tags: [{ key: "Team", value: "shop" }] });
    await iam.send(new UntagRoleCommand({ RoleName: "App", TagKeys: ["Team", "Else"] }));
    expect(last()?.requestParameters).toEqual({ roleName: "App", tagKeys: ["Team", "Else"] });
  });

  test("records a refused write with its error, and no read", async () => {
    aws.world.plantRole(roleArn("App"));
    await expect(put("{")).rejects.toThrow();
    expect(last()).toMatchObject({ eventName: "PutRolePolicy", errorCode: "MalformedPolicyDocument" });
    await iam.send(new GetRoleCommand({ RoleName: "App" }));
    expect(aws.records).toHaveLength(1);
  });
});
