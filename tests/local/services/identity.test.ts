import {
  CreateRoleCommand,
  CreateUserCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  type IAMClient,
  PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { GetKeyPolicyCommand, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { account, admin, bedrock, type Harness, keyPolicy, role, roleArn, startHarness } from "./harness.ts";

let aws: Harness;
let iam: IAMClient;

beforeEach(async () => {
  aws = await startHarness();
  iam = aws.iam(admin);
});
afterEach(() => aws.stop());

const trust =
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"bedrock.amazonaws.com"}}]}';
const create = (RoleName = "AgentRole") =>
  iam.send(
    new CreateRoleCommand({ RoleName, Path: "/service/", AssumeRolePolicyDocument: trust, Description: "a <b> & c" }),
  );

describe("a role", () => {
  test("is made with its path and found by its name", async () => {
    await create();
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: "AgentRole" }));
    expect(Role).toMatchObject({
      Arn: roleArn("service/AgentRole"),
      Path: "/service/",
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      Description: "a <b> & c",
      CreateDate: new Date("2026-11-23T18:30:00Z"),
    });
    expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? "")).toBe(trust);
  });

  test("is not made twice, and not found where there is none", async () => {
    await create();
    await expect(create()).rejects.toMatchObject({ name: "EntityAlreadyExistsException" });
    await expect(iam.send(new GetRoleCommand({ RoleName: "Nobody" }))).rejects.toMatchObject({
      name: "NoSuchEntityException",
      message: "The role with name Nobody cannot be found.",
    });
  });

  test("is not shown to a caller whom nothing allows", async () => {
    await create();
    const nobody = aws.iam(role("Nobody", []));
    await expect(nobody.send(new GetRoleCommand({ RoleName: "AgentRole" }))).rejects.toMatchObject({
      name: "AccessDenied",
    });
  });

  test("acts with the policies that it has at the time", async () => {
    await create();
    const KeyId = aws.world.plantKey();
    const kms = aws.kms(aws.world.caller(roleArn("service/AgentRole")));
    const read = () => kms.send(new GetKeyPolicyCommand({ KeyId }));
    await expect(read()).rejects.toMatchObject({ name: "AccessDeniedException" });
    const statement = { Effect: "Allow", Action: "kms:GetKeyPolicy", Resource: "*" };
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: statement });
    const name = { RoleName: "AgentRole", PolicyName: "read" };
    await iam.send(new PutRolePolicyCommand({ ...name, PolicyDocument }));
    await read();
    const got = await iam.send(new GetRolePolicyCommand(name));
    expect(decodeURIComponent(got.PolicyDocument ?? "")).toBe(PolicyDocument);
    await expect(iam.send(new DeleteRoleCommand(name))).rejects.toMatchObject({ name: "DeleteConflictException" });
    await iam.send(new DeleteRolePolicyCommand(name));
    await expect(read()).rejects.toMatchObject({ name: "AccessDeniedException" });
  });

  test("leaves its bare id behind in a key policy when it is deleted", async () => {
    const { Role } = await create();
    const KeyId = aws.world.plantKey();
    const kms = aws.kms(admin);
    const Policy = keyPolicy({ Effect: "Allow", Principal: { AWS: Role?.Arn }, Action: "kms:Decrypt", Resource: "*" });
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    await iam.send(new DeleteRoleCommand({ RoleName: "AgentRole" }));
    const read = await kms.send(new GetKeyPolicyCommand({ KeyId }));
    expect(read.Policy).toContain(Role?.RoleId);
    expect(read.Policy).not.toContain(Role?.Arn);
  });
});

test("a user is a principal that a key policy may name", async () => {
  const { User } = await iam.send(new CreateUserCommand({ UserName: "ann" }));
  expect(User).toMatchObject({ Arn: `arn:aws:iam::${account}:user/ann`, UserId: expect.stringMatching(/^AIDA/) });
  const KeyId = aws.world.plantKey();
  const Policy = keyPolicy({ Effect: "Allow", Principal: { AWS: User?.Arn }, Action: "kms:Get*", Resource: "*" });
  await aws.kms(admin).send(new PutKeyPolicyCommand({ KeyId, Policy }));
  await aws.kms(aws.world.caller(User?.Arn ?? "")).send(new GetKeyPolicyCommand({ KeyId }));
});

describe("services without an SDK client here", () => {
  const send = (caller: Parameters<Harness["credentials"]>[0], service: string, headers: object, body: string) =>
    fetch(aws.endpoint, {
      method: "POST",
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${aws.credentials(caller).accessKeyId}/20261123/eu-west-1/${service}/aws4_request`,
        ...headers,
      },
      body,
    });

  test("STS tells everyone who they are, with no permission at all", async () => {
    const ask = async (caller: Parameters<Harness["credentials"]>[0]) =>
      (await send(caller, "sts", {}, "Action=GetCallerIdentity&Version=2011-06-15")).text();
    const nobody = await ask(role("team/Nobody", []));
    expect(nobody).toContain(`<Arn>arn:aws:sts::${account}:assumed-role/Nobody/session</Arn>`);
    expect(nobody).toContain(`<Account>${account}</Account>`);
    expect(await ask(bedrock)).toContain("<Arn>bedrock.amazonaws.com</Arn>");
  });

  const putEvents = async (caller: Parameters<Harness["credentials"]>[0], entries: readonly object[]) => {
    const body = JSON.stringify({ Entries: entries });
    const answer = await send(caller, "events", { "x-amz-target": "AWSEvents.PutEvents" }, body);
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  };

  test("EventBridge delivers a custom event, and fails an entry in the name of an AWS service", async () => {
    const entry = { Source: "my.app", DetailType: "Thing", Detail: '{"a":1}' };
    const answer = await putEvents(admin, [entry, { ...entry, Source: "aws.bedrock" }, { ...entry, Detail: "no" }]);
    expect(answer.body).toMatchObject({
      FailedEntryCount: 2,
      Entries: [
        { EventId: expect.any(String) },
        { ErrorCode: "NotAuthorizedForSourceException" },
        { ErrorCode: "MalformedDetail" },
      ],
    });
    expect(aws.events).toMatchObject([{ source: "my.app", detailType: "Thing", detail: { a: 1 } }]);
  });

  test("EventBridge refuses a caller whom nothing allows", async () => {
    const answer = await putEvents(role("Nobody", []), [{ Source: "my.app", DetailType: "Thing", Detail: "{}" }]);
    expect(answer).toMatchObject({ status: 400, body: { __type: "AccessDeniedException" } });
    expect(aws.events).toEqual([]);
  });
});
