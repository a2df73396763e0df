import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { canonicalPolicy, policyDigest, sameStatement } from "../../../packages/core/src/policy/canonical.ts";
import type { JsonObject } from "../../../packages/core/src/policy/json.ts";

const STATEMENT = {
  Sid: "One",
  Effect: "Allow",
  Principal: { AWS: ["arn:aws:iam::111122223333:role/A", "arn:aws:iam::111122223333:role/B"] },
  Action: ["kms:Decrypt", "kms:Encrypt"],
  Resource: "*",
  Condition: { Bool: { "kms:GrantIsForAWSResource": "true" }, StringEquals: { "aws:SourceAccount": ["1", "2"] } },
};
const OTHER = { Sid: "Two", Effect: "Deny", Principal: "*", Action: "kms:*", Resource: "*" };
const POLICY = { Version: "2012-10-17", Id: "key-default-1", Statement: [STATEMENT, OTHER] };

const text = (value: unknown) => JSON.stringify(value);
const withStatement = (changes: object) => ({ ...POLICY, Statement: [{ ...STATEMENT, ...changes }, OTHER] });

describe("two texts of one policy have one digest", () => {
  test.for<[string, string]>([
    ["white space", JSON.stringify(POLICY, null, 4)],
    [
      "the order of a document's members",
      text({ Statement: POLICY.Statement, Id: POLICY.Id, Version: POLICY.Version }),
    ],
    [
      "the order of a statement's members",
      text(withStatement(Object.fromEntries(Object.entries(STATEMENT).reverse()))),
    ],
    ["the order of actions", text(withStatement({ Action: ["kms:Encrypt", "kms:Decrypt"] }))],
    ["an action named twice", text(withStatement({ Action: ["kms:Encrypt", "kms:Decrypt", "kms:Encrypt"] }))],
    ["a list of one resource", text(withStatement({ Resource: ["*"] }))],
    ["the order of principals", text(withStatement({ Principal: { AWS: STATEMENT.Principal.AWS.toReversed() } }))],
    [
      "a condition's value as a list, and as a boolean",
      text(withStatement({ Condition: { ...STATEMENT.Condition, Bool: { "kms:GrantIsForAWSResource": [true] } } })),
    ],
    [
      "the order of a condition's values, and as numbers",
      text(withStatement({ Condition: { ...STATEMENT.Condition, StringEquals: { "aws:SourceAccount": [2, 1] } } })),
    ],
  ])("but for %s", ([, other]) => {
    expect(policyDigest(other)).toBe(policyDigest(text(POLICY)));
  });

  test("but for a single statement outside a list", () => {
    expect(policyDigest(text({ ...POLICY, Statement: STATEMENT }))).toBe(
      policyDigest(text({ ...POLICY, Statement: [STATEMENT] })),
    );
  });

  test("also for the negated elements", () => {
    const negated = (members: object) => text({ Statement: [{ Effect: "Deny", ...members }] });
    const a = negated({ NotPrincipal: { AWS: ["x", "y"] }, NotAction: ["a", "b"], NotResource: ["r"] });
    const b = negated({ NotPrincipal: { AWS: ["y", "x"] }, NotAction: ["b", "a"], NotResource: "r" });
    expect(policyDigest(a)).toBe(policyDigest(b));
  });
});

describe("another policy has another digest", () => {
  const { AWS } = STATEMENT.Principal;
  test.for<[string, unknown]>([
    ["the order of statements, which a person chose", { ...POLICY, Statement: [OTHER, STATEMENT] }],
    ["a statement less", { ...POLICY, Statement: [STATEMENT] }],
    ["a statement twice", { ...POLICY, Statement: [STATEMENT, OTHER, OTHER] }],
    ["no statements", { ...POLICY, Statement: [] }],
    ["no Statement", { Version: POLICY.Version, Id: POLICY.Id }],
    ["the version", { ...POLICY, Version: "2008-10-17" }],
    ["the Id", { ...POLICY, Id: "other" }],
    ["the Sid", withStatement({ Sid: "Uno" })],
    ["the effect", withStatement({ Effect: "Deny" })],
    ["an action more", withStatement({ Action: ["kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"] })],
    ["an action's negation", withStatement({ Action: undefined, NotAction: STATEMENT.Action })],
    ["a resource", withStatement({ Resource: "arn:aws:kms:eu-west-1:111122223333:key/x" })],
    ["a principal", withStatement({ Principal: { AWS: AWS[0] } })],
    ["a principal's type", withStatement({ Principal: { Service: AWS } })],
    ["everyone in place of a principal", withStatement({ Principal: "*" })],
    ["no condition", withStatement({ Condition: undefined })],
    ["a condition's operator", withStatement({ Condition: { StringLike: { "aws:SourceAccount": ["1", "2"] } } })],
    [
      "a condition's key",
      withStatement({ Condition: { ...STATEMENT.Condition, StringEquals: { "aws:x": ["1", "2"] } } }),
    ],
    [
      "a condition's value",
      withStatement({ Condition: { ...STATEMENT.Condition, Bool: { "kms:GrantIsForAWSResource": "false" } } }),
    ],
    ["a statement that is none", { ...POLICY, Statement: [STATEMENT, "x"] }],
  ])("by %s", ([, other]) => {
    expect(policyDigest(text(other))).not.toBe(policyDigest(text(POLICY)));
  });
});

test("a text that is no JSON object has no canonical form, and the digest of its characters", () => {
  for (const odd of ["not json", "[]", '"x"', "null", ""]) {
    expect(canonicalPolicy(odd)).toBeUndefined();
    expect(policyDigest(odd)).toBe(createHash("sha256").update(odd).digest("hex"));
  }
});

test("the canonical form is JSON that says what the text says", () => {
  const canonical = canonicalPolicy(JSON.stringify({ ...POLICY, Statement: [OTHER] }, null, 2));
  expect(JSON.parse(canonical ?? "")).toEqual({ ...POLICY, Statement: [OTHER] });
  expect(canonicalPolicy(canonical ?? "")).toBe(canonical);
  expect(JSON.parse(canonicalPolicy(text(POLICY)) ?? "")).toEqual(POLICY);
});

test("a list that holds more than texts is left as it is", () => {
  const odd = (Action: unknown) => text({ Statement: [{ Effect: "Allow", Action }] });
  expect(policyDigest(odd(["b", 7, "a"]))).not.toBe(policyDigest(odd(["a", 7, "b"])));
  expect(policyDigest(odd([]))).not.toBe(policyDigest(odd("")));
});

test("a condition's value that is no text, number or boolean is taken for no text", () => {
  const odd = (value: unknown) => text({ Statement: [{ Effect: "Allow", Condition: { Bool: { "aws:a": value } } }] });
  expect(policyDigest(odd(null))).not.toBe(policyDigest(odd("null")));
  expect(policyDigest(odd([{ a: 1 }]))).not.toBe(policyDigest(odd([{ b: 1 }])));
  expect(policyDigest(odd([{ a: 1, b: 2 }]))).toBe(policyDigest(odd([{ b: 2, a: 1 }])));
});

test("statements are the same where they say the same, and not otherwise", () => {
  const one = STATEMENT as unknown as JsonObject;
  expect(sameStatement(one, { ...one, Action: ["kms:Encrypt", "kms:Decrypt"] })).toBe(true);
  expect(sameStatement(one, { ...one, Action: ["kms:Encrypt"] })).toBe(false);
  expect(sameStatement(one, { ...one, Principal: "arn:aws:iam::111122223333:role/A" })).toBe(false);
});
