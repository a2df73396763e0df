import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import {
  attached,
  details,
  group,
  INVOKE,
  inline,
  managed,
  managedArn,
  policyDocument,
  role,
  roleWith,
  USE,
  urlEncoded,
  userWith,
} from "./account-samples.ts";
import { ACTS_ON_TERMINALS, cli, newFolder, shell } from "./run-cli.ts";
import { ACCOUNT, ADMIN, agentArn, describeKey, getAgent, getAgentVersion, KEY, policy } from "./samples.ts";

const files = newFolder();
afterAll(() => files.remove());

const AGENT = files.put("agent.json", getAgent("AGENT00001"));
const SECOND = files.put("second.json", getAgent("AGENT00002"));
const KEY_POLICY = files.put("key-policy.json", policy(ADMIN));

interface Report {
  readonly able: boolean;
  readonly notes: readonly string[];
  readonly callers: readonly {
    readonly arn: string;
    readonly administrator: boolean;
    readonly agents: readonly { readonly agent: string; readonly invokes: string; readonly verdict: string }[];
    readonly plan: {
      readonly kind: string;
      readonly reason?: string;
      readonly policy?: { readonly Statement: readonly object[] };
      readonly command?: string;
      readonly snippets?: readonly { readonly tool: string; readonly text: string }[];
    };
  }[];
  readonly notVisible: readonly { readonly what: string; readonly source: string }[];
}

function args(pages: readonly object[], ...more: readonly string[]): readonly string[] {
  const named = pages.flatMap((page, i) => ["--authorization-details", files.put(`details-${i}.json`, page)]);
  return ["callers", ...named, "--key-policy", KEY_POLICY, "--agent", AGENT, ...more];
}

async function report(code: number, pages: readonly object[], ...more: readonly string[]): Promise<Report> {
  const ended = await cli([...args(pages, ...more), "--json"]);
  expect([ended.code, ended.err]).toEqual([code, ""]);
  return JSON.parse(ended.out) as Report;
}

async function text(code: number, pages: readonly object[], ...more: readonly string[]): Promise<string> {
  const ended = await cli(args(pages, ...more));
  expect([ended.code, ended.err]).toEqual([code, ""]);
  return ended.out;
}

const verdicts = ({ callers }: Report) =>
  callers.map(({ arn, agents }) => [arn.split(":").at(-1), ...agents.map(({ verdict }) => verdict)].join(" "));

const ENCRYPT = { Effect: "Allow", Action: "kms:Encrypt", Resource: KEY };

const OWN = policyDocument({
  Sid: "BedrockKeyGuardbb5840177b5e4a2d",
  Effect: "Allow",
  Action: ["kms:GenerateDataKey", "kms:Decrypt"],
  Resource: KEY,
  Condition: { StringEquals: { "kms:EncryptionContext:aws:bedrock:arn": [agentArn("AGENT00001")] } },
});

