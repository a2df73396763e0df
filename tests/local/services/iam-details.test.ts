import {
  AddUserToGroupCommand,
  CreateGroupCommand,
  GetAccountAuthorizationDetailsCommand,
  type GetAccountAuthorizationDetailsCommandInput,
  type IAMClient,
  PutGroupPolicyCommand,
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

const arn = (resource: string) => `arn:aws:iam::${account}:${resource}`;
const statement = { Effect: "Allow", Action: "bedrock:InvokeAgent", Resource: "*" };
const document = { Version: "2012-10-17", Statement: [statement] };
const ask = (input: GetAccountAuthorizationDetailsCommandInput = {}, by = iam) =>
  by.send(new GetAccountAuthorizationDetailsCommand(input));

/** Everything, as a caller of the API gathers it. */
async function all(input: GetAccountAuthorizationDetailsCommandInput = {}) {
  const arns: string[] = [];
  let pages = 0;
  for (let Marker: string | undefined, first = true; first || Marker !== undefined; first = false) {
    const page = await ask({ ...input, ...(Marker === undefined ? {} : { Marker }) });
    const lists = [page.UserDetailList, page.GroupDetailList, page.RoleDetailList, page.Policies];
    arns.push(...lists.flatMap((list) => (list ?? []).map((one) => one.Arn ?? "")));
    pages += 1;
    Marker = page.Marker;
    expect(page.IsTruncated).toBe(Marker !== undefined);
  }
  return { arns, pages };
}

describe("the details of an account", () => {
  test("tell of roles, users, groups and policies all that IAM knows", async () => {
    const shared = aws.world.plantManagedPolicy(arn("policy/team/Shared"), document);
    aws.world.plantManagedPolicy(shared, { ...document, Statement: [{ ...statement, Effect: "Deny" }] });
    const wall = aws.world.plantManagedPolicy("arn:aws:iam::aws:policy/PowerUserAccess", document);
    aws.world.plantManagedPolicy("arn:aws:iam::aws:policy/Unused", document);
    aws.world.plantGroup(arn("group/Desk"), { g: document }, { attached: [shared] });
    aws.world.plantUser(arn("user/ann"), { u: document }, { groups: ["Desk"], attached: [shared] });
    const marks = { tags: { Team: "shop" }, boundary: wall, attached: [shared] };
    aws.world.plantRole(roleArn("app/App"), { r: document }, marks);
    aws.world.plantRole(roleArn("Elsewhere", "999988887777"));

    const { UserDetailList, GroupDetailList, RoleDetailList, Policies, IsTruncated, Marker } = await ask();
    expect({ IsTruncated, Marker }).toEqual({ IsTruncated: false, Marker: undefined });
    const PolicyDocument = encodeURIComponent(JSON.stringify(document)).replaceAll("*", "%2A");
    const attached = [{ PolicyName: "Shared", PolicyArn: shared }];
    expect(UserDetailList).toMatchObject([
      {
        Arn: arn("user/ann"),
        Path: "/",
        GroupList: ["Desk"],
        UserPolicyList: [{ PolicyName: "u", PolicyDocument }],
        AttachedManagedPolicies: attached,
      },
    ]);
    expect(GroupDetailList).toMatchObject([
      {
        GroupName: "Desk",
        GroupId: expect.stringMatching(/^AGPA/),
        GroupPolicyList: [{ PolicyName: "g", PolicyDocument }],
        AttachedManagedPolicies: attached,
      },
    ]);
    expect(RoleDetailList).toMatchObject([
      {
        Arn: roleArn("app/App"),
        Path: "/app/",
        RolePolicyList: [{ PolicyName: "r", PolicyDocument }],
        AttachedManagedPolicies: attached,
        Tags: [{ Key: "Team", Value: "shop" }],
        PermissionsBoundary: { PermissionsBoundaryArn: wall },
      },
    ]);
    expect(Policies).toMatchObject([
      {
        Arn: shared,
        AttachmentCount: 3,
        DefaultVersionId: "v2",
        PolicyVersionList: [
          { VersionId: "v1", IsDefaultVersion: false, Document: PolicyDocument },
          { VersionId: "v2", IsDefaultVersion: true },
        ],
      },
      { Arn: wall, AttachmentCount: 0, PermissionsBoundaryUsageCount: 1 },
    ]);
  });

  test("come page by page, each item once, however small the pages are", async () => {
    for (const name of ["a", "b", "c"]) {
      aws.world.plantRole(roleArn(name));
      aws.world.plantUser(arn(`user/${name}`));
      aws.world.plantManagedPolicy(arn(`policy/${name}`), document);
    }
    const whole = await all();
    expect(whole).toMatchObject({ pages: 1, arns: { length: 9 } });
    expect(await all({ MaxItems: 4 })).toEqual({ pages: 3, arns: whole.arns });
    aws.world.limitDetailsPage(2);
    expect(await all({ MaxItems: 1000 })).toEqual({ pages: 5, arns: whole.arns });
  });

  test("lose nobody when somebody of an earlier page is deleted between two pages", async () => {
    for (const name of ["a", "b", "c"]) aws.world.plantRole(roleArn(name));
    aws.world.limitDetailsPage(2);
    const { Marker = "" } = await ask();
    aws.world.removeIdentity(roleArn("a"));
    const rest = await ask({ Marker });
    expect(rest.RoleDetailList?.map(({ RoleName }) => RoleName)).toEqual(["c"]);
  });

  test("are no more than what the filter asks for", async () => {
    aws.world.plantRole(roleArn("a"));
    aws.world.plantUser(arn("user/a"));
    aws.world.plantManagedPolicy(arn("policy/a"), document);
    expect((await all({ Filter: ["Role", "LocalManagedPolicy"] })).arns).toEqual([roleArn("a"), arn("policy/a")]);
  });

  test.each([
    ["a page of none", { MaxItems: 0 }],
    ["a page of too many", { MaxItems: 1001 }],
    ["a marker of its own making", { Marker: "later" }],
    ["an unknown filter", { Filter: ["Robot" as "Role"] }],
  ])("are refused for %s", async (_what, input) => {
    await expect(ask(input)).rejects.toMatchObject({ name: "ValidationError" });
  });

  test("need a permission on everything", async () => {
    const action = "iam:GetAccountAuthorizationDetails";
    const some = aws.iam(role("Some", [{ Effect: "Allow", Action: action, Resource: arn("*") }]));
    await expect(ask({}, some)).rejects.toMatchObject({ name: "AccessDenied" });
    await ask({}, aws.iam(role("All", [{ Effect: "Allow", Action: action, Resource: "*" }])));
  });

  test("fail on demand", async () => {
    const failure = { service: "iam", operation: "GetAccountAuthorizationDetails", times: 1 };
    aws.world.failNext({ ...failure, error: { code: "AccessDenied", message: "no" } });
    await expect(ask()).rejects.toMatchObject({ name: "AccessDenied", $metadata: { httpStatusCode: 403 } });
    aws.world.failNext({ ...failure, error: { code: "Throttling" } });
    await expect(ask()).rejects.toMatchObject({ name: "Throttling", message: "Rate exceeded" });
    await ask();
  });

  test("carry a document that IAM would not have taken, as it was planted", async () => {
    aws.world.plantRole(roleArn("a"), { broken: "{ no JSON" });
    const { RoleDetailList } = await ask();
    expect(decodeURIComponent(RoleDetailList?.[0]?.RolePolicyList?.[0]?.PolicyDocument ?? "")).toBe("{ no JSON");
  });
});

test("something can happen just before a call is served", async () => {
  aws.world.plantRole(roleArn("a"));
  aws.world.beforeNext("iam", "GetAccountAuthorizationDetails", () => aws.world.removeIdentity(roleArn("a")));
  expect((await all()).arns).toEqual([]);
  aws.world.plantRole(roleArn("a"));
  expect((await all()).arns).toEqual([roleArn("a")]);
});

test("a group is made over the wire, with its policy and its members", async () => {
  aws.world.plantUser(arn("user/ann"));
  await iam.send(new CreateGroupCommand({ GroupName: "Desk", Path: "/team/" }));
  await iam.send(
    new PutGroupPolicyCommand({ GroupName: "Desk", PolicyName: "g", PolicyDocument: JSON.stringify(document) }),
  );
  await iam.send(new AddUserToGroupCommand({ GroupName: "Desk", UserName: "ann" }));
  const { GroupDetailList, UserDetailList } = await ask();
  expect(GroupDetailList).toMatchObject([{ Arn: arn("group/team/Desk"), GroupPolicyList: [{ PolicyName: "g" }] }]);
  expect(UserDetailList?.[0]?.GroupList).toEqual(["Desk"]);
  expect(aws.records.at(-1)?.requestParameters).toEqual({ groupName: "Desk", userName: "ann" });
});
