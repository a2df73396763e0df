/** The laws of whole decisions: a key policy, identity policies and a boundary together. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AccessDecision, decideAccess } from "../../../packages/core/src/policy/access.ts";
import { canonicalPolicy } from "../../../packages/core/src/policy/canonical.ts";
import { decide } from "../../../packages/core/src/policy/decide.ts";
import { type Request, UNKNOWN } from "../../../packages/core/src/policy/request.ts";
import {
  allowStatement,
  anyIdentityPolicy,
  anyPolicy,
  denyStatement,
  identityAllow,
  identityDeny,
  type PolicyJson,
  type StatementJson,
} from "./policies.ts";
import { fillingAnywhere, partlyKnownRequest, partlyKnownRequestAnywhere } from "./requests.ts";
import { reversed, withStatement } from "./rewritten.ts";
import { runs } from "./runs.ts";
import { type Policies, parsed, questionOf } from "./second-opinion.ts";

type Kind = AccessDecision["kind"];
type Course = Readonly<Record<Kind, readonly Kind[]>>;

const RUNS = runs(1500);

const anyPolicies: fc.Arbitrary<Policies> = fc.record({
  keyPolicy: anyPolicy,
  identityPolicies: fc.array(anyIdentityPolicy, { minLength: 1, maxLength: 2 }),
  boundary: fc.option(anyIdentityPolicy, { nil: undefined, freq: 2 }),
});

/** The policies, and the same with one statement more in one of them. */
function oneMore(forKeyPolicy: fc.Arbitrary<StatementJson>, forIdentity: fc.Arbitrary<StatementJson>) {
  return fc
    .tuple(anyPolicies, fc.constantFrom("key", "identity", "boundary"), forKeyPolicy, forIdentity, fc.nat(5))
    .map(([before, where, inKeyPolicy, inIdentity, at]) => {
      const { keyPolicy, identityPolicies, boundary } = before;
      const [first, ...others] = identityPolicies;
      const more: Record<string, Partial<Policies>> = {
        key: { keyPolicy: withStatement(keyPolicy, inKeyPolicy, at) },
        identity: first ? { identityPolicies: [withStatement(first, inIdentity, at), ...others] } : {},
        boundary: boundary ? { boundary: withStatement(boundary, inIdentity, at) } : {},
      };
      return { before, after: { ...before, ...more[where] } };
    });
}

