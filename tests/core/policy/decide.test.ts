import { describe, expect, test } from "vitest";
import { decideAccess } from "../../../packages/core/src/policy/access.ts";
import { decide } from "../../../packages/core/src/policy/decide.ts";
import { type PolicyDocument, parsePolicy } from "../../../packages/core/src/policy/document.ts";
import { type CaseRequest, type DecisionCase, decisionCases, policyText, requestOf } from "./decision-case.ts";

describe.each(decisionCases())("%s", (_topic, cases) => {
  test.each(cases.map((c) => [c.rule, c] as const))("%s", (_rule, given) => {
    expect(answerTo(given)).toEqual(given.expect);
  });
});

function answerTo(given: DecisionCase): DecisionCase["expect"] {
  const policies = [given.policy, ...(given.identityPolicies ?? []), given.boundary].filter((p) => p !== undefined);
  if (policies.some((policy) => parsePolicy(policyText(policy)).kind === "malformed")) return { kind: "malformed" };
  if (!given.request) throw new Error("a case without a request expects a malformed policy, and this one was read");
  const whole = given.policy === undefined || given.identityPolicies !== undefined || given.boundary !== undefined;
  const decision = whole ? wholeDecision(given, given.request) : keyDecision(given, given.request);
  return {
    kind: decision.kind,
    ...(decision.kind === "depends" ? { dependsOn: decision.dependsOn } : {}),
    ...(given.expect.because ? { because: decision.because } : {}),
    ...(given.expect.delegatedBy ? { delegatedBy: decision.delegatedBy } : {}),
  };
}

interface Answer {
  readonly kind: DecisionCase["expect"]["kind"];
  readonly dependsOn: readonly string[];
  readonly because: readonly string[];
  readonly delegatedBy: readonly number[];
}

function keyDecision(given: DecisionCase, request: CaseRequest): Answer {
  const policy = read(given.policy);
  const decision = decide(policy, requestOf(request));
  // The first question is put to the whole policy, further ones to the part of it that can matter.
  expect(decide(policy, requestOf(request))).toEqual(decision);
  return {
    ...decision,
    because: decision.because.map((statement) => `key-policy 0 ${statement.index}`),
    delegatedBy: decision.delegatedBy.map((statement) => statement.index),
  };
}

function wholeDecision(given: DecisionCase, request: CaseRequest): Answer {
  const decision = decideAccess({
    ...(given.policy === undefined ? {} : { keyPolicy: read(given.policy) }),
    identityPolicies: (given.identityPolicies ?? []).map(read),
    ...(given.boundary === undefined ? {} : { boundary: read(given.boundary) }),
    request: requestOf(request),
  });
  const because = decision.because.map(({ source, policy, statement }) => `${source} ${policy} ${statement.index}`);
  return { ...decision, because, delegatedBy: [] };
}

function read(policy: unknown): PolicyDocument {
  const parsed = parsePolicy(policyText(policy));
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.policy;
}
