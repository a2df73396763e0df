import type { Caller } from "../contract.ts";
import { isRootUser, sessionArn } from "./caller.ts";
import { texts } from "./texts.ts";

/**
 * How a resource policy's statement reaches the caller: it names the caller (or everyone), or the caller's role by its
 * ARN, which the role's boundary still limits, or only the caller's account, which then decides through its own
 * identity policies.
 */
export type Reach = "none" | "account" | "role" | "direct";

/**
 * What `Principal` or `NotPrincipal` of a statement says of this caller. A Deny with `NotPrincipal` spares nobody who
 * has a boundary, whoever is listed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function reach(statement: Readonly<Record<string, unknown>>, caller: Caller, bounded = false): Reach {
  if (statement.Principal !== undefined) return reachOf(statement.Principal, caller);
  if (statement.NotPrincipal !== undefined) {
    return bounded && statement.Effect === "Deny" ? "direct" : reachOfAllBut(statement, caller);
  }
  // KMS and the other services demand a principal; a statement without one speaks of nobody.
  return "none";
}

function reachOf(principal: unknown, caller: Caller): Reach {
  if (principal === "*") return "direct";
  const named = members(principal);
  // `"*"` and `{ "AWS": "*" }` mean the same in a resource policy.
  if (named.aws.includes("*")) return "direct";
  if (caller.kind === "service") return named.services.includes(caller.name) ? "direct" : "none";
  if (caller.kind === "role" && named.aws.includes(sessionArn(caller))) return "direct";
  if (identities(caller).some((arn) => named.aws.includes(arn))) return caller.kind === "role" ? "role" : "direct";
  const account = accountNames(caller.account).some((name) => named.aws.includes(name));
  if (!account) return "none";
  return isRootUser(caller) ? "direct" : "account";
}

/**
 * A Deny spares only a caller of whom every name is listed, the account's too, as the IAM reference says of
 * `NotPrincipal`. An Allow leaves out a caller of whom any name is listed.
 */
function reachOfAllBut(statement: Readonly<Record<string, unknown>>, caller: Caller): Reach {
  if (statement.NotPrincipal === "*") return "none";
  const named = members(statement.NotPrincipal);
  if (named.aws.includes("*")) return "none";
  if (caller.kind === "service") return named.services.includes(caller.name) ? "none" : "direct";
  const account = accountNames(caller.account).some((name) => named.aws.includes(name));
  // The root user has the account's names and no other: the bare id and the root ARN mean the same.
  const own = isRootUser(caller) ? [] : identities(caller).map((arn) => named.aws.includes(arn));
  const listed = [...own, account];
  const spared = statement.Effect === "Deny" ? listed.every(Boolean) : listed.some(Boolean);
  return spared ? "none" : "direct";
}

function members(principal: unknown): { readonly aws: readonly string[]; readonly services: readonly string[] } {
  if (typeof principal !== "object" || principal === null) {
    throw new Error(`a principal that is not understood: \`${JSON.stringify(principal)}\``);
  }
  const { AWS, Service } = { AWS: undefined, Service: undefined, ...principal };
  return { aws: texts(AWS, "Principal.AWS") ?? [], services: texts(Service, "Principal.Service") ?? [] };
}

function identities(caller: Exclude<Caller, { kind: "service" }>): readonly string[] {
  return caller.kind === "role" ? [caller.roleArn, sessionArn(caller)] : [caller.arn];
}

function accountNames(account: string): readonly string[] {
  return [account, `arn:aws:iam::${account}:root`];
}
