/** What is told of a caller where nothing is written to it. */
import type { AgentArn } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import type { IamAccount } from "./account.ts";
import { type CallerFacts, findingsOfCaller, hadBy, tooMuch, unneeded } from "./findings.ts";
import type { Gathered } from "./gather.ts";
import type { CallerReview } from "./review.ts";
import { hindranceOf } from "./words.ts";

export function factsOf(review: CallerReview, account: IamAccount, { agents }: Gathered): CallerFacts {
  const names = new Map<AgentArn, string>(agents.map(({ agent }) => [agent.arn, agent.name]));
  return { review, had: hadBy(account, review.identity), names };
}

/** @param otherwise - why nothing is written, where the plan itself does not say so */
export function toldOnly(facts: CallerFacts, gathered: Gathered, otherwise: string): readonly Finding[] {
  const { plan, identity } = facts.review;
  const why = hindranceOf(plan, identity) ?? otherwise;
  const removes = plan.kind === "put" || plan.kind === "remove" ? plan.removes : [];
  const leftOut = "leftOut" in plan ? plan.leftOut : [];
  return [
    ...findingsOfCaller(facts, withRestraint(facts, gathered, why)),
    ...(removes.length > 0 ? [unneeded(facts, removes, why)] : []),
    ...(leftOut.length > 0 ? [tooMuch(facts, leftOut, FULL)] : []),
  ];
}

export const FULL = "IAM limits the size of all inline policies of a role or user together";

/** A key's own tag is the reason where it has one. */
export function withRestraint({ review }: CallerFacts, { restrained }: Gathered, why: string): string {
  const reasons = review.judgements.flatMap(({ key, verdict }) =>
    verdict.kind === "lacks" ? (restrained.get(key) ?? []) : [],
  );
  return [...new Set([...reasons, why])].join("; ");
}
