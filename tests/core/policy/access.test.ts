/** What the golden cases can't say of whole decisions: several possible requests, and how the two questions agree. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AccessDecision, decideAccess } from "../../../packages/core/src/policy/access.ts";
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
import { anyPolicy } from "../laws/policies.ts";
import { partlyKnownRequest } from "../laws/requests.ts";

const ROLE = "arn:aws:iam::111122223333:role/service-role/AgentRole";
const KEY = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d";

describe("a whole decision", () => {
  test("without identity policies and boundary is the key policy's own, in the key's account", () => {
    fc.assert(
      fc.property(anyPolicy, partlyKnownRequest, (json, request) => {
        const keyPolicy = read(json);
        const alone = decide(keyPolicy, request);
        const whole = decideAccess({ keyPolicy, identityPolicies: [], request });
        expect(whole.kind).toBe(alone.kind);
        expect(whole.dependsOn).toEqual(alone.dependsOn);
        expect(whole.because.map(({ statement }) => statement.index)).toEqual(alone.because.map((s) => s.index).sort());
      }),
      { numRuns: 2000 },
    );
  });

  test("tells apart what a key may be across policies: two conditions that never hold together", () => {
    const keyPolicy = read(statement({ Principal: { AWS: "111122223333" }, Condition: equal("aws:a", "x") }));
    const identityPolicies = [read(statement({ Condition: equal("aws:a", "y") }))];
    const decision = decideAccess({ keyPolicy, identityPolicies, request: request({ "aws:a": either("x", "y") }) });
    expect(decision).toEqual<AccessDecision>({ kind: "not-allowed", because: [], dependsOn: [] });
  });

  test("is allowed where each possible request is, and gives the statements of all of them in order", () => {
    const keyPolicy = read(statement({ Principal: { AWS: ROLE }, Condition: equal("aws:a", "y") }));
    const identityPolicies = [read(statement({ Condition: equal("aws:a", "z") }))];
    const open = request({ "aws:a": either("y", "x") });
    expect(decideAccess({ keyPolicy, identityPolicies, request: open }).kind).toBe("depends");
    const both = read(
      statement(
        { Principal: { AWS: ROLE }, Condition: equal("aws:a", "x") },
        { Principal: { AWS: ROLE }, Condition: equal("aws:a", "y") },
      ),
    );
    const decision = decideAccess({ keyPolicy: both, identityPolicies, request: open });
    expect(decision.kind).toBe("allowed");
    expect(decision.because.map((because) => because.statement.index)).toEqual([0, 1]);
  });

  test("gives a policy that stands in several places once for each", () => {
    const policy = read(statement({}));
    const asked = request({});
    const decision = decideAccess({ identityPolicies: [policy, policy], boundary: policy, request: asked });
    expect(decision.because.map((because) => `${because.source} ${because.policy}`)).toEqual([
      "identity-policy 0",
      "identity-policy 1",
      "boundary 0",
    ]);
  });

  test("tells apart what a policy variable may stand for", () => {
    const keyPolicy = read(statement({ Principal: { AWS: ROLE }, Condition: equal("aws:a", "${aws:b}") }));
    const same = { "aws:a": value("x"), "aws:b": either("y", "z") };
    expect(decideAccess({ keyPolicy, identityPolicies: [], request: request(same) }).kind).toBe("not-allowed");
    const perhaps = { "aws:a": value("x"), "aws:b": oneOf(value("x"), ABSENT) };
    const open = decideAccess({ keyPolicy, identityPolicies: [], request: request(perhaps) });
    expect(open).toMatchObject({ kind: "depends", dependsOn: ["aws:b"] });
  });
});

function statement(...parts: readonly Readonly<Record<string, unknown>>[]): unknown {
  const Statement = parts.map((part) => ({ Effect: "Allow", Action: "kms:Decrypt", Resource: "*", ...part }));
  return { Version: "2012-10-17", Statement };
}

function equal(key: string, text: string): unknown {
  return { StringEquals: { [key]: text } };
}

function either(...texts: string[]): ContextValue {
  return oneOf(...texts.map((text) => value(text)));
}

function request(context: Readonly<Record<string, ContextValue>>): Request {
  const principal = requesterOf(ROLE);
  if (!principal) throw new Error("the role is not read");
  const keys = new Map(Object.entries(context));
  return { principal, action: "kms:Decrypt", resource: KEY, context: { keys, others: "absent" } };
}

function read(policy: unknown): PolicyDocument {
  const parsed = parsePolicy(JSON.stringify(policy));
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.policy;
}