describe("who may invoke an agent", () => {
  test("and can use its key is able, and the exit code is 0", async () => {
    const found = await report(0, [details({ roles: [role("App", INVOKE, USE), role("Other")] })]);
    expect(found).toMatchObject({ able: true, callers: [{ plan: { kind: "nothing" } }] });
    expect(verdicts(found)).toEqual(["role/App able"]);
  });

  test("and lacks its key gets the policy to attach, and the exit code is 1", async () => {
    const found = await report(1, [details({ roles: [role("App", INVOKE)] })]);
    expect(verdicts(found)).toEqual(["role/App lacks"]);
    expect(found.able).toBe(false);
    expect(found.callers[0]?.plan).toMatchObject({ kind: "put", policy: OWN });
    expect(found.callers[0]?.plan.snippets?.map(({ tool }) => tool)).toEqual(["Terraform", "CloudFormation", "CDK"]);
  });

  test("is found by inline, managed and group policies, as objects or as URL-encoded text", async () => {
    const page = details({
      roles: [
        roleWith("ByManaged", attached("Invoke")),
        roleWith("Encoded", { RolePolicyList: [inline("app", urlEncoded(policyDocument(INVOKE, USE)))] }),
      ],
      users: [userWith("Ana", { GroupList: ["bots"] }), userWith("Bo", {}, INVOKE)],
      groups: [group("bots", urlEncoded(policyDocument(INVOKE)))],
      policies: [managed("Invoke", urlEncoded(policyDocument(INVOKE)))],
    });
    expect(verdicts(await report(1, [page]))).toEqual([
      "role/ByManaged lacks",
      "role/Encoded able",
      "user/Ana lacks",
      "user/Bo lacks",
    ]);
  });

  test("is found in each of several pages, with policies that stand in another", async () => {
    const first = details({ users: [userWith("Ana", attached("Invoke"))] }, { IsTruncated: true, Marker: "m" });
    const last = details({ policies: [managed("Invoke", policyDocument(INVOKE, USE))] }, { IsTruncated: false });
    expect(verdicts(await report(0, [first, last]))).toEqual(["user/Ana able"]);
  });

  test("within the limits of a boundary is said to be stopped by it", async () => {
    const boundary = {
      PermissionsBoundary: { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: managedArn("Wall") },
    };
    const page = details({
      roles: [roleWith("App", boundary, INVOKE)],
      policies: [managed("Wall", policyDocument(INVOKE))],
    });
    expect(verdicts(await report(1, [page]))).toEqual(["role/App denied"]);
    expect(await text(1, [page])).toContain(`the permissions boundary ${managedArn("Wall")} does not allow`);
  });

  test("perhaps only, is told apart and counts as not certain", async () => {
    const page = details({
      roles: [role("App", { ...INVOKE, Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } })],
    });
    expect((await report(1, [page])).callers[0]).toMatchObject({
      agents: [{ invokes: "perhaps", verdict: "lacks" }],
      plan: { kind: "nothing" },
    });
    expect(await text(1, [page])).toMatch(/^Who perhaps may\n {2}role App\n/m);
  });

  test("as an administrator is told apart, and does not count", async () => {
    const all = { Effect: "Allow", Action: "*", Resource: "*" };
    const no = { Effect: "Deny", Action: "kms:Decrypt", Resource: "*" };
    const page = details({ roles: [role("Admin", all), role("Fenced", all, no)] });
    const out = await text(0, [page]);
    expect(out).toMatch(/^Administrators.*\n {2}able: role Admin\n {2}refused, or not certain, .*: role Fenced$/m);
    expect(out).toMatch(/^Result: no callers$/m);
    expect((await report(0, [page])).callers.map(({ administrator }) => administrator)).toEqual([true, true]);
  });

  test("by a document that can't be read is not certain", async () => {
    const page = details({ roles: [roleWith("App", { RolePolicyList: [inline("odd", "{")] })] });
    expect(await text(1, [page])).toContain("inline policy odd (it is not JSON:");
  });

  test("is judged for each agent, and agents of which the same is to be said stand together", async () => {
    const out = await text(1, [details({ roles: [role("App", INVOKE)] })], "--agent", SECOND);
    expect(out).toMatch(/^ {6}lacks {4}AGENT00001, AGENT00002$/m);
  });
});

