/** Verdicts held against the naive evaluator: each proof is one for whatever the documented call turns out to carry. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { judge, type Verdict } from "../../../packages/core/src/key/judge.ts";
import { accessNeeded, union } from "../../../packages/core/src/key/own-access.ts";
import { ABSENT, type ContextValue, lookUp, type Request } from "../../../packages/core/src/policy/request.ts";
import { requestsFor, requirementsOf } from "../../../packages/core/src/requirements/instance.ts";
import { PROFILE_IDS, profile } from "../../../packages/core/src/requirements/profiles.ts";
import { anyAgent, anyAgents, onKey } from "./agents.ts";
import { OPEN_KEYS } from "./condition-keys.ts";
import { anyPolicy, clearPolicy } from "./policies.ts";
import { possibleValues } from "./requests.ts";
import { runs } from "./runs.ts";
import { opinion, parsed } from "./second-opinion.ts";
import { AGENT_IDS, agentOf, FACTS, KEY, ROLES } from "./universe.ts";

const [agentId = ""] = AGENT_IDS;
const withMemory = { ...agentOf(agentId, ROLES[0]), memoryEnabled: true };
const instances = requirementsOf(KEY, [withMemory], profile("documented"));
const profiles = fc.constantFrom(...PROFILE_IDS).map(profile);
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

describe("what a key must allow for its agents", () => {
  test("is for an agent what it would be if each of its versions on the key were its draft", () => {
    fc.assert(
      fc.property(anyAgent, profiles, (agent, asked) => {
        const needed = (one: typeof agent) => accessNeeded(requirementsOf(KEY, [one], asked));
        const alone = onKey(agent).map((use) => needed({ ...agent, ...use, versions: [] }));
        expect(needed(agent)).toEqual(union(...alone));
      }),
      runs(500),
    );
  });

  test("is for several agents what it is for each of them", () => {
    fc.assert(
      fc.property(anyAgents, profiles, (agents, asked) => {
        const needed = (some: typeof agents) => accessNeeded(requirementsOf(KEY, some, asked));
        expect(needed(agents)).toEqual(union(...agents.map((agent) => needed([agent]))));
      }),
      runs(500),
    );
  });

  test("names as needing it those agents alone that would need it by themselves", () => {
    fc.assert(
      fc.property(anyAgents, profiles, (agents, asked) => {
        const names = (some: typeof agents) =>
          requirementsOf(KEY, some, asked).flatMap(({ requirement, subject, agents: ids }) =>
            ids.map((id) => [requirement.id, subject.agent, subject.role, id].join(" ")),
          );
        expect(names(agents).sort()).toEqual(agents.flatMap((agent) => names([agent])).sort());
      }),
      runs(500),
    );
  });

  test("is by creation date a part of what it is as documented", () => {
    fc.assert(
      fc.property(anyAgents, (agents) => {
        const all = requirementsOf(KEY, agents, profile("documented"));
        const ids = new Map(all.map((one) => [JSON.stringify([one.requirement.id, one.subject]), one.agents]));
        for (const { requirement, subject, agents: some } of requirementsOf(KEY, agents, profile("by-creation-date"))) {
          const whole = ids.get(JSON.stringify([requirement.id, subject])) ?? [];
          expect(some.filter((id) => !whole.includes(id))).toEqual([]);
        }
      }),
      runs(500),
    );
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
