/** What a person reads of each warning: what is wrong, by name, and what to write instead. */
import { describe, expect, test } from "vitest";
import { type Place, placeInWords, policyWarnings } from "../../../packages/core/src/key/warnings.ts";

const ACCOUNT = "111122223333";
const ADMIN = { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" };
const CONTEXT = "kms:EncryptionContext:aws:bedrock:arn";

test.each<[Place, string]>([
  [{ kind: "policy" }, "the policy"],
  [{ kind: "text", line: 3, column: 7 }, "line 3, column 7"],
  [{ kind: "statement", index: 2, sid: undefined }, "statement 3"],
  [{ kind: "statement", index: 2, sid: "AllowRole" }, "statement 3 (`AllowRole`)"],
])("a place is told as editors and people count: %o", (place, words) => {
  expect(placeInWords(place)).toBe(words);
});

describe("a warning", () => {
  test.each<[string, object, string, string]>([
    ["no Action", { Action: undefined }, "no Action:", "add an Action"],
    ["no Resource", { Resource: undefined }, "no Resource:", 'add `"Resource": "*"`'],
    [
      "neither",
      { Action: undefined, Resource: undefined },
      "no Action and no Resource:",
      'add an Action and `"Resource": "*"`',
    ],
    ["no Principal", { Principal: undefined }, "no Principal", "whom the statement is for"],
    [
      "a deleted principal",
      { Principal: { AWS: "AROAEXAMPLE1234567890" } },
      "`AROAEXAMPLE1234567890`",
      "remove `AROAEXAMPLE1234567890`",
    ],
    [
      "ForAllValues on a key of one value",
      { Condition: { "ForAllValues:StringLikeIfExists": { [CONTEXT]: "x" } } },
      `\`ForAllValues:StringLikeIfExists\` on \`${CONTEXT}\``,
      "write `StringLikeIfExists`",
    ],
  ])("of %s names it, and what to write", (_what, changes, what, remedy) => {
    const [warning, ...others] = policyWarnings(text([ADMIN, { ...ADMIN, ...changes }]));
    expect(others).toEqual([]);
    expect(warning?.what).toContain(what);
    expect(warning?.remedy).toContain(remedy);
  });

  test("of a text that is no policy says why", () => {
    const [warning] = policyWarnings('{"Version": "2012-10-17"}');
    expect(warning?.what).toContain("no Statement");
    expect(warning?.remedy).not.toBe("");
  });

  test("of one strange character speaks of no others", () => {
    const [warning] = policyWarnings(text([{ ...ADMIN, Sid: "✓" }]));
    expect(warning?.what).toContain("U+2713, which");
    expect(warning?.remedy).toContain("U+0020 to U+00FF");
  });

  test("of a text that is too long says how to make it shorter", () => {
    const [warning] = policyWarnings(text([{ ...ADMIN, Sid: "x".repeat(33_000) }]));
    expect(warning?.remedy).toContain("merge statements");
  });

  test("of a policy that nobody may change names the action, and each condition key that it depends on", () => {
    const [nobody] = policyWarnings(text([{ ...ADMIN, Action: "kms:Decrypt" }]));
    expect(nobody?.what).toContain("kms:PutKeyPolicy");
    expect(nobody?.remedy).toContain("kms:PutKeyPolicy");
    const Condition = { Bool: { "aws:MultiFactorAuthPresent": "true" }, StringEquals: { "aws:PrincipalOrgID": "o-a" } };
    const [perhaps] = policyWarnings(text([{ ...ADMIN, Condition }]));
    expect(perhaps?.what).toContain("depends on aws:MultiFactorAuthPresent, aws:PrincipalOrgID");
  });

  test("of a deleted principal is for AWS principals only", () => {
    const service = { ...ADMIN, Principal: { Service: "AROAEXAMPLE1234567890" } };
    expect(policyWarnings(text([ADMIN, service, { ...ADMIN, Principal: "*" }]))).toEqual([]);
  });
});

function text(statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}