describe("the policy to attach", () => {
  test("holds all agents of the key, beside what the guard's policy already has for others", async () => {
    const page = details({
      roles: [
        roleWith("App", { RolePolicyList: [inline("i", policyDocument(INVOKE)), inline("BedrockKeyGuard", OWN)] }),
      ],
    });
    const found = await report(1, [page], "--agent", SECOND);
    expect(JSON.stringify(found.callers[0]?.plan.policy)).toContain(agentArn("AGENT00002"));
    const onlySecond = ["callers", "--authorization-details", files.path("details-0.json"), "--key-policy", KEY_POLICY];
    const { out } = await cli([...onlySecond, "--agent", SECOND, "--json"]);
    expect(JSON.parse(out).callers[0].plan.policy).toEqual(found.callers[0]?.plan.policy);
  });

  test("is removed where it is no longer needed", async () => {
    const page = details({ roles: [roleWith("App", { RolePolicyList: [inline("BedrockKeyGuard", OWN)] })] });
    const found = await report(0, [page]);
    expect(found.callers[0]?.plan).toMatchObject({
      kind: "remove",
      command: "aws iam delete-role-policy --role-name App --policy-name BedrockKeyGuard",
    });
  });

  test("is shown whole in words, with its command and its snippets", async () => {
    const out = await text(1, [details({ users: [userWith("Ana", {}, INVOKE)] })]);
    expect(out).toContain(
      "\n    aws iam put-user-policy --user-name Ana --policy-name BedrockKeyGuard --policy-document '",
    );
    expect(out).toContain('resource "aws_iam_user_policy" "bedrock_key_guard_Ana" {');
    expect(out).toContain('"Type": "AWS::IAM::UserPolicy"');
    expect(out).toContain("user.attachInlinePolicy(");
    expect(out).not.toMatch(ACTS_ON_TERMINALS);
  });

  test("is what a shell hands to the AWS CLI, and what each snippet holds", async () => {
    const found = await report(1, [details({ roles: [role("App", INVOKE)] })]);
    const { policy: document, command = "", snippets = [] } = found.callers[0]?.plan ?? {};
    const { out } = await shell(command.replace(/^aws iam put-role-policy/, "printf '%s\\n'"));
    expect(JSON.parse(out.trimEnd().split("\n").at(-1) ?? "")).toEqual(document);
    const [terraform, cloudFormation, cdk] = snippets.map((one) => one.text);
    expect(JSON.parse(/jsonencode\(([\s\S]*)\)\n\}$/.exec(terraform ?? "")?.[1] ?? "")).toEqual(document);
    expect(JSON.parse(cloudFormation ?? "").BedrockKeyGuardApp.Properties).toEqual({
      PolicyName: "BedrockKeyGuard",
      RoleName: "App",
      PolicyDocument: document,
    });
    expect(JSON.parse(/fromJson\(([\s\S]*)\),\n {2}\}\),\n\);$/.exec(cdk ?? "")?.[1] ?? "")).toEqual(document);
  });

  test.each([
    ["a permission set", { Path: "/aws-reserved/sso.amazonaws.com/eu-west-1/" }, /change its permission set/],
    ["AWS itself", { Path: "/aws-service-role/x.amazonaws.com/" }, /AWS made this role, and it can't be changed/],
    ["a tag", { Tags: [{ Key: "bedrock-key-guard", Value: "off" }] }, /role's tag `bedrock-key-guard` says `off`/],
    [
      "a policy of its name",
      { RolePolicyList: [inline("a", policyDocument(INVOKE)), inline("BedrockKeyGuard", policyDocument(ENCRYPT))] },
      /is not as the guard writes it/,
    ],
  ])("is held back by %s, and said to be needed all the same", async (_, change, reason) => {
    const page = details({ roles: [roleWith("App", { ...change }, INVOKE)] });
    const found = await report(1, [page]);
    expect(found.callers[0]?.plan.kind).toBe("withheld");
    expect(found.callers[0]?.plan.reason).toMatch(reason);
    expect(found.callers[0]?.plan.policy).toMatchObject(OWN);
    expect((await text(1, [page])).replaceAll(/\s+/g, " ")).toMatch(reason);
  });

  test("that does not fit is told", async () => {
    const long = { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${"x".repeat(1900)}` };
    const page = details({ users: [userWith("Ana", {}, INVOKE, long)] });
    const found = await report(1, [page]);
    expect(found.callers[0]?.plan).toMatchObject({
      kind: "full",
      leftOut: [{ agent: agentArn("AGENT00001"), key: KEY }],
    });
    expect(await text(1, [page])).toContain("does not fit beside its other inline policies: AGENT00001");
  });
});

test("what can't be seen from files is said, with its source", async () => {
  const { notVisible } = await report(0, [details({})]);
  expect(notVisible.map(({ what }) => what)).toEqual(["organization-policies", "session-policies", "grants"]);
  expect(await text(0, [details({})])).toContain("policies of the organization may refuse what is allowed here");
});

test("a version of an agent on the key is judged like its draft, and the key may be described", async () => {
  const moved = files.put(
    "moved.json",
    getAgent("AGENT00003", { customerEncryptionKeyArn: KEY.replace("0a1b", "ffff") }),
  );
  const version = files.put("version.json", getAgentVersion("AGENT00003", "1"));
  const key = files.put("key.json", describeKey());
  const found = await report(
    1,
    [details({ roles: [role("App", INVOKE)] })],
    "--agent",
    moved,
    "--agent",
    version,
    "--key",
    key,
  );
  expect(found.callers[0]?.agents.map(({ agent }) => agent)).toEqual([agentArn("AGENT00001"), agentArn("AGENT00003")]);
});

test("a key that is disabled is said to be, since no policy helps then", async () => {
  const key = files.put("disabled.json", describeKey({ KeyState: "Disabled", Enabled: false }));
  const { notes } = await report(0, [details({})], "--key", key);
  expect(notes).toContain("the key is Disabled: nobody can use it, whatever the policies say");
});

test("names that would act on a terminal do not", async () => {
  const odd = "\u001b[31mred\u202e";
  const page = details({ roles: [roleWith("App", { RolePolicyList: [inline(odd, policyDocument(INVOKE))] })] });
  expect(await text(1, [page])).not.toMatch(ACTS_ON_TERMINALS);
  const { out } = await cli([...args([page]), "--json"]);
  expect(out).not.toMatch(ACTS_ON_TERMINALS);
});

describe("wrong input", () => {
  const refused = async (page: unknown, ...more: readonly string[]): Promise<string> => {
    const file = files.put("wrong.json", page);
    const ended = await cli([
      "callers",
      "--authorization-details",
      file,
      "--key-policy",
      KEY_POLICY,
      "--agent",
      AGENT,
      ...more,
    ]);
    expect([ended.code, ended.out]).toEqual([2, ""]);
    expect(ended.err.startsWith(`error: \`${file}\``)).toBe(true);
    expect(ended.err).not.toMatch(/^\s+at |node:|\.ts:\d/m);
    return ended.err;
  };
  const app = role("App", INVOKE);

  test.each<readonly [string, unknown, RegExp]>([
    ["empty", "", /it is empty; give JSON/],
    ["cut off", '{"RoleDetailList": [', /it is not JSON/],
    ["a list", [], /it is `\[\]`; give what `aws iam get-account-authorization-details` prints/],
    ["something else", { Roles: [] }, /`RoleDetailList` is missing; give what `aws iam/],
    ["no list of roles", { RoleDetailList: {} }, /`RoleDetailList` is `\{\}`; give a list/],
    ["no role", { RoleDetailList: ["App"] }, /`RoleDetailList\[0\]` is `"App"`; give what/],
    [
      "a role without a name",
      details({ roles: [app, { ...app, RoleName: undefined }] }),
      /`RoleDetailList\[1\]\.RoleName` is missing/,
    ],
    [
      "a role whose ARN is not its own",
      details({ roles: [{ ...app, RoleName: "Other" }] }),
      /`RoleDetailList\[0\]\.Arn` is `"arn.*`; give the ARN of the role `Other`/,
    ],
    [
      "a user in the list of roles",
      details({ roles: [{ ...app, Arn: app.Arn.replace(":role", ":user") }] }),
      /`RoleDetailList\[0\]\.Arn`/,
    ],
    [
      "a name with a quote in it",
      details({ roles: [{ ...app, RoleName: "a'b", Arn: `arn:aws:iam::${ACCOUNT}:role/a'b` }] }),
      /`RoleDetailList\[0\]\.Arn`/,
    ],
    [
      "a document that is a number",
      details({ roles: [roleWith("App", { RolePolicyList: [inline("p", 1)] })] }),
      /`RoleDetailList\[0\]\.RolePolicyList\[0\]\.PolicyDocument` is `1`; give a policy document/,
    ],
    [
      "an attached policy without its ARN",
      details({ roles: [roleWith("App", { AttachedManagedPolicies: [{ PolicyName: "x" }] })] }),
      /AttachedManagedPolicies\[0\]\.PolicyArn` is missing/,
    ],
    [
      "a managed policy without a default version",
      details({ policies: [{ ...managed("P", policyDocument()), PolicyVersionList: [] }] }),
      /`Policies\[0\]\.PolicyVersionList` is `\[\]`; give the default version/,
    ],
    [
      "a boundary that is a text",
      details({ roles: [roleWith("App", { PermissionsBoundary: "x" })] }),
      /`RoleDetailList\[0\]\.PermissionsBoundary` is `"x"`/,
    ],
    [
      "a tag without a value",
      details({ roles: [roleWith("App", { Tags: [{ Key: "a" }] })] }),
      /`RoleDetailList\[0\]\.Tags\[0\]\.Value` is missing; give a tag's value/,
    ],
    [
      "groups that are no names",
      details({ users: [userWith("Ana", { GroupList: [1] })] }),
      /`UserDetailList\[0\]\.GroupList\[0\]` is `1`; give a name/,
    ],
    ["a role twice", details({ roles: [app, app] }), /role\/App` is given twice/],
    [
      "another account's",
      details({ roles: [{ ...app, Arn: app.Arn.replace(ACCOUNT, "999988887777") }] }),
      /of account 999988887777, and the agents are of 111122223333/,
    ],
    ["a page that is not the last", details({}, { IsTruncated: true }), /there are further pages/],
    ["a page of the AWS CLI that is not the last", details({}, { NextToken: "abc" }), /there are further pages/],
    ["a member twice", '{"RoleDetailList": [], "RoleDetailList": []}', /the member `RoleDetailList` twice/],
  ])("a file that is or holds %s is refused with its place", async (_, page, reason) => {
    expect(await refused(page)).toMatch(reason);
  });

  test("a role that stands in two files is named with both", async () => {
    const other = files.put("again.json", details({ roles: [app] }));
    const ended = await cli([...args([details({ roles: [app] })]), "--authorization-details", other]);
    expect([ended.code, ended.out]).toEqual([2, ""]);
    expect(ended.err).toContain(`error: \`${other}\`: \`${app.Arn}\` is given twice, in \``);
  });

  test("a file of details may be longer than a policy's", async () => {
    const many = Array.from({ length: 3000 }, (_, i) => role(`Role${i}`, INVOKE, USE));
    const page = files.put("many.json", details({ roles: many }));
    expect(readFileSync(page).length).toBeGreaterThan(1_048_576);
    const ended = await cli(["callers", "--authorization-details", page, "--key-policy", KEY_POLICY, "--agent", AGENT]);
    expect([ended.code, ended.err]).toEqual([0, ""]);
    expect(ended.out).toMatch(/^Result: all callers \(3000\) are able$/m);
  });
});
