import type { Authorization, AuthorizationAnswer, Caller, NamedPolicy, StatementUse } from "../contract.ts";
import { accountOfCaller, boundaryOf, callerArn, identityPolicies, isRootUser, principalContext } from "./caller.ts";
import { arnParts, type Context } from "./pattern.ts";
import { type Match, matches } from "./statement.ts";

/** A question that tells of a permissions boundary, instead of the one that the caller has. */
export type BoundedAuthorization = Authorization & { readonly boundary?: NamedPolicy };

/**
 * The naive evaluator: IAM's evaluation logic read off the reference page, step by step, with every condition key
 * known or absent. It shares nothing with the engine that judges policies, so that each can expose the other.
 *
 * The keys that follow from the caller (`aws:PrincipalArn` and its like) are added here; the service that asks
 * gives all others. Allowed: `by` lists every Allow on a path that was enough. Denied by a Deny: every such Deny.
 *
 * Throws for a policy that it does not understand. It knows nothing of session policies, SCPs or RCPs.
 */
export const authorize = (question: BoundedAuthorization): AuthorizationAnswer => {
  const context: Context = { ...principalContext(question.caller), ...lowerCased(question.context) };
  const limit = question.boundary ?? boundaryOf(question.caller);
  const bounded = limit !== undefined;
  const request = { caller: question.caller, action: question.action, resource: question.resource, context, bounded };
  const identity = identityPolicies(question.caller).flatMap((policy) => matches(policy, "identity", request));
  const resource = question.resourcePolicy
    ? matches(question.resourcePolicy, "resource", { ...request, context: resourceContext(question, context) })
    : [];
  const boundary = limit ? matches(limit, "identity", request) : [];

  // 1. A Deny that matches decides, wherever it stands.
  const identityDenies = identity.filter((match) => match.effect === "Deny");
  if (identityDenies.length > 0) {
    return denied(question, "with an explicit deny in an identity-based policy", uses(identityDenies));
  }
  const resourceDenies = resource.filter((match) => match.effect === "Deny");
  if (resourceDenies.length > 0) {
    return denied(question, "with an explicit deny in a resource-based policy", uses(resourceDenies));
  }

  const boundaryDenies = boundary.filter((match) => match.effect === "Deny");
  if (boundaryDenies.length > 0) {
    return denied(question, "with an explicit deny in a permissions boundary", uses(boundaryDenies));
  }

  // 2. What allows: the caller's own policies, the resource's policy by name, the resource's policy by account. What
  // the boundary does not allow, the caller's own policies don't give, nor does a resource's policy by the role's ARN.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
  const within = !bounded || boundary.some((match) => match.effect === "Allow");
  const byIdentity = within ? identity.filter((match) => match.effect === "Allow") : [];
  const named = within ? ["direct", "role"] : ["direct"];
  const byName = resource.filter((match) => match.effect === "Allow" && named.includes(match.reach));
  const byAccount = resource.filter((match) => match.effect === "Allow" && match.reach === "account");
  const identityAllows = byIdentity.length > 0 || isRootUser(question.caller);

  // 3. A service has no identity policies: only the resource's policy can let it in.
  if (question.caller.kind === "service") {
    return byName.length > 0 ? allowed(byName) : denied(question, noResourcePolicy(question));
  }

  // 4. Another account's resource: both sides must allow.
  if (!sameAccount(question.caller, question.resource)) {
    const bySide = [...byName, ...byAccount];
    if (bySide.length === 0) return denied(question, noResourcePolicy(question));
    return identityAllows ? allowed([...byIdentity, ...bySide]) : denied(question, noIdentityPolicy(question));
  }

  // 5. A key of the own account: its policy must name the caller, or leave the decision to the account.
  if (question.resourcePolicy && isKmsKey(question.resource)) {
    const through = byAccount.length > 0 && identityAllows ? [...byIdentity, ...byAccount] : [];
    if (byName.length > 0 || through.length > 0) return allowed([...byName, ...through]);
    const why = byAccount.length > 0 ? noIdentityPolicy(question) : noResourcePolicy(question);
    return denied(question, why);
  }

  // 6. Anything else of the own account: either side is enough.
  if (identityAllows || byName.length > 0) return allowed([...byIdentity, ...byName]);
  return denied(question, noIdentityPolicy(question));
};

function allowed(matches: readonly Match[]): AuthorizationAnswer {
  return { kind: "allowed", by: uses(matches) };
}

function denied(question: Authorization, why: string, by: readonly StatementUse[] = []): AuthorizationAnswer {
  const on = question.resource === "*" ? "" : ` on resource: ${question.resource}`;
  const message = `User: ${callerArn(question.caller)} is not authorized to perform: ${question.action}${on} ${why}`;
  return { kind: "denied", explicit: by.length > 0, by, message };
}

function noIdentityPolicy(question: Authorization): string {
  return `because no identity-based policy allows the ${question.action} action`;
}

function noResourcePolicy(question: Authorization): string {
  return `because no resource-based policy allows the ${question.action} action`;
}

function uses(matches: readonly Match[]): readonly StatementUse[] {
  return matches.flatMap((match) => match.uses);
}

function sameAccount(caller: Caller, resource: string): boolean {
  const account = arnParts(resource)[4];
  // `*` and ARNs without an account (S3) are the caller's own affair.
  return !account || account === accountOfCaller(caller);
}

function isKmsKey(resource: string): boolean {
  return arnParts(resource)[2] === "kms";
}

/** A key's tags and aliases are condition keys for identity policies only: a key policy does not see them. */
function resourceContext(question: Authorization, context: Context): Context {
  if (!isKmsKey(question.resource)) return context;
  const visible = Object.entries(context).filter(
    ([key]) => !key.startsWith("aws:resourcetag/") && key !== "kms:resourcealiases",
  );
  return Object.fromEntries(visible);
}

function lowerCased(context: Context): Context {
  return Object.fromEntries(Object.entries(context).map(([key, values]) => [key.toLowerCase(), values]));
}
