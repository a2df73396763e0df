import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalPolicy, policyDigest } from "../../../packages/core/src/policy/canonical.ts";
import { type Decision, decide } from "../../../packages/core/src/policy/decide.ts";
import { parsePolicy } from "../../../packages/core/src/policy/document.ts";
import type { Request } from "../../../packages/core/src/policy/request.ts";
import { allowStatement, anyPolicy, denyStatement, type PolicyJson } from "./policies.ts";
import { partlyKnownRequest, requestAndFilling } from "./requests.ts";
import { reversed, withStatement } from "./rewritten.ts";
import { runs } from "./runs.ts";

const RUNS = runs(1500);

describe("a decision", () => {
  test("is never less than before when an Allow is added", () => {
    const stays: Readonly<Record<Decision["kind"], readonly Decision["kind"][]>> = {
      allowed: ["allowed"],
      denied: ["denied"],
      "not-allowed": ["not-allowed", "depends", "allowed"],
      depends: ["depends", "allowed"],
    };
    fc.assert(
      fc.property(anyPolicy, allowStatement, fc.nat(5), partlyKnownRequest, (policy, added, at, request) => {
        expect(stays[kindOf(policy, request)]).toContain(kindOf(withStatement(policy, added, at), request));
      }),
      RUNS,
    );
  });

  test("is never more than before when a Deny is added", () => {
    const stays: Readonly<Record<Decision["kind"], readonly Decision["kind"][]>> = {
      allowed: ["allowed", "depends", "denied"],
      denied: ["denied"],
      "not-allowed": ["not-allowed", "denied"],
      depends: ["depends", "denied"],
    };
    fc.assert(
      fc.property(anyPolicy, denyStatement, fc.nat(5), partlyKnownRequest, (policy, added, at, request) => {
        expect(stays[kindOf(policy, request)]).toContain(kindOf(withStatement(policy, added, at), request));
      }),
      RUNS,
    );
  });

  test("does not depend on the order of statements, list members and condition keys", () => {
    fc.assert(
      fc.property(anyPolicy, partlyKnownRequest, (policy, request) => {
        const { kind, dependsOn } = decideOn(policy, request);
        expect(decideOn(reversed(policy), request)).toMatchObject({ kind, dependsOn });
      }),
      RUNS,
    );
  });

  test("made on what is known is not contradicted by what turns out", () => {
    const stays: Readonly<Record<Decision["kind"], readonly Decision["kind"][]>> = {
      allowed: ["allowed"],
      denied: ["denied"],
      // Where nothing allows, whether a Deny holds too may still be open.
      "not-allowed": ["not-allowed", "denied"],
      depends: ["allowed", "denied", "not-allowed", "depends"],
    };
    fc.assert(
      fc.property(anyPolicy, requestAndFilling, (policy, { partly, filled }) => {
        expect(stays[kindOf(policy, partly)]).toContain(kindOf(policy, filled));
      }),
      runs(6000),
    );
  });

  test("that depends names what it depends on, and no other names anything", () => {
    fc.assert(
      fc.property(anyPolicy, partlyKnownRequest, (policy, request) => {
        const { kind, dependsOn } = decideOn(policy, request);
        expect(dependsOn.length > 0).toBe(kind === "depends");
      }),
      RUNS,
    );
  });

  test("is the same on the canonical form of the policy", () => {
    fc.assert(
      fc.property(anyPolicy, partlyKnownRequest, (policy, request) => {
        const canonical = JSON.parse(canonicalPolicy(JSON.stringify(policy)) ?? "null") as PolicyJson;
        const { kind, dependsOn } = decideOn(policy, request);
        expect(decideOn(canonical, request)).toMatchObject({ kind, dependsOn });
      }),
      RUNS,
    );
  });
});

describe("the canonical form", () => {
  test("is the same for texts that differ in white space and the order of members only", () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const turned = { ...reversed(policy), Statement: policy.Statement };
        expect(policyDigest(JSON.stringify(turned, null, 2))).toBe(policyDigest(JSON.stringify(policy)));
      }),
      runs(100),
    );
  });

  test("is its own canonical form", () => {
    fc.assert(
      fc.property(anyPolicy, (policy) => {
        const once = canonicalPolicy(JSON.stringify(policy));
        expect(canonicalPolicy(once ?? "")).toBe(once);
      }),
      runs(100),
    );
  });

  test("tells policies apart that decide differently", () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, partlyKnownRequest, (a, b, request) => {
        if (kindOf(a, request) === kindOf(b, request)) return;
        expect(policyDigest(JSON.stringify(a))).not.toBe(policyDigest(JSON.stringify(b)));
      }),
      runs(100),
    );
  });
});

function decideOn(policy: PolicyJson, request: Request): Decision {
  const parsed = parsePolicy(JSON.stringify(policy));
  if (parsed.kind === "malformed") throw new Error(`the arbitrary policy is malformed: ${parsed.reason}`);
  return decide(parsed.policy, request);
}

function kindOf(policy: PolicyJson, request: Request): Decision["kind"] {
  return decideOn(policy, request).kind;
}
