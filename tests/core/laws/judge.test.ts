/** Verdicts held against the naive evaluator: each proof is one for whatever the documented call turns out to carry. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge, type Verdict } from "../../../packages/core/src/key/judge.ts";
import { ABSENT, type ContextValue, lookUp, type Request } from "../../../packages/core/src/policy/request.ts";
import { requestsFor, requirementsOf } from "../../../packages/core/src/requirements/instance.ts";
import { OPEN_KEYS } from "./condition-keys.ts";
import { anyPolicy, clearPolicy } from "./policies.ts";
import { possibleValues } from "./requests.ts";
import { runs } from "./runs.ts";
import { opinion, parsed } from "./second-opinion.ts";
import { AGENT_IDS, agentOf, FACTS, KEY, ROLES } from "./universe.ts";

const [agentId = ""] = AGENT_IDS;
const instances = requirementsOf(KEY, [agentOf(agentId, ROLES[0])]);
const picks = fc.array(fc.nat(1000), { minLength: 8, maxLength: 20 });
const policy = fc.oneof(anyPolicy, clearPolicy);

describe("a verdict, for whatever the documented calls turn out to carry,", () => {
  test("of `met` stands: every request is allowed", () => {
    const met = heldAgainstEvaluator("met", (opinions) => opinions.every((said) => said === "allowed"));
    expect(met).toBeGreaterThan(runs(100).numRuns);
  });

  test("of `blocked` stands: a request is denied by a Deny", () => {
    const blocked = heldAgainstEvaluator("blocked", (opinions) => opinions.includes("denied"));
    expect(blocked).toBeGreaterThan(runs(100).numRuns);
  });

  test("of `missing` stands: a request is not allowed, and by no Deny's doing alone", () => {
    const missing = heldAgainstEvaluator("missing", (opinions) => opinions.includes("not-allowed"));
    expect(missing).toBeGreaterThan(runs(100).numRuns);
  });
});

/** @returns how many verdicts of this kind were tried */
function heldAgainstEvaluator(kind: Verdict["kind"], stands: (opinions: readonly string[]) => boolean): number {
  let tried = 0;
  fc.assert(
    fc.property(policy, fc.constantFrom(...instances), picks, (keyPolicy, { requirement, subject }, chosen) => {
      const verdict = judge(parsed(keyPolicy), requirement, subject, FACTS);
      if (verdict.kind !== kind) return;
      tried++;
      const sources = verdict.kind === "met" && verdict.tighter ? "named" : "as-known";
      const requests = requestsFor(requirement, subject, FACTS, sources).filter(({ witness }) => !witness);
      const opinions = requests.map(({ request }) =>
        opinion({ keyPolicy, identityPolicies: [] }, turnedOut(request, chosen)),
      );
      expect(stands(opinions), `${requirement.id}: ${opinions}`).toBe(true);
    }),
    runs(2000),
  );
  return tried;
}

/** One of the calls that a documented call may be. */
function turnedOut(request: Request, chosen: readonly number[]): Request {
  const keys = new Map<string, ContextValue>();
  for (const [i, name] of [...new Set([...request.context.keys.keys(), ...OPEN_KEYS.keys()])].entries()) {
    const possible = possibleValues(name, lookUp(request.context, name));
    keys.set(name, possible[(chosen[i % chosen.length] ?? 0) % possible.length] ?? ABSENT);
  }
  return { ...request, context: { keys, others: "absent" } };
}
