/** Keys of which only some values are possible: which of them are told apart, and how a key policy sees a request. */
import { describe, expect, test } from "vitest";
import { decide } from "../../../packages/core/src/policy/decide.ts";
import { type PolicyDocument, parsePolicy } from "../../../packages/core/src/policy/document.ts";
import {
  ABSENT,
  type ContextValue,
  oneOf,
  type Request,
  requesterOf,
  value,
} from "../../../packages/core/src/policy/request.ts";
import { possibleRequests } from "../../../packages/core/src/policy/worlds.ts";

const ACCOUNT = "111122223333";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/service-role/AgentRole`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/AgentRole/s1`;
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`;

describe("the possible requests", () => {
  const names = ["aws:a", "aws:b", "aws:c", "aws:d", "aws:e", "aws:f"];
  const asking = (keys: readonly string[]) => read({ Condition: { StringEquals: Object.fromEntries(keys.map(asX)) } });
  const open = request(ROLE, Object.fromEntries(names.map((name) => [name, oneOf(value("x"), ABSENT)])));

  test("are one for each value of each open key that the policies ask for, however they spell it", () => {
    expect(possibleRequests([asking(["AWS:A", "aws:b"]), asking(["aws:a"])], open)).toHaveLength(4);
    expect(possibleRequests([asking(names.slice(0, 5))], open)).toHaveLength(32);
  });

  test("are the request alone where too many keys are open, or none", () => {
    expect(possibleRequests([asking(names)], open)).toEqual([open]);
    expect(possibleRequests([asking(["aws:z"])], open)).toEqual([open]);
  });
});

describe("a condition on a key of which only some values are possible", () => {
  // More keys than are told apart.
  const names = ["aws:a", "aws:b", "aws:c", "aws:d", "aws:e", "aws:f"];
  const asked = request(ROLE, Object.fromEntries(names.map((name) => [name, oneOf(value("x"), value("y"))])));
  const whether = (operator: string, text: string) =>
    decide(read({ Condition: { [operator]: Object.fromEntries(names.map((name) => [name, text])) } }), asked);

  test("is decided where each of them decides alike", () => {
    expect(whether("StringNotEquals", "z").kind).toBe("allowed");
    expect(whether("StringEquals", "z").kind).toBe("not-allowed");
    expect(whether("Null", "false").kind).toBe("allowed");
  });

  test("is open where they do not, or where one is open", () => {
    expect(whether("StringEquals", "x")).toMatchObject({ kind: "depends", dependsOn: names });
    expect(whether("StringNotEquals", "x")).toMatchObject({ kind: "depends", dependsOn: names });
    expect(whether("NumericEquals", "5")).toMatchObject({ kind: "depends", dependsOn: names });
  });
});

describe("a key of which only some values are possible is told apart", () => {
  test("in a Resource's variable, beside statements without a Resource", () => {
    const id = KEY.slice(KEY.indexOf("/") + 1);
    const account = { Principal: { AWS: ACCOUNT } };
    const policy = read(account, { Resource: KEY.replace(id, "${aws:a}") }, { Resource: undefined });
    const asked = (...ids: string[]) => request(ROLE, { "aws:a": oneOf(...ids.map((text) => value(text))) });
    const decision = decide(policy, asked("x", "y"));
    expect(decision.kind).toBe("not-allowed");
    expect(decision.delegatedBy.map(({ index }) => index)).toEqual([0]);
    expect(decide(policy, asked("x", id))).toMatchObject({ kind: "depends", dependsOn: ["aws:a"] });
  });

  test("in the role that a session is of", () => {
    const roles = [ROLE, `arn:aws:iam::${ACCOUNT}:role/AgentRole`];
    const asked = request(SESSION, { "aws:PrincipalArn": oneOf(...roles.toReversed().map((role) => value(role))) });
    const named = roles.map((AWS) => ({ Principal: { AWS } }));
    const decision = decide(read(...named), asked);
    expect(decision.kind).toBe("allowed");
    expect(decision.because.map(({ index }) => index)).toEqual([0, 1]);
    expect(decide(read(...named.slice(1)), asked)).toMatchObject({ kind: "depends", dependsOn: ["aws:PrincipalArn"] });
  });

  test("in the identity provider that a session was opened with", () => {
    const provider = { Principal: { Federated: "cognito-identity.amazonaws.com" } };
    const asked = (...values: ContextValue[]) => request(SESSION, { "aws:FederatedProvider": oneOf(...values) });
    expect(decide(read(provider), asked(value("accounts.google.com"), ABSENT)).kind).toBe("not-allowed");
    expect(decide(read(provider), asked(value("cognito-identity.amazonaws.com"), ABSENT))).toMatchObject({
      kind: "depends",
      dependsOn: ["aws:FederatedProvider"],
    });
  });
});

function asX(name: string): readonly [string, string] {
  return [name, "x"];
}

function request(principal: string, context: Readonly<Record<string, ContextValue>>): Request {
  const requester = requesterOf(principal);
  if (!requester) throw new Error(`nobody who can ask: \`${principal}\``);
  const keys = new Map(Object.entries(context).map(([name, content]) => [name.toLowerCase(), content]));
  return { principal: requester, action: "kms:Decrypt", resource: KEY, context: { keys, others: "absent" } };
}

/** Allow statements for the role, but for what is given. */
function read(...parts: readonly object[]): PolicyDocument {
  const Statement = parts.map((part) => ({
    Effect: "Allow",
    Principal: { AWS: ROLE },
    Action: "kms:Decrypt",
    Resource: "*",
    ...part,
  }));
  const parsed = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement }));
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.policy;
}
