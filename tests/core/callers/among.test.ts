/** The law of a look at a part: what is not among it is neither given nor taken away, and the part is as it would be. */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { ownDocument } from "../../../packages/core/src/callers/own-policy.ts";
import { type Need, needsOf, type PlanSettings, planCaller } from "../../../packages/core/src/callers/plan.ts";
import { policiesOf } from "../../../packages/core/src/callers/policies.ts";
import { runs } from "../laws/runs.ts";
import { AGENT_ARNS, AGENT_IDS } from "../laws/universe.ts";
import { accountFrom, type Given, KEY, OTHER_KEY, type PolicyIn, reviewOf, settingsFrom } from "./account.ts";
import { anyAccount } from "./arbitraries.ts";

const RUNS = runs(300);
const met = { given: 0, taken: 0, kept: 0 };
afterAll(() => {
  for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(RUNS.numRuns / 20);
});

const names = (needs: readonly Need[]) => needs.map(({ key, agent }) => `${key} ${agent}`).sort();

test("a plan touches only what was judged, and that as if all had been", () => {
  fc.assert(
    fc.property(
      anyAccount,
      fc.subarray(AGENT_ARNS),
      fc.subarray(AGENT_IDS, { minLength: 1 }),
      fc.constantFrom(KEY, OTHER_KEY),
      (given, had, part, key) => {
        const own = ownDocument(new Map([[key, had]]));
        const policy: Record<string, PolicyIn> = own ? { BedrockKeyGuard: JSON.stringify(own) } : {};
        const roles = (given.roles ?? []).map((role) => ({ ...role, inline: { ...role.inline, ...policy } }));
        const whole: Given = { ...given, roles };
        const account = accountFrom(whole);
        const among = ({ agent }: Need) => part.some((id) => agent.endsWith(`/${id}`));
        const settings: PlanSettings = { ...settingsFrom(whole), judged: { kind: "these", among } };
        for (const { identity, judgements, plan: full } of reviewOf(whole).callers) {
          const policies = policiesOf(account, identity);
          const plan = planCaller(identity, policies, judgements, settings);
          const [adds, removes] = changes(plan);
          expect(names([...adds, ...removes])).toEqual(names(changes(full).flat().filter(among)));
          met.given += adds.length;
          met.taken += removes.length;
          met.kept += needsOf(policies.own).filter((need) => !among(need)).length;
        }
      },
    ),
    RUNS,
  );
});

function changes(plan: ReturnType<typeof planCaller>): readonly [readonly Need[], readonly Need[]] {
  if (plan.kind === "put") return [plan.adds, plan.removes];
  return [[], plan.kind === "remove" ? plan.removes : []];
}
