/** The guard's policy on a caller as people are proposed it: one whole policy, whatever it is proposed for. */
import type { JsonObject } from "../policy/json.ts";
import { readPolicyText } from "./account.ts";
import { without } from "./need.ts";
import { ownDocument, readOwnPolicy } from "./own-policy.ts";
import { accessOf, type CallerPlan, type Need, needsOf } from "./plan.ts";
import type { CallerReview } from "./review.ts";

export interface Proposal {
  /** Undefined where the policy is to be taken away, or there is to be none. */
  readonly document: JsonObject | undefined;
  /** What the policy gives now, and is not needed. */
  readonly removes: readonly Need[];
  /** What does not fit. */
  readonly leftOut: readonly Need[];
}

/**
 * As it is planned, and beside that what the guard itself would not give, since it is not certain or a key's tag forbids it:
 * a person may.
 *
 * @param had - what the guard's policy gives now
 */
export function proposalFor({ plan, judgements }: CallerReview, had: readonly Need[]): Proposal {
  const leftOut = "leftOut" in plan ? plan.leftOut : [];
  const planned = plannedNeeds(plan, had);
  const lacking = without(
    judgements.filter(({ verdict }) => verdict.kind === "lacks"),
    [...leftOut, ...planned],
  );
  const document = ownDocument(accessOf([...planned, ...lacking]));
  return { document, removes: without(had, planned), leftOut };
}

function plannedNeeds(plan: CallerPlan, had: readonly Need[]): readonly Need[] {
  switch (plan.kind) {
    case "nothing":
    case "full":
      return had;
    case "put":
      return [...without(had, plan.removes), ...plan.adds];
    case "remove":
      return without(had, plan.removes);
    case "withheld":
      return plan.document ? needsOf(readOwnPolicy(readPolicyText(JSON.stringify(plan.document)))) : [];
    default:
      return plan satisfies never;
  }
}
