/**
 * Two implementations that share no code: the engine, which may say "depends", and the naive evaluator of the local AWS,
 * which knows everything of a request.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../../../packages/core/src/policy/decide.ts";
import { parsePolicy } from "../../../packages/core/src/policy/document.ts";
import type { Request, Requester } from "../../../packages/core/src/policy/request.ts";
import type { Caller } from "../../../packages/local/src/contract.ts";
import { authorize } from "../../../packages/local/src/evaluator/authorize.ts";
import { anyPolicy, type PolicyJson } from "./policies.ts";
import { knownRequest, requestAndFilling } from "./requests.ts";

describe("the engine and the naive evaluator", () => {
  test("agree on every request of which everything is known, wherever the engine decides", () => {
    fc.assert(
      fc.property(anyPolicy, knownRequest, (policy, request) => {
        expectAgreement(policy, request, request);
      }),
      { numRuns: 6000 },
    );
  });

  test("agree on whatever a partly known request turns out to be, wherever the engine decides", () => {
    fc.assert(
      fc.property(anyPolicy, requestAndFilling, (policy, { partly, filled }) => {
        expectAgreement(policy, partly, filled);
      }),
      { numRuns: 6000 },
    );
  });

  test("meet often enough for their agreement to mean something", () => {
    const kinds = fc
      .sample(fc.tuple(anyPolicy, knownRequest), 2000)
      .map(([policy, request]) => decided(policy, request));
    for (const kind of ["allowed", "denied", "not-allowed"]) {
      expect(kinds.filter((k) => k === kind).length).toBeGreaterThan(50);
    }
    expect(kinds.filter((k) => k === "depends").length).toBeLessThan(500);
  });
});

function expectAgreement(policy: PolicyJson, asked: Request, turnsOut: Request): void {
  const kind = decided(policy, asked);
  if (kind === "depends" || rootSparedByAccountId(policy, asked)) return;
  const answer = authorize({
    caller: callerOf(turnsOut.principal),
    action: turnsOut.action,
    resource: turnsOut.resource,
    context: plain(turnsOut),
    resourcePolicy: { source: "the key's policy", document: policy },
  });
  expect(answer.kind).toBe(kind === "allowed" ? "allowed" : "denied");
  if (kind === "denied") expect(answer).toMatchObject({ explicit: true });
}

/**
 * A known difference: the engine takes the account's bare id in NotPrincipal for its root user, as AWS's pages call the
 * two forms the same; the evaluator takes it for the account alone.
 */
function rootSparedByAccountId(policy: PolicyJson, { principal }: Request): boolean {
  const named = policy.Statement.map((s) => JSON.stringify(s.NotPrincipal ?? ""));
  return principal.kind === "root" && named.some((text) => text.includes(`"${principal.account}"`));
}

function decided(policy: PolicyJson, request: Request): string {
  const parsed = parsePolicy(JSON.stringify(policy));
  if (parsed.kind === "malformed") throw new Error(`the arbitrary policy is malformed: ${parsed.reason}`);
  return decide(parsed.policy, request).kind;
}

/** Callers without identity policies: what the key's policy leaves to IAM is then not allowed. */
function callerOf(requester: Requester): Caller {
  switch (requester.kind) {
    case "service":
      return { kind: "service", name: requester.name };
    case "role":
      return { kind: "role", roleArn: requester.arn, sessionName: "s1", account: requester.account, policies: [] };
    case "user":
      return { kind: "user", arn: requester.arn, account: requester.account, policies: [] };
    case "root": {
      const arn = `arn:${requester.partition}:iam::${requester.account}:root`;
      return { kind: "user", arn, account: requester.account, policies: [] };
    }
    default:
      return requester satisfies never;
  }
}

function plain(request: Request): Readonly<Record<string, readonly string[]>> {
  const present = [...request.context.keys].flatMap(([key, content]) =>
    content.kind === "known" ? [[key, content.values] as const] : [],
  );
  return Object.fromEntries(present);
}
