/** What KMS would refuse or warn of, each with its place; and that a policy without fault gives nothing. */
import { describe, expect, test } from "vitest";
import { keyArn } from "../../../packages/core/src/arn.ts";
import { MAX_POLICY_BYTES } from "../../../packages/core/src/key/plan.ts";
import { placeInWords, policyWarnings } from "../../../packages/core/src/key/warnings.ts";

const ACCOUNT = "111122223333";
const KEY = keyArn(`arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`);
const ROLE = `arn:aws:iam::${ACCOUNT}:role/Admin`;
const CONTEXT = "kms:EncryptionContext:aws:bedrock:arn";
const ADMIN = allow({ AWS: `arn:aws:iam::${ACCOUNT}:root` }, "kms:*");
const USE = allow({ Service: "bedrock.amazonaws.com" }, "kms:Decrypt");

describe("a warning of a statement", () => {
  test.each<[string, object, string, boolean]>([
    ["a deleted role", allow({ AWS: "AROAEXAMPLE1234567890" }, "kms:Decrypt"), "deleted-principal", true],
    [
      "a deleted user among others",
      allow({ AWS: [ROLE, "AIDAEXAMPLE1234567890"] }, "kms:*"),
      "deleted-principal",
      true,
    ],
    [
      "a deleted role that is spared",
      { Effect: "Deny", NotPrincipal: { AWS: "AROAEXAMPLE1234567890" }, Action: "s3:*", Resource: "*" },
      "deleted-principal",
      true,
    ],
    ["no Principal", { Effect: "Deny", Action: "s3:*", Resource: "*" }, "no-principal", true],
    [
      "ForAllValues on the encryption context",
      { ...USE, Condition: { "ForAllValues:StringEquals": { [CONTEXT]: "x" } } },
      "for-all-values",
      true,
    ],
    [
      "ForAllValues on the encryption context in other letters",
      { ...USE, Condition: { "ForAllValues:StringLikeIfExists": { [CONTEXT.toUpperCase()]: "x" } } },
      "for-all-values",
      true,
    ],
    [
      "ForAllValues on a tag of the request",
      { ...USE, Condition: { "ForAllValues:StringEquals": { "aws:RequestTag/team": "x" } } },
      "for-all-values",
      true,
    ],
    ["no Action", { Effect: "Allow", Principal: "*", Resource: "*" }, "no-effect", false],
    ["no Resource", { Effect: "Allow", Principal: "*", Action: "kms:*" }, "no-effect", false],
  ])("tells of %s, with the statement", (_what, statement, kind, refused) => {
    const warnings = policyWarnings(text([ADMIN, { Sid: "Here", ...statement }]), KEY);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ kind, refused, place: { kind: "statement", index: 1, sid: "Here" } });
  });

  test.each<[string, object]>([
    ["ForAllValues on the keys of the context", { "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": "x" } }],
    ["ForAllValues on a grant's operations", { "ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt"] } }],
    ["ForAnyValue on the encryption context", { "ForAnyValue:StringEquals": { [CONTEXT]: "x" } }],
    ["a plain list of contexts", { StringEquals: { [CONTEXT]: ["x", "y"] } }],
  ])("is none for %s", (_what, condition) => {
    expect(policyWarnings(text([ADMIN, { ...USE, Condition: condition }]), KEY)).toEqual([]);
  });

  test("is given for each fault, in the order of the statements", () => {
    const orphan = allow({ AWS: ["AROAEXAMPLE1234567890", "AIDAEXAMPLE1234567890"] }, "kms:Decrypt");
    const warnings = policyWarnings(text([orphan, ADMIN, { Effect: "Allow", Principal: "*" }, orphan]), KEY);
    expect(warnings.map(({ kind, place }) => `${kind} ${placeInWords(place)}`)).toEqual([
      "deleted-principal statement 1",
      "deleted-principal statement 1",
      "no-effect statement 3",
      "deleted-principal statement 4",
      "deleted-principal statement 4",
    ]);
  });
});

