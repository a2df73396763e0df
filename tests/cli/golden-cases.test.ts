/** `simulate --cases` answers the golden cases of `tests/cases/decide` as they expect. */
import { expect, test } from "vitest";
import { parseArn } from "../../packages/core/src/arn.ts";
import { type CaseRequest, type DecisionCase, decisionCases } from "../core/policy/decision-case.ts";
import { cli } from "./run-cli.ts";

const cases = decisionCases().flatMap(([, list]) => list);

test("each golden case is answered as it expects", async () => {
  const asked = cases.flatMap((given) => {
    const { request } = given;
    return request && isWholeQuestion(given, request) ? [{ given, line: lineOf(given, request) }] : [];
  });
  // The rest are malformed policies, and another account's requests, which the key policy alone does not decide.
  expect(asked.length).toBeGreaterThan(cases.length * 0.8);
  const ended = await cli(["simulate", "--cases", "-"], asked.map(({ line }) => line).join("\n"));
  expect([ended.code, ended.err]).toEqual([0, ""]);
  const answers = ended.out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const answered = asked.map(({ given }, i) => {
    const { decision, dependsOn } = answers[i];
    // The whole decision may depend on more than the key policy's part of it.
    const named = isKeyPolicyOnly(given) ? given.expect.dependsOn?.filter((key) => dependsOn.includes(key)) : dependsOn;
    return { rule: given.rule, kind: decision, dependsOn: named ?? [] };
  });
  expect(answered).toEqual(
    asked.map(({ given: { rule, expect } }) => ({ rule, kind: expect.kind, dependsOn: expect.dependsOn ?? [] })),
  );
});

test("a golden case with a malformed policy is refused", async () => {
  const malformed = cases.filter((given) => given.expect.kind === "malformed");
  expect(malformed.length).toBeGreaterThan(10);
  const request: CaseRequest = {
    principal: "bedrock.amazonaws.com",
    action: "kms:Decrypt",
    resource: "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
    context: {},
    others: "absent",
  };
  const lines = malformed.map((given) => lineOf(given, given.request ?? request));
  const ended = await cli(["simulate", "--cases", "-"], lines.join("\n"));
  expect(ended.code).toBe(2);
  expect(
    ended.out
      .trimEnd()
      .split("\n")
      .map((line) => Object.keys(JSON.parse(line))),
  ).toEqual(lines.map(() => ["error"]));
});

/** A case that asks for the key policy's part only has the whole decision where the requester's account has no say. */
function isWholeQuestion(given: DecisionCase, request: CaseRequest): boolean {
  // The command refuses such a name wherever it stands.
  if (given.expect.kind === "malformed" || JSON.stringify(given.policy ?? "").includes("__proto__")) return false;
  if (!isKeyPolicyOnly(given)) return true;
  const account = parseArn(request.principal)?.account;
  return account === undefined || account === parseArn(request.resource)?.account;
}

function isKeyPolicyOnly({ policy, identityPolicies, boundary }: DecisionCase): boolean {
  return policy !== undefined && identityPolicies === undefined && boundary === undefined;
}

function lineOf(given: DecisionCase, { others, unknown, ...request }: CaseRequest): string {
  const { policy, identityPolicies, boundary } = given;
  const all = others === "unknown" ? "*" : unknown;
  return JSON.stringify({ policy, identityPolicies, boundary, request: { ...request, unknown: all } });
}
