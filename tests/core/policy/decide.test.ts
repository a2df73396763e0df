import { describe, expect, test } from "vitest";
import { decide } from "../../../packages/core/src/policy/decide.ts";
import { parsePolicy } from "../../../packages/core/src/policy/document.ts";
import { type DecisionCase, decisionCases, policyText, requestOf } from "./decision-case.ts";

describe.each(decisionCases())("%s", (_topic, cases) => {
  test.each(cases.map((c) => [c.rule, c] as const))("%s", (_rule, given) => {
    expect(answerTo(given)).toEqual(given.expect);
  });
});

function answerTo(given: DecisionCase): DecisionCase["expect"] {
  const parsed = parsePolicy(policyText(given.policy));
  if (parsed.kind === "malformed") return { kind: "malformed" };
  if (!given.request) throw new Error("a case without a request expects a malformed policy, and this one was read");
  const decision = decide(parsed.policy, requestOf(given.request));
  return {
    kind: decision.kind,
    ...(decision.kind === "depends" ? { dependsOn: decision.dependsOn } : {}),
    ...(given.expect.delegatedBy ? { delegatedBy: decision.delegatedBy.map((s) => s.index) } : {}),
  };
}