describe("a whole decision", () => {
  test("is never less than before when an Allow is added, wherever that is", () => {
    const stays: Course = {
      allowed: ["allowed"],
      denied: ["denied"],
      "not-allowed": ["not-allowed", "depends", "allowed"],
      depends: ["depends", "allowed"],
    };
    fc.assert(
      fc.property(oneMore(allowStatement, identityAllow), partlyKnownRequestAnywhere, ({ before, after }, request) => {
        expect(stays[kindOf(before, request)]).toContain(kindOf(after, request));
      }),
      RUNS,
    );
  });

  test("is never more than before when a Deny is added, wherever that is", () => {
    const stays: Course = {
      allowed: ["allowed", "depends", "denied"],
      denied: ["denied"],
      "not-allowed": ["not-allowed", "denied"],
      depends: ["depends", "denied"],
    };
    fc.assert(
      fc.property(oneMore(denyStatement, identityDeny), partlyKnownRequestAnywhere, ({ before, after }, request) => {
        expect(stays[kindOf(before, request)]).toContain(kindOf(after, request));
      }),
      RUNS,
    );
  });

  test("is never more than before when a boundary is set", () => {
    const stays: Course = {
      allowed: ["allowed", "depends", "denied", "not-allowed"],
      denied: ["denied"],
      "not-allowed": ["not-allowed", "denied"],
      depends: ["depends", "denied", "not-allowed"],
    };
    fc.assert(
      fc.property(anyPolicies, anyIdentityPolicy, partlyKnownRequestAnywhere, (policies, boundary, request) => {
        const free = kindOf({ ...policies, boundary: undefined }, request);
        expect(stays[free]).toContain(kindOf({ ...policies, boundary }, request));
      }),
      RUNS,
    );
  });

  test("does not depend on the order of policies, statements, list members and condition keys", () => {
    fc.assert(
      fc.property(anyPolicies, partlyKnownRequestAnywhere, (policies, request) => {
        const { kind, dependsOn } = decideOn(policies, request);
        expect(decideOn(reversed(policies), request)).toMatchObject({ kind, dependsOn });
      }),
      RUNS,
    );
  });

  test("is the same on the canonical form of each policy", () => {
    fc.assert(
      fc.property(anyPolicies, partlyKnownRequestAnywhere, (policies, request) => {
        const { kind, dependsOn } = decideOn(policies, request);
        const { keyPolicy, identityPolicies, boundary } = policies;
        const rewritten = {
          keyPolicy: canonical(keyPolicy),
          identityPolicies: identityPolicies.map(canonical),
          boundary: boundary && canonical(boundary),
        };
        expect(decideOn(rewritten, request)).toMatchObject({ kind, dependsOn });
      }),
      RUNS,
    );
  });

  test("made on what is known is not contradicted by what turns out", () => {
    const stays: Course = {
      allowed: ["allowed"],
      denied: ["denied"],
      // Where nothing allows, whether a Deny holds too may still be open.
      "not-allowed": ["not-allowed", "denied"],
      depends: ["allowed", "denied", "not-allowed", "depends"],
    };
    fc.assert(
      fc.property(anyPolicies, fillingAnywhere, (policies, { partly, filled }) => {
        expect(stays[kindOf(policies, partly)]).toContain(kindOf(policies, filled));
      }),
      runs(3000),
    );
  });

  test("stays as it was, or is open, when a known key is made unknown", () => {
    const stays: Course = {
      allowed: ["allowed", "depends"],
      // A Deny that may or may not hold, where nothing allows anyway.
      denied: ["denied", "depends", "not-allowed"],
      "not-allowed": ["not-allowed", "depends"],
      depends: ["depends"],
    };
    fc.assert(
      fc.property(anyPolicies, partlyKnownRequestAnywhere, fc.nat(), (policies, request, pick) => {
        const names = [...request.context.keys.keys()];
        const keys = new Map(request.context.keys).set(names[pick % names.length] ?? "", UNKNOWN);
        const less = { ...request, context: { ...request.context, keys } };
        expect(stays[kindOf(policies, request)]).toContain(kindOf(policies, less));
      }),
      runs(3000),
    );
  });

  test("that depends names what it depends on, and no other names anything", () => {
    fc.assert(
      fc.property(anyPolicies, partlyKnownRequestAnywhere, (policies, request) => {
        const { kind, dependsOn } = decideOn(policies, request);
        expect(dependsOn.length > 0).toBe(kind === "depends");
      }),
      RUNS,
    );
  });

  test("without identity policies is the key policy's, in the key's own account", () => {
    fc.assert(
      fc.property(anyPolicy, partlyKnownRequest, (keyPolicy, request) => {
        const { kind, dependsOn } = decide(parsed(keyPolicy), request);
        expect(decideOn({ keyPolicy, identityPolicies: [] }, request)).toMatchObject({ kind, dependsOn });
      }),
      RUNS,
    );
  });

  test("names statements of the effect that decided, each once", () => {
    fc.assert(
      fc.property(anyPolicies, partlyKnownRequestAnywhere, (policies, request) => {
        const { kind, because } = decideOn(policies, request);
        const effects = new Set(because.map(({ statement }) => statement.effect));
        if (kind === "allowed") expect([...effects]).not.toContain("Deny");
        if (kind === "denied") expect([...effects]).toEqual(["Deny"]);
        const places = because.map(({ source, policy, statement }) => `${source} ${policy} ${statement.index}`);
        expect(new Set(places).size).toBe(places.length);
      }),
      RUNS,
    );
  });
});

function decideOn(policies: Policies, request: Request): AccessDecision {
  return decideAccess(questionOf(policies, request));
}

function kindOf(policies: Policies, request: Request): Kind {
  return decideOn(policies, request).kind;
}

function canonical(policy: PolicyJson): PolicyJson {
  return JSON.parse(canonicalPolicy(JSON.stringify(policy)) ?? "null") as PolicyJson;
}
