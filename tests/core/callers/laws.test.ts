/** The laws of callers: what a plan gives, what it does not, and that finding and judging leave nothing out. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { CALLER_ACTIONS, INVOKE, requesterFor } from "../../../packages/core/src/callers/documented.ts";
import type { CallerPlan, Need } from "../../../packages/core/src/callers/plan.ts";
import type { CallerReview, Review } from "../../../packages/core/src/callers/review.ts";
import { decideAccess } from "../../../packages/core/src/policy/access.ts";
import { ABSENT, lookUp, type Request, value } from "../../../packages/core/src/policy/request.ts";
import { aliasOf } from "../../../packages/core/src/requirements/agent-aliases.ts";
import { knownRequest, principalKeys } from "../laws/requests.ts";
import { runs } from "../laws/runs.ts";
import { AGENT_ARNS, AGENT_KEY, KEY } from "../laws/universe.ts";
import {
  accountFrom,
  agentFrom,
  type Given,
  keysFrom,
  OTHER_KEY,
  type PolicyIn,
  type RoleIn,
  reviewOf,
} from "./account.ts";
import { ALIAS_IDS, anyAccount, documentsIn } from "./arbitraries.ts";

const RUNS = runs(600);

/** What the laws came across: a law that never meets its case shows nothing. */
const met = { put: 0, helped: 0, required: 0, refused: 0, invoked: 0, notInvoked: 0 };
afterAll(() => {
  for (const [what, times] of Object.entries(met)) expect(times, what).toBeGreaterThan(RUNS.numRuns / 20);
});

/** The account after each plan was carried out. */
function applied(given: Given, review: Review): Given {
  const after = <T extends RoleIn>(kind: string, holder: T): T => {
    const plan = planOf(review, `${kind}/${holder.name}`);
    if (plan?.kind !== "put" && plan?.kind !== "remove") return holder;
    const { BedrockKeyGuard: _, ...others } = holder.inline ?? {};
    const own: Record<string, PolicyIn> = plan.kind === "put" ? { BedrockKeyGuard: plan.text } : {};
    return { ...holder, inline: { ...others, ...own } };
  };
  return {
    ...given,
    roles: (given.roles ?? []).map((role) => after("role", role)),
    users: (given.users ?? []).map((user) => after("user", user)),
  };
}

function callerOf(review: Review, name: string): CallerReview | undefined {
  return review.callers.find(({ identity }) => `${identity.kind}/${identity.name}` === name);
}

function leftOutOf(plan: CallerPlan | undefined): readonly Need[] {
  return plan && "leftOut" in plan ? plan.leftOut : [];
}

function planOf(review: Review, name: string) {
  return callerOf(review, name)?.plan;
}

const nameOf = ({ identity }: CallerReview) => `${identity.kind}/${identity.name}`;

describe("the planned policy", () => {
  test("makes every lacking caller able, as far as there is room", () => {
    fc.assert(
      fc.property(anyAccount, (given) => {
        const before = reviewOf(given);
        const after = reviewOf(applied(given, before));
        for (const caller of before.callers) {
          const left = leftOutOf(caller.plan);
          const lacking = caller.judgements.filter(
            (j) =>
              j.verdict.kind === "lacks" &&
              j.invocation.kind === "may" &&
              !left.some(({ key, agent }) => key === j.key && agent === j.agent),
          );
          for (const { agent, key } of lacking) {
            const now = callerOf(after, nameOf(caller))?.judgements.find((j) => j.agent === agent && j.key === key);
            expect(now?.verdict.kind).toBe("able");
            met.helped++;
          }
        }
      }),
      RUNS,
    );
  });

  test("gives nothing but the calls that lacking callers need, and nobody else anything", () => {
    fc.assert(
      fc.property(
        anyAccount,
        fc.array(knownRequest, { minLength: 1, maxLength: 3 }),
        fc.constantFrom(KEY, KEY, OTHER_KEY),
        (given, requests, resource) => {
          const review = reviewOf(given);
          const [before, after] = [accountFrom(given), accountFrom(applied(given, review))];
          const { document: keyPolicy } = sureKey(given, resource);
          for (const [i, was] of [...before.roles, ...before.users].entries()) {
            const is = [...after.roles, ...after.users][i];
            if (!is) throw new Error("nobody left the account");
            const plan = planOf(review, `${was.kind}/${was.name}`);
            const needs = plan?.kind === "put" ? plan.adds : [];
            for (const drawn of requests.flatMap((one, at) => (at === 0 ? [one, ...likeRequired(one)] : [one]))) {
              const request = asAsked(drawn, requesterFor(was), resource);
              const asks = (account: typeof before, identity: typeof was) =>
                decideAccess({ keyPolicy, ...documentsIn(account, identity), request }).kind;
              const [then, now] = [asks(before, was), asks(after, is)];
              const named = lookUp(request.context, AGENT_KEY);
              const required =
                (CALLER_ACTIONS as readonly string[]).includes(request.action) &&
                named.kind === "known" &&
                needs.some(({ key, agent }) => key === resource && named.values.includes(agent));
              if (required) met.required++;
              else if (then !== "allowed") {
                met.refused++;
                expect(now).toBe(then);
              } else expect(now).toBe("allowed");
            }
          }
        },
      ),
      RUNS,
    );
  });

  test("adds only for agents that the caller may invoke and for which it lacks the key", () => {
    fc.assert(
      fc.property(anyAccount, (given) => {
        for (const { plan, judgements } of reviewOf(given).callers) {
          if (plan.kind !== "put") continue;
          met.put++;
          for (const { agent, key } of plan.adds) {
            const judgement = judgements.find((j) => j.agent === agent && j.key === key);
            expect([judgement?.invocation.kind, judgement?.withoutOwn.kind]).toEqual(["may", "lacks"]);
          }
        }
      }),
      RUNS,
    );
  });

  test("is right as it is once it is put", () => {
    fc.assert(
      fc.property(anyAccount, (given) => {
        const before = reviewOf(given);
        for (const caller of reviewOf(applied(given, before)).callers) {
          const left = leftOutOf(planOf(before, nameOf(caller)));
          expect(caller.plan.kind).toBe(left.length > 0 ? "full" : "nothing");
          expect(leftOutOf(caller.plan)).toEqual(left);
        }
      }),
      RUNS,
    );
  });

  test("is removed with the agents, and nothing of it is left", () => {
    fc.assert(
      fc.property(anyAccount, (given) => {
        const review = reviewOf(given);
        const gone = { ...applied(given, review), agents: [] };
        const putFor = review.callers.filter(({ plan }) => plan.kind === "put").map(nameOf);
        const removing = reviewOf(gone);
        expect(removing.callers.map((caller) => [nameOf(caller), caller.plan.kind])).toEqual(
          putFor.map((name) => [name, "remove"]),
        );
        expect(accountFrom(applied(gone, removing))).toEqual(accountFrom(given));
      }),
      RUNS,
    );
  });
});

