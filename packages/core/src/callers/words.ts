/** What was found about a caller, in words. */
import type { Identity } from "./account.ts";
import type { Deciding } from "./ask.ts";
import { ANY_ALIAS, type Invocation } from "./find.ts";
import type { CallerVerdict } from "./judge.ts";
import { OWN_POLICY } from "./own-policy.ts";
import type { CallerPlan, Withheld } from "./plan.ts";
import { inWords } from "./policies.ts";

export function identityName({ kind, arn }: Identity): string {
  return `${kind} ${arn.slice(arn.indexOf("/") + 1)}`;
}

export function invocationInWords(invocation: Invocation): string {
  switch (invocation.kind) {
    case "may": {
      const alias = invocation.alias === ANY_ALIAS ? "any alias" : `an alias such as ${invocation.alias}`;
      return `may invoke ${alias}, by ${decidingNames(invocation.by)}`;
    }
    case "perhaps":
      return `whether it may invoke the agent depends on ${invocation.on.join(", ")}`;
    default:
      return invocation satisfies never;
  }
}

export function reasonOf(verdict: CallerVerdict): string {
  switch (verdict.kind) {
    case "able":
      return `by ${decidingNames(verdict.by)}`;
    case "lacks":
      return `no policy allows ${verdict.actions.join(", ")}`;
    case "denied":
      return verdict.by.kind === "boundary"
        ? `the permissions boundary ${verdict.by.arn} does not allow ${verdict.actions.join(", ")}`
        : `${decidingNames(verdict.by.statements)} refuses ${verdict.actions.join(", ")}`;
    case "depends":
      return `whether ${verdict.actions.join(", ")} is allowed depends on ${verdict.on.join(", ")}`;
    case "stopped":
      return `the key policy neither names it nor leaves ${verdict.actions.join(", ")} to IAM: no IAM policy helps`;
    default:
      return verdict satisfies never;
  }
}

export function decidingNames(deciding: readonly Deciding[]): string {
  const names = deciding.map(({ origin, statement }) => {
    const place = `statement ${statement.index + 1}${statement.sid === undefined ? "" : ` "${statement.sid}"`}`;
    return `${place} of the ${origin.kind === "key-policy" ? "key policy" : inWords(origin)}`;
  });
  return [...new Set(names)].join(", ");
}

/** Why there is no policy to attach, and the way out; undefined for the other plans. */
export function hindranceOf(plan: CallerPlan, identity: Identity): string | undefined {
  switch (plan.kind) {
    case "nothing":
    case "put":
    case "remove":
      return undefined;
    case "full":
      return (
        `its inline policies may have ${plan.limit} characters together, and nothing more fits: make managed policies of ` +
        "some, or let the key policy name it"
      );
    case "withheld":
      return withheldInWords(plan.why, identity);
    default:
      return plan satisfies never;
  }
}

/** Why the guard does not write to it, and the way out. */
export function withheldInWords(why: Withheld, { kind }: Identity): string {
  switch (why.kind) {
    case "permission-set":
      return "IAM Identity Center made this role, and it can't be changed by itself: change its permission set";
    case "service-linked":
    case "reserved":
      return "AWS made this role, and it can't be changed: invoke the agent with another role";
    case "guard":
      return "it is a role of the guard's own, which never uses keys: take bedrock:InvokeAgent from it";
    case "tagged":
      return `${why.reason}: remove the ${kind}'s tag, or give it the policy yourself`;
    case "not-opted-in":
      return `it does not carry the opt-in tag \`${why.tag}\`: tag it, or give it the policy yourself`;
    case "edited":
      return `its inline policy ${OWN_POLICY} is not as the guard writes it: give that another name, or complete it yourself`;
    default:
      return why satisfies never;
  }
}
