import { expect, test } from "vitest";
import { inWords } from "../../packages/cli/src/simulate/answer.ts";
import { readCase } from "../../packages/cli/src/simulate/read-case.ts";
import { decideAccess } from "../../packages/core/src/policy/access.ts";
import { ADMIN, DENY_DECRYPT, policy, request } from "./samples.ts";

const IDENTITY = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*" }] };
const answered = (given: object) => {
  const question = readCase(JSON.parse(JSON.stringify({ request: request(), ...given })));
  return inWords(question, decideAccess(question)).split("\n");
};

test("a person is told the decision, and where each statement that decides stands", () => {
  const denied = answered({ policy: policy(ADMIN, DENY_DECRYPT), identityPolicies: [IDENTITY] });
  expect(denied.slice(0, 5)).toEqual([
    "denied: a Deny certainly matches",
    "",
    'key policy, statement 2 "NoDecrypt":',
    "  {",
    '    "Sid": "NoDecrypt",',
  ]);
});

test("one of several identity policies is told by its number", () => {
  const allowed = answered({ policy: policy(ADMIN), identityPolicies: [{ ...IDENTITY, Statement: [] }, IDENTITY] });
  expect(allowed[0]).toBe("allowed: an Allow certainly matches, and no Deny does");
  expect(allowed).toContain("identity policy 2, statement 1:");
});

test("what it depends on is told by name", () => {
  const deny = { ...DENY_DECRYPT, Condition: { StringNotEquals: { "aws:SourceVpc": "vpc-1" } } };
  const open = answered({
    policy: policy(ADMIN, deny),
    identityPolicies: [IDENTITY],
    request: request({ unknown: "*" }),
  });
  expect(open.slice(0, 3)).toEqual(["depends: on what the request does not say", "", "on aws:SourceVpc"]);
});

test("that nothing allows it is told without statements", () => {
  expect(answered({ policy: policy(ADMIN) })).toEqual(["not allowed: no policy that counts here allows it"]);
});
