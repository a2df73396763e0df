/** What is left out of a policy for a request: all that certainly does not match, and nothing that may. */
import { describe, expect, test } from "vitest";
import { type PolicyDocument, parsePolicy } from "../../../packages/core/src/policy/document.ts";
import { partToAsk, relevantPart } from "../../../packages/core/src/policy/prepared.ts";
import {
  ABSENT,
  type ContextValue,
  oneOf,
  type Request,
  requesterOf,
  UNKNOWN,
  value,
} from "../../../packages/core/src/policy/request.ts";

const ACCOUNT = "111122223333";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/service-role/AgentRole`;
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`;

test("a policy is asked as a whole the first time, and in part from then on", () => {
  const policy = read(texts("x"), texts("y"));
  expect(partToAsk(policy, request({ "aws:a": value("x") }))).toBe(policy);
  const part = partToAsk(policy, request({ "aws:a": value("x") }));
  expect(part.statements.map(({ index }) => index)).toEqual([0]);
});

describe("of statements that each compare a key with texts", () => {
  const policy = read(texts("x"), texts("y"), texts("z", "y"));

  test.each<[string, ContextValue, readonly number[]]>([
    ["the one value that the key has", value("y"), [1, 2]],
    ["any value that the key may have", oneOf(value("x"), value("z")), [0, 2]],
    ["a value that the key may have, or not be there", oneOf(value("x"), ABSENT), [0]],
    ["a value that nobody compares with", value("w"), []],
  ])("those stay that have %s", (_what, content, indexes) => {
    const part = relevantPart(policy, request({ "aws:a": content }));
    expect(part.statements.map(({ index }) => index)).toEqual(indexes);
  });

  test("none stays where the key is not there", () => {
    expect(relevantPart(policy, request({ "aws:a": ABSENT })).statements).toEqual([]);
  });

  test.each<[string, ContextValue]>([
    ["is not known", UNKNOWN],
    ["is known in part", oneOf(value("w"), UNKNOWN)],
    ["has several values", value("v", "w")],
    ["may have several values", oneOf(value("u"), value("v", "w"))],
    ["has no values", value()],
  ])("all stay, whole, where the key %s", (_what, content) => {
    expect(relevantPart(policy, request({ "aws:a": content })).statements).toEqual(policy.statements);
  });
});

describe("of a statement for somebody by name that compares keys with texts", () => {
  const conditions = { StringEquals: { "aws:a": ["x", "y"], "aws:b": "z" }, StringLike: { "aws:a": ["x", "y"] } };
  const policy = read({ Principal: { AWS: ROLE }, Condition: conditions });

  test("a list keeps the text that the key has; what else the statement asks stays", () => {
    const [statement] = relevantPart(policy, request({ "aws:a": value("y"), "aws:b": UNKNOWN })).statements;
    expect(statement?.conditions.map(({ operator, values }) => [operator, values])).toEqual([
      ["StringEquals", ["y"]],
      ["StringEquals", ["z"]],
      ["StringLike", ["x", "y"]],
    ]);
  });

  test.each<[string, Readonly<Record<string, ContextValue>>]>([
    ["the one key", { "aws:a": value("w"), "aws:b": value("z") }],
    ["the other", { "aws:a": UNKNOWN, "aws:b": value("w") }],
    ["a key that is not there", { "aws:a": value("x"), "aws:b": ABSENT }],
  ])("nothing stays where %s has none of its texts", (_which, context) => {
    expect(relevantPart(policy, request(context)).statements).toEqual([]);
  });
});

describe("of statements for somebody by name", () => {
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/AgentRole/s1`;
  const policy = read(
    { Principal: { AWS: ROLE } },
    { Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:role/Other`, `arn:aws:iam::${ACCOUNT}:user/AgentRole`] } },
    { Principal: { AWS: [`arn:aws:iam::${ACCOUNT}:role/Other`, ACCOUNT], Service: "bedrock.amazonaws.com" } },
    { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/Agent*` } },
    { Principal: { AWS: `x${ROLE.replace("AgentRole", "Other")}` } },
    { Principal: "*" },
    { Principal: {} },
  );

  test.each([
    ["a role", ROLE, [0, 1, 2, 3, 4, 5]],
    ["a session", session, [0, 1, 2, 3, 4, 5]],
    ["another role", `arn:aws:iam::${ACCOUNT}:role/a/b/Other`, [1, 2, 3, 4, 5]],
    ["a role whose name begins as another's", `arn:aws:iam::${ACCOUNT}:role/Agent`, [2, 3, 4, 5]],
    ["the root user", `arn:aws:iam::${ACCOUNT}:root`, [2, 3, 4, 5]],
    ["a service", "bedrock.amazonaws.com", [2, 3, 4, 5]],
    ["a federated user", `arn:aws:sts::${ACCOUNT}:federated-user/AgentRole`, [0, 1, 2, 3, 4, 5]],
  ])("%s keeps those that name somebody so called, and those that are not plain", (_who, principal, indexes) => {
    const part = relevantPart(policy, { ...request({}), principal: sure(requesterOf(principal)) });
    expect(part.statements.map(({ index }) => index)).toEqual(indexes);
  });

  test("a list keeps those of the name, and those that are not plain", () => {
    const [, , mixed] = relevantPart(policy, request({})).statements;
    expect(mixed?.principal?.members).toEqual([{ kind: "aws", value: ACCOUNT }]);
  });
});

/** A statement for everyone, whose key `aws:a` has one of the texts. */
function texts(...list: string[]): object {
  return { Principal: "*", Condition: { StringEquals: { "aws:A": list } } };
}

function request(context: Readonly<Record<string, ContextValue>>): Request {
  const principal = sure(requesterOf(ROLE));
  const keys = new Map(Object.entries(context));
  return { principal, action: "kms:Decrypt", resource: KEY, context: { keys, others: "absent" } };
}

function read(...parts: readonly object[]): PolicyDocument {
  const Statement = parts.map((part) => ({ Effect: "Allow", Action: "kms:Decrypt", Resource: "*", ...part }));
  const parsed = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement }));
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.policy;
}

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("this test names something that is not of its type");
  return value;
}
