/** What is told of a caller beside what is written to it, or in its place. */
import type { AgentArn } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import type { IamAccount } from "./account.ts";
import { type CallerFacts, findingsOfCaller } from "./findings.ts";
import { tooMuch, unneeded } from "./findings-of-policy.ts";
import type { Gathered } from "./gather.ts";
import { without } from "./need.ts";
import { type CallerJudgement, needsOf } from "./plan.ts";
import { policiesOf } from "./policies.ts";
import { proposalFor } from "./proposal.ts";
import type { Reason } from "./remedies.ts";
import type { CallerReview } from "./review.ts";
import { hindranceOf } from "./words.ts";

export function factsOf(review: CallerReview, account: IamAccount, { agents }: Gathered): CallerFacts {
  const names = new Map<AgentArn, string>(agents.map(({ agent }) => [agent.arn, agent.name]));
  const had = needsOf(policiesOf(account, review.identity).own);
  return { review, proposal: proposalFor(review, had), names };
}

/**
 * Nothing is written to the caller.
 *
 * @param otherwise - why not, where neither the caller nor the key nor the need itself says so
 */
export function toldOnly(facts: CallerFacts, gathered: Gathered, otherwise: Reason): readonly Finding[] {
  const { proposal, review } = facts;
  const { plan, identity } = review;
  const hindrance = plan.kind === "withheld" ? hindranceOf(plan, identity) : undefined;
  const withheld = hindrance === undefined ? undefined : { why: hindrance };
  return [
    ...findingsOfCaller(facts, (judgement) => withheld ?? reasonFor(judgement, gathered) ?? otherwise),
    ...(proposal.removes.length > 0 ? [unneeded(facts, withheld ?? otherwise)] : []),
    ...(proposal.leftOut.length > 0 ? [tooMuch(facts)] : []),
  ];
}

/** The guard's policy was just put, or nothing was to be: what stands in the way otherwise, and what did not fit. */
export function toldBeside(facts: CallerFacts, gathered: Gathered): readonly Finding[] {
  const { review, proposal } = facts;
  const given = review.plan.kind === "put" ? review.plan.adds : [];
  const left = review.judgements.filter(({ verdict }) => verdict.kind === "lacks");
  const done = left.filter((one) => !without(left, given).includes(one));
  const judgements = review.judgements.filter((one) => !done.includes(one));
  return [
    ...findingsOfCaller(
      { ...facts, review: { ...review, judgements } },
      (judgement) => reasonFor(judgement, gathered) ?? UNCERTAIN,
    ),
    ...(proposal.leftOut.length > 0 ? [tooMuch(facts)] : []),
  ];
}

const UNCERTAIN: Reason = { why: "it is not certain that it may invoke the agent" };

/** A key's own tag, or that nobody can say whether it is needed. */
function reasonFor({ key, invocation }: CallerJudgement, { restrained }: Gathered): Reason | undefined {
  const why = restrained.get(key);
  if (why !== undefined) return { why };
  return invocation.kind === "perhaps" ? UNCERTAIN : undefined;
}