describe("a review", () => {
  test("says the same of an identity whoever else there is", () => {
    fc.assert(
      fc.property(anyAccount, (given) => {
        const alone = [
          ...(given.roles ?? []).map((role) => ({ ...given, roles: [role], users: [] })),
          ...(given.users ?? []).map((user) => ({ ...given, roles: [], users: [user] })),
        ];
        expect(alone.flatMap((one) => reviewOf(one).callers)).toEqual(reviewOf(given).callers);
      }),
      RUNS,
    );
  });

  test("judges as the whole documents decide", () => {
    fc.assert(
      fc.property(anyAccount, (given) => {
        const account = accountFrom(given);
        for (const { identity, judgements } of reviewOf(given).callers) {
          for (const { agent, key, verdict } of judgements) {
            const { document: keyPolicy } = sureKey(given, key);
            const keys = new Map(principalKeys(requesterFor(identity))).set(AGENT_KEY.toLowerCase(), value(agent));
            const kinds = CALLER_ACTIONS.map((action) => {
              const request: Request = {
                principal: requesterFor(identity),
                action,
                resource: key,
                context: { keys, others: "unknown" },
              };
              return decideAccess({ keyPolicy, ...documentsIn(account, identity), request }).kind;
            });
            // Less is known here than a judgement knows: what is decided all the same has to be what was judged.
            if (kinds.includes("denied")) expect(verdict.kind).toBe("denied");
            else if (kinds.includes("not-allowed")) expect(["able"]).not.toContain(verdict.kind);
            else if (kinds.every((kind) => kind === "allowed")) expect(verdict.kind).toBe("able");
          }
        }
      }),
      RUNS,
    );
  });

  test("finds whoever may invoke any alias, and nobody who may invoke none", () => {
    fc.assert(
      fc.property(anyAccount, fc.boolean(), (given, withMfa) => {
        const account = accountFrom(given);
        const review = reviewOf(given);
        for (const identity of [...account.roles, ...account.users]) {
          const documents = documentsIn(account, identity);
          for (const { agent } of (given.agents ?? []).map(agentFrom)) {
            const invocation = callerOf(review, `${identity.kind}/${identity.name}`)?.judgements.find(
              (j) => j.agent === agent.arn,
            )?.invocation;
            const may = ALIAS_IDS.some((alias) => {
              const keys = new Map([
                ...principalKeys(requesterFor(identity)),
                ["aws:requestedregion", value("eu-west-1")] as const,
                ["aws:securetransport", value("true")] as const,
                ["aws:multifactorauthpresent", withMfa ? value("true") : ABSENT] as const,
              ]);
              const resource = aliasOf(agent.arn, alias);
              const request: Request = {
                principal: requesterFor(identity),
                action: INVOKE,
                resource,
                context: { keys, others: "absent" },
              };
              return decideAccess({ ...documents, request }).kind === "allowed";
            });
            if (may) {
              met.invoked++;
              expect(invocation).toBeDefined();
            } else met.notInvoked++;
            // An alias that fits a pattern may exist though none of these does.
            if (invocation?.kind === "may" && ALIAS_IDS.includes(invocation.alias)) expect(may).toBe(true);
          }
        }
      }),
      RUNS,
    );
  });
});

function sureKey(given: Given, key: string) {
  const known = [...keysFrom(given.keys).values()].find(({ facts }) => facts.arn === key);
  if (!known) throw new Error(`the universe has no key \`${key}\``);
  return known.policy;
}

/** The calls that callers need, for each agent and for none, and a call that nobody needs; the rest as drawn. */
function likeRequired(drawn: Request): readonly Request[] {
  const contexts = [ABSENT, ...AGENT_ARNS.map((arn) => value(arn))];
  return [...CALLER_ACTIONS, "kms:GenerateDataKeyWithoutPlaintext"].flatMap((action) =>
    contexts.map((content) => {
      const keys = new Map(drawn.context.keys).set(AGENT_KEY.toLowerCase(), content);
      return { ...drawn, action, context: { ...drawn.context, keys } };
    }),
  );
}

/** The drawn request, as the identity would make it. */
function asAsked(drawn: Request, principal: Request["principal"], resource: string): Request {
  const keys = new Map([...drawn.context.keys, ...principalKeys(principal)]);
  return { ...drawn, principal, resource, context: { ...drawn.context, keys } };
}