describe("a warning of the text", () => {
  const padded = (bytes: number) => {
    const short = text([ADMIN, { ...USE, Sid: "" }]);
    return text([ADMIN, { ...USE, Sid: "x".repeat(bytes - short.length) }]);
  };

  test("comes with the first byte too many", () => {
    expect(policyWarnings(padded(MAX_POLICY_BYTES), KEY)).toEqual([]);
    const [warning] = policyWarnings(padded(MAX_POLICY_BYTES + 1), KEY);
    expect(warning).toMatchObject({ kind: "too-long", refused: true, place: { kind: "policy" } });
    expect(warning?.what).toContain("32769");
  });

  test("names the line and the column of a character that KMS does not take, once", () => {
    const [warning, ...others] = policyWarnings(
      JSON.stringify({ Statement: [ADMIN, { ...USE, Sid: "ünïcode ✓✓" }] }, null, 1),
      KEY,
    );
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ kind: "character", refused: true, place: { kind: "text", line: 18, column: 20 } });
    expect(warning?.what).toContain("U+2713, and 1 more");
  });

  test.each([
    ["an emoji", "🔑", "U+1F511"],
    ["half a surrogate pair", "\ud83d", "U+D83D"],
    ["a line separator", "\u2028", "U+2028"],
    ["the first character past Latin-1", "\u0100", "U+0100"],
  ])("is given for %s", (_what, character, name) => {
    const [warning] = policyWarnings(`{"Id": "${character}", "Statement": [${JSON.stringify(ADMIN)}]}`, KEY);
    expect(warning?.what).toContain(name);
  });

  test("is none for tab, line feed, carriage return and the last characters of Latin-1", () => {
    const policy = `{\r\n\t"Id": "\u007f\u00a0\u00ff",\n"Statement": [${JSON.stringify(ADMIN)}]}`;
    expect(policyWarnings(policy, KEY)).toEqual([]);
  });

  test("says what is no policy, and no more than that", () => {
    expect(policyWarnings("{", KEY)).toMatchObject([{ kind: "not-a-policy", refused: true }]);
    expect(policyWarnings("✓", KEY).map(({ kind }) => kind)).toEqual(["character", "not-a-policy"]);
  });
});

describe("a policy that nobody could change again", () => {
  test.each<[string, readonly object[]]>([
    ["the account's root", [ADMIN]],
    ["the account by its number", [allow({ AWS: ACCOUNT }, "kms:Put*")]],
    ["a role of the account", [allow({ AWS: ROLE }, ["kms:PutKeyPolicy"])]],
    ["a user of the account", [allow({ AWS: ROLE.replace("role/", "user/") }, "*")]],
    ["a session of a role", [allow({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/Admin/s1` }, "kms:*")]],
    ["everybody of the account", [allow("*", "kms:*", { StringEquals: { "aws:PrincipalAccount": ACCOUNT } })]],
    [
      "a role that a Deny spares",
      [
        allow({ AWS: ROLE }, "kms:*"),
        { ...allow("*", "kms:*", { ArnNotEquals: { "aws:PrincipalArn": ROLE } }), Effect: "Deny" },
      ],
    ],
  ])("is not one that lets %s do it", (_who, statements) => {
    expect(policyWarnings(text(statements), KEY)).toEqual([]);
    expect(policyWarnings(text(statements))).toEqual([]);
  });

  test.each<[string, readonly object[]]>([
    ["nobody at all", [USE]],
    ["a service only", [allow({ Service: "bedrock.amazonaws.com" }, "kms:*")]],
    ["a role of another account", [allow({ AWS: ROLE.replace(ACCOUNT, "444455556666") }, "kms:*")]],
    ["another account", [allow({ AWS: "444455556666" }, "kms:*")]],
    ["a role, on another key", [{ ...allow({ AWS: ROLE }, "kms:*"), Resource: KEY?.replace("0a1b", "ffff") }]],
    ["a role that a Deny refuses", [allow({ AWS: ROLE }, "kms:*"), { ...allow("*", "kms:Put*"), Effect: "Deny" }]],
    ["all but this", [{ Effect: "Allow", Principal: { AWS: ROLE }, NotAction: "kms:PutKeyPolicy", Resource: "*" }]],
  ])("lets %s do it, and KMS refuses it", (_who, statements) => {
    expect(policyWarnings(text(statements), KEY)).toMatchObject([{ kind: "locked-out", refused: true }]);
  });

  test("may be one where it depends on who comes with what: the condition key is named", () => {
    const mfa = allow({ AWS: ROLE }, "kms:*", { Bool: { "aws:MultiFactorAuthPresent": "true" } });
    const [warning, ...others] = policyWarnings(text([mfa]), KEY);
    expect(others).toEqual([]);
    expect(warning).toMatchObject({ kind: "locked-out", refused: false });
    expect(warning?.what).toContain("aws:MultiFactorAuthPresent");
  });

  test("counts a deleted role for nobody", () => {
    const kinds = policyWarnings(text([allow({ AWS: "AROAEXAMPLE1234567890" }, "kms:*")]), KEY).map(({ kind }) => kind);
    expect(kinds).toEqual(["deleted-principal", "locked-out"]);
  });

  test("is judged for any account, and for the keys that it names, where the key is not given", () => {
    const elsewhere = allow({ AWS: ROLE.replace(ACCOUNT, "444455556666") }, "kms:*");
    expect(policyWarnings(text([{ ...elsewhere, Resource: KEY }]))).toEqual([]);
    expect(policyWarnings(text([USE]))).toMatchObject([{ kind: "locked-out" }]);
  });
});

function allow(Principal: unknown, Action: unknown, Condition?: object): object {
  return { Effect: "Allow", Principal, Action, Resource: "*", ...(Condition ? { Condition } : {}) };
}

function text(statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
