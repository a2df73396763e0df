/**
 * Two implementations that share no code: the engine, which may say "depends", and the naive evaluator of the local AWS,
 * which knows everything of a request.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideAccess } from "../../../packages/core/src/policy/access.ts";
import { decide } from "../../../packages/core/src/policy/decide.ts";
import { OPERATORS as ENGINE_OPERATORS } from "../../../packages/core/src/policy/operators.ts";
import type { Request } from "../../../packages/core/src/policy/request.ts";
import { OPERATORS as NAIVE_OPERATORS } from "../../../packages/local/src/evaluator/operators.ts";
import { KEY_USES } from "./condition-keys.ts";
import { anyIdentityPolicy, anyPolicy, clearIdentityPolicy, clearPolicy } from "./policies.ts";
import {
  type Filling,
  fillingAnywhere,
  knownRequest,
  knownRequestAnywhere,
  partlyKnownRequest,
  partlyKnownRequestAnywhere,
  requestAndFilling,
} from "./requests.ts";
import { runs } from "./runs.ts";
import { allFillings, opinion, type Policies, parsed, questionOf } from "./second-opinion.ts";

/** A key policy by itself: what it leaves to IAM is not allowed by any identity policy. */
const keyPolicyAlone = anyPolicy.map((keyPolicy): Policies => ({ keyPolicy, identityPolicies: [] }));
const clearKeyPolicyAlone = clearPolicy.map((keyPolicy): Policies => ({ keyPolicy, identityPolicies: [] }));

const anyPolicies: fc.Arbitrary<Policies> = fc.record({
  keyPolicy: anyPolicy,
  identityPolicies: fc.array(anyIdentityPolicy, { maxLength: 2 }),
  boundary: fc.option(anyIdentityPolicy, { nil: undefined, freq: 2 }),
});
const clearPolicies: fc.Arbitrary<Policies> = fc
  .record({
    keyPolicy: clearPolicy,
    identityPolicies: fc.array(clearIdentityPolicy, { maxLength: 2 }),
    boundary: fc.option(clearIdentityPolicy, { nil: undefined, freq: 2 }),
  })
  // Whether a boundary limits a role that is let in as anybody, AWS's pages do not say.
  .filter(({ keyPolicy, boundary }) => !boundary || keyPolicy.Statement.every(({ Principal }) => Principal !== "*"));

type Engine = (policies: Policies, request: Request) => "allowed" | "denied" | "not-allowed" | "depends";
const byKeyPolicy: Engine = ({ keyPolicy }, request) => decide(parsed(keyPolicy), request).kind;
const byAllPolicies: Engine = (policies, request) => decideAccess(questionOf(policies, request)).kind;

describe.each([
  ["on a key policy alone", byKeyPolicy, keyPolicyAlone, clearKeyPolicyAlone, false],
  ["on all policies together", byAllPolicies, anyPolicies, clearPolicies, true],
] as const)("the engine and the naive evaluator, %s,", (_on, engine, any, clear, anywhere) => {
  const known = anywhere ? knownRequestAnywhere : knownRequest;
  const filling: fc.Arbitrary<Filling> = anywhere ? fillingAnywhere : requestAndFilling;
  const partly = anywhere ? partlyKnownRequestAnywhere : partlyKnownRequest;

  test("agree on every request of which everything is known, wherever the engine decides", () => {
    fc.assert(
      fc.property(any, known, (policies, request) => {
        expectAgreement(engine(forRequester(policies, request), request), forRequester(policies, request), request);
      }),
      runs(4000),
    );
  });

  test("agree on whatever a partly known request turns out to be, wherever the engine decides", () => {
    fc.assert(
      fc.property(any, filling, (policies, { partly: open, filled }) => {
        expectAgreement(engine(forRequester(policies, open), open), forRequester(policies, open), filled);
      }),
      runs(4000),
    );
  });

  // The policies say only what AWS's pages settle: there the engine has no excuse but the keys that it is not told.
  test("agree on all that a request can turn out to be; `depends` where there is one answer is rare", () => {
    const counts = { cases: 0, "too many to try": 0, decided: 0, depends: 0, needless: 0 };
    fc.assert(
      fc.property(clear, partly, (all, request) => {
        const policies = forRequester(all, request);
        const fillings = allFillings(policies, request, 400);
        counts.cases++;
        if (!fillings) {
          counts["too many to try"]++;
          return;
        }
        const kind = engine(policies, request);
        const answers = new Set(fillings.map((filled) => opinion(policies, filled) === "allowed"));
        if (kind !== "depends") {
          counts.decided++;
          expect([...answers]).toEqual([kind === "allowed"]);
        } else {
          counts.depends++;
          if (answers.size === 1) counts.needless++;
        }
      }),
      runs(3000),
    );
    const tried = counts.cases - counts["too many to try"];
    console.info(`${_on}: ${JSON.stringify(counts)}`);
    expect(counts.decided).toBeGreaterThan(tried / 2);
    expect(counts.depends).toBeGreaterThan(Math.floor(tried / 250));
    expect(tried).toBeGreaterThan(counts.cases / 2);
    expect(counts.needless).toBeLessThanOrEqual(tried / 100);
  });

  test("meet often enough for their agreement to mean something", () => {
    const kinds = fc
      .sample(fc.tuple(any, known), { numRuns: 2000, seed: 1 })
      .map(([p, r]) => engine(forRequester(p, r), r));
    for (const kind of ["allowed", "denied", "not-allowed"]) {
      expect(kinds.filter((k) => k === kind).length, kind).toBeGreaterThan(50);
    }
    expect(kinds.filter((k) => k === "depends").length).toBeLessThan(600);
  });
});

describe("the operators of conditions", () => {
  test("are the same for both, and all in the policies that they are asked about", () => {
    const used = new Set(KEY_USES.flatMap(({ operators }) => operators));
    expect([...used].sort()).toEqual([...ENGINE_OPERATORS.keys()].sort());
    expect([...NAIVE_OPERATORS.keys()].sort()).toEqual([...ENGINE_OPERATORS.keys()].sort());
  });
});

/** Services and root users have no identity policies and no boundary. */
function forRequester(policies: Policies, { principal }: Request): Policies {
  const has = principal.kind !== "service" && principal.kind !== "root";
  return has ? policies : { keyPolicy: policies.keyPolicy, identityPolicies: [] };
}

function expectAgreement(kind: ReturnType<Engine>, policies: Policies, turnsOut: Request): void {
  if (kind === "depends") return;
  const said = opinion(policies, turnsOut);
  // Where nothing allows, whether a Deny holds too may be open.
  if (kind === "not-allowed") expect(["not-allowed", "denied"]).toContain(said);
  else expect(said).toBe(kind);
}
