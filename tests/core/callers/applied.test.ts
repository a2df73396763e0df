/**
 * The law of a whole review in `enforce`, for arbitrary accounts: whoever certainly may invoke and plainly lacks the key is
 * able afterwards, and nobody got anything else. Asked of the engine's judge, and of the naive evaluator of the local AWS,
 * which shares no code with it.
 */
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { IamAccount, Identity, PolicyText } from "../../../packages/core/src/callers/account.ts";
import { keyRequests } from "../../../packages/core/src/callers/documented.ts";
import type { Need } from "../../../packages/core/src/callers/plan.ts";
import type { CallersOutcome } from "../../../packages/core/src/callers/reconcile.ts";
import { reviewCallers } from "../../../packages/core/src/callers/review.ts";
import type { Request } from "../../../packages/core/src/policy/request.ts";
import type { PolicyJson } from "../laws/policies.ts";
import { runs } from "../laws/runs.ts";
import { allFillings, opinion, type Policies } from "../laws/second-opinion.ts";
import { agentFrom, type Given, keysFrom, settingsFrom, sure } from "./account.ts";
import { anyAccount } from "./arbitraries.ts";
import { OWN, World } from "./world.ts";

const RUNS = runs(150);
const met = { helped: 0, askedTwice: 0, unchanged: 0 };
afterAll(() => {
  for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(RUNS.numRuns / 10);
});

function worldFrom(given: Given): World {
  const it = new World().with(...(given.roles ?? []));
  for (const user of given.users ?? []) it.withUser(user);
  it.groups = given.groups;
  it.managed = given.managed;
  for (const [key, { facts }] of keysFrom(given.keys)) it.policies.set(key, given.keys?.[facts.arn] ?? undefined);
  return it.put(...(given.agents ?? []).map((one) => agentFrom(one).agent));
}

function judgementsOf(given: Given, account: IamAccount) {
  const agents = (given.agents ?? []).map(agentFrom);
  const { callers } = reviewCallers(account, agents, keysFrom(given.keys), settingsFrom(given));
  return new Map(
    callers.flatMap(({ identity, judgements }) =>
      judgements.map((one) => [`${identity.arn} ${one.key} ${one.agent}`, one] as const),
    ),
  );
}

test("after a review, whoever lacked its agent's key is able, and nobody got anything else", async () => {
  await fc.assert(
    fc.asyncProperty(anyAccount, async (given) => {
      const it = worldFrom(given);
      const [before, were] = [it.account(), judgementsOf(given, it.account())];
      const outcome = await it.review({}, { writesPerHour: 1000 });
      expect(outcome).toMatchObject({ kind: "reviewed", again: undefined });
      const [after, are] = [it.account(), judgementsOf(given, it.account())];

      const full = noRoom(outcome, before);
      const helped = new Set<string>();
      for (const [name, { verdict, invocation }] of were) {
        if (verdict.kind !== "lacks" || invocation.kind !== "may") continue;
        // Of an agent's keys, some may fit and others not.
        if (full.has(name.replace(/ arn:aws:kms:\S+ /, " ")) && are.get(name)?.verdict.kind === "lacks") continue;
        helped.add(name);
        met.helped++;
        expect(are.get(name)?.verdict.kind).toBe("able");
      }
      // Who is written to is exactly who was helped, by the guard's policy alone.
      expect(new Set(it.writes.map(({ caller }) => `${caller}`))).toEqual(
        new Set([...helped].map((name) => name.split(" ")[0])),
      );
      for (const identity of identitiesOf(after)) {
        const former = sure(identitiesOf(before).find(({ arn }) => arn === identity.arn));
        expect(identity.inline.filter(({ name }) => name !== OWN)).toEqual(former.inline);
        for (const { need, request } of questions(given, identity)) {
          const [then, now] = [policiesFor(given, before, former, need), policiesFor(given, after, identity, need)];
          const asked = allFillings(now, request, 16) ?? [];
          const isHelped = helped.has(`${identity.arn} ${need.key} ${need.agent}`) && request.action !== "kms:Encrypt";
          for (const one of asked) {
            if (isHelped) met.askedTwice++;
            else met.unchanged++;
            expect(opinion(now, one)).toBe(isHelped ? "allowed" : opinion(then, one));
          }
        }
      }
    }),
    RUNS,
  );
});

/** Of whom it was told that what they need does not fit; and indeed their other inline policies leave little room. */
function noRoom(outcome: CallersOutcome, account: IamAccount): ReadonlySet<string> {
  const findings = outcome.kind === "reviewed" ? outcome.findings : [];
  return new Set(
    findings
      .filter(({ kind }) => kind === "caller-policy-full")
      .flatMap(({ caller, agents }) => {
        const { kind, inline } = sure(identitiesOf(account).find(({ arn }) => arn === caller));
        const used = inline.reduce((sum, { policy }) => sum + policy.characters, 0);
        expect(used).toBeGreaterThan((kind === "user" ? 2_048 : 10_240) - 1_200);
        return agents.map((id) => `${caller} arn:aws:bedrock:eu-west-1:111122223333:agent/${id}`);
      }),
  );
}

function identitiesOf({ roles, users }: IamAccount): readonly Identity[] {
  return [...roles, ...users];
}

/** The calls that an agent's caller needs, and one that it does not. */
function questions(given: Given, identity: Identity): readonly { readonly need: Need; readonly request: Request }[] {
  const agents = (given.agents ?? []).map((one) => agentFrom(one).agent.arn);
  return [...keysFrom(given.keys)].flatMap(([key, { facts }]) =>
    agents.flatMap((agent) => {
      const needed = keyRequests(identity, agent, facts);
      const others = needed.slice(0, 1).map((one) => ({ ...one, action: "kms:Encrypt" }));
      return [...needed, ...others].map((request) => ({ need: { key, agent }, request }));
    }),
  );
}

function policiesFor(given: Given, account: IamAccount, identity: Identity, { key }: Need): Policies {
  const groups = identity.kind === "user" ? identity.groups.map((name) => sure(account.groups.get(name))) : [];
  const { boundary } = identity;
  return {
    keyPolicy: json({ kind: "read", document: sure(keysFrom(given.keys).get(key)).policy.document, characters: 0 }),
    identityPolicies: [identity, ...groups].flatMap(({ inline, attached }) => [
      ...inline.map(({ policy }) => json(policy)),
      ...attached.map((arn) => json(sure(account.managed.get(arn)))),
    ]),
    boundary: boundary === undefined ? undefined : json(sure(account.managed.get(boundary))),
  };
}

function json(policy: PolicyText): PolicyJson {
  if (policy.kind !== "read") throw new Error("the universe's policies can be read");
  return JSON.parse(JSON.stringify(policy.document.raw));
}
