/** Who is left to change a policy again, and what is known of them when they come. */
import { describe, expect, test } from "vitest";
import { keyArn } from "../../../packages/core/src/arn.ts";
import { lockedOut } from "../../../packages/core/src/key/lockout.ts";
import { type PolicyDocument, parsePolicy } from "../../../packages/core/src/policy/document.ts";

const ACCOUNT = "111122223333";
const KEY = keyArn(`arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`);
const CHINESE_KEY = keyArn(`arn:aws-cn:kms:cn-north-1:${ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`);
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Admin`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/Admin/s1`;

describe("what is known of a call that changes a policy", () => {
  test.each<[string, object]>([
    ["no AWS service makes it", { Bool: { "aws:PrincipalIsAWSService": "false" } }],
    ["so it has no service's name", { Null: { "aws:PrincipalServiceName": "true" } }],
    ["whose account it comes from", { StringEquals: { "aws:PrincipalAccount": ACCOUNT } }],
    ["the same in KMS's own words", { StringEquals: { "kms:CallerAccount": ACCOUNT } }],
    ["it is encrypted on its way", { Bool: { "aws:SecureTransport": "true" } }],
    ["it bypasses no safety check", { Bool: { "kms:BypassPolicyLockoutSafetyCheck": "false" } }],
    ["who makes it", { ArnEquals: { "aws:PrincipalArn": ROOT } }],
  ])("%s", (_what, Condition) => {
    const policy = read({ Principal: { AWS: ROOT }, Condition });
    expect(lockedOut(policy, KEY)).toEqual({ kind: "somebody" });
    expect(lockedOut(policy)).toEqual({ kind: "somebody" });
  });

  test("is a role's whole ARN, but not for a session, whose ARN leaves the role's path out", () => {
    const condition = { Condition: { ArnEquals: { "aws:PrincipalArn": ROLE } } };
    expect(lockedOut(read({ Principal: { AWS: ROLE }, ...condition }), KEY)).toEqual({ kind: "somebody" });
    expect(lockedOut(read({ Principal: { AWS: SESSION }, ...condition }), KEY)).toEqual({
      kind: "perhaps",
      on: ["aws:PrincipalArn"],
    });
  });

  test("is the root user's ARN also where the account is named by its number", () => {
    const policy = read({ Principal: { AWS: ACCOUNT }, Condition: { ArnEquals: { "aws:PrincipalArn": ROOT } } });
    expect(lockedOut(policy, KEY)).toEqual({ kind: "somebody" });
    expect(lockedOut(policy)).toEqual({ kind: "somebody" });
  });

  test("is the root user's ARN in the key's own partition", () => {
    const root = ROOT.replace("arn:aws:", "arn:aws-cn:");
    const policy = read({ Principal: "*", Condition: { ArnEquals: { "aws:PrincipalArn": root } } });
    expect(lockedOut(policy, CHINESE_KEY)).toEqual({ kind: "somebody" });
  });
});

describe("nobody is certain to be left, and somebody may be,", () => {
  test.each<[string, readonly object[], readonly string[]]>([
    [
      "where everyone is allowed who turns out to be a certain role",
      [{ Principal: "*", Condition: { ArnEquals: { "aws:PrincipalArn": ROLE } } }],
      ["aws:PrincipalArn"],
    ],
    [
      "where the account's IAM is left to decide for a certain role",
      [{ Principal: { AWS: ROOT }, Condition: { ArnEquals: { "aws:PrincipalArn": ROLE } } }],
      ["aws:PrincipalArn"],
    ],
    [
      "where all who are allowed have to come in some way",
      [
        { Principal: { AWS: ROLE }, Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } },
        { Principal: { AWS: ROLE }, Condition: { IpAddress: { "aws:SourceIp": "203.0.113.0/24" } } },
        { Principal: { AWS: `${ROLE}2` }, Condition: { StringEquals: { "aws:PrincipalOrgID": "o-a" } } },
      ],
      ["aws:MultiFactorAuthPresent", "aws:PrincipalOrgID", "aws:SourceIp"],
    ],
    [
      "where a statement has no principal",
      [{ Principal: undefined }, { Principal: { AWS: ROLE }, Action: "kms:Decrypt" }],
      ["Principal"],
    ],
  ])("%s", (_where, statements, on) => {
    expect(lockedOut(read(...statements), KEY)).toEqual({ kind: "perhaps", on });
    expect(lockedOut(read(...statements))).toEqual({ kind: "perhaps", on });
  });
});

describe("nobody is left", () => {
  test.each<[string, readonly object[]]>([
    [
      "where the account's IAM could decide, and a Deny refuses everyone",
      [{ Principal: { AWS: ROOT } }, { Effect: "Deny", Principal: "*" }],
    ],
    ["where only a Deny names somebody", [{ Effect: "Deny", Principal: { AWS: ROLE } }]],
    ["where an alias is the Resource", [{ Resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/x` }]],
    ["where there is no Resource", [{ Resource: undefined }]],
    ["where a group is the principal", [{ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:group/Admins` } }]],
  ])("%s", (_where, statements) => {
    expect(lockedOut(read(...statements), KEY)).toEqual({ kind: "nobody" });
    expect(lockedOut(read(...statements))).toEqual({ kind: "nobody" });
  });
});

test.each([
  "*",
  "arn:aws:kms:*:*:*",
  `arn:aws:kms:eu-west-1:${ACCOUNT}:key/*`,
  `arn:aws:kms:eu-west-1:${ACCOUNT}:key/mrk-?????`,
])("a policy in a file whose Resource is `%s` leaves somebody, on a key that it fits", (Resource) => {
  expect(lockedOut(read({ Resource }))).toEqual({ kind: "somebody" });
});

/** Allow statements for a role, but for what is given. */
function read(...parts: readonly object[]): PolicyDocument {
  const Statement = parts.map((part) => ({
    Effect: "Allow",
    Principal: { AWS: ROLE },
    Action: "kms:*",
    Resource: "*",
    ...part,
  }));
  const parsed = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement }));
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.policy;
}
