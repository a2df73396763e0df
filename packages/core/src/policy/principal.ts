/**
 * Whether a statement's Principal or NotPrincipal speaks of the requester.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import { parseArn } from "../arn.ts";
import type { PrincipalElement, PrincipalMember, Statement } from "./document.ts";
import { all, any, known, NO, not, type Truth, unknown, YES } from "./kleene.ts";
import type { Requester } from "./request.ts";

export interface PrincipalMatch {
  /** Whether the statement names the requester, so that its effect applies to them directly. */
  readonly named: Truth;
  /**
   * The statement allows the requester's account: that hands the question to the account's IAM policies, and allows
   * nobody by itself but the account's root user.
   */
  readonly delegates: boolean;
}

export function matchPrincipal(statement: Statement, requester: Requester): PrincipalMatch {
  const element = statement.principal;
  // In a resource policy each statement has a principal; one without is not understood, so it is never guessed at.
  if (!element) return { named: unknown("Principal"), delegates: false };
  if (element.negated) return { named: notPrincipal(statement, element, requester), delegates: false };
  const named = any(element.members.map((member) => memberNames(member, statement.effect, requester)));
  const delegates =
    statement.effect === "Allow" && named.kind !== "yes" && element.members.some((m) => isAccountOf(m, requester));
  return { named, delegates };
}

function memberNames(member: PrincipalMember, effect: "Allow" | "Deny", requester: Requester): Truth {
  if (member.kind === "everyone") return YES;
  if (requester.kind === "service") return serviceNamed(member, requester.name);
  if (member.kind === "canonical") return unknown("Principal");
  // A session of a role may have been opened with an identity provider, and is then named by the provider too.
  if (member.kind === "federated") return requester.kind === "role" ? unknown("aws:FederatedProvider") : NO;
  if (member.kind !== "aws") return NO;
  if (member.value === "*") return YES;
  if (isAccountOf(member, requester)) {
    // A Deny of the account is a Deny of everyone in it; an Allow of it only lets its IAM policies decide.
    return known(effect === "Deny" || requester.kind === "root");
  }
  return requester.kind === "root" ? identityIsRoot(member.value) : identityNamed(member.value, requester);
}

/**
 * `{"AWS": "*"}` and services: AWS's pages call it the same as `"*"`, some services treat the two differently, so
 * nothing is concluded. A Regional service name, or the name in other letters, may or may not be what the service
 * calls with: likewise.
 */
function serviceNamed(member: PrincipalMember, name: string): Truth {
  if (member.kind === "aws") return member.value === "*" ? unknown("Principal") : NO;
  if (member.kind !== "service") return NO;
  if (member.value === name) return YES;
  const [first = ""] = name.split(".");
  const written = member.value.toLowerCase();
  const similar = written.startsWith(`${first.toLowerCase()}.`) && written.includes(".amazonaws.com");
  return similar || member.value.includes("*") ? unknown("Principal") : NO;
}

function identityIsRoot(principal: string): Truth {
  if (principal.includes("*")) return unknown("Principal");
  return parseArn(principal) || isUniqueId(principal) || /^\d{12}$/.test(principal) ? NO : unknown("Principal");
}

function identityNamed(principal: string, requester: { kind: "role" | "user"; arn: string; account: string }): Truth {
  if (principal === requester.arn) return YES;
  // KMS prints the unique id of a principal only when the principal is gone: it is nobody who can call.
  if (isUniqueId(principal)) return NO;
  const parts = parseArn(principal);
  if (!parts) return /^\d{12}$/.test(principal) ? NO : unknown("Principal");
  if (parts.service === "sts" && requester.kind === "role" && parts.account === requester.account) {
    // One session of the role: the request stands for any session of it.
    const [, role] = parts.resource.split("/");
    return role === requester.arn.split("/").at(-1) ? unknown("aws:userid") : NO;
  }
  // Wildcards within a principal's ARN are refused by KMS; if one ever appears, it is not understood.
  return principal.includes("*") ? unknown("Principal") : NO;
}

/**
 * A Deny with NotPrincipal may look at each name of the requester in turn: the account, the user or role, the session.
 * It certainly spares only who is listed by all of them, and certainly denies only who is listed by none of their own.
 * A role is never certainly spared: the request stands for any of its sessions, and NotPrincipal has no "any session".
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function notPrincipal(statement: Statement, element: PrincipalElement, requester: Requester): Truth {
  if (statement.effect === "Allow") return unknown("NotPrincipal");
  if (requester.kind !== "service" && element.members.some(isEveryone)) return NO;
  const listed = any(element.members.map((member) => spares(member, requester)));
  if (requester.kind === "service" || requester.kind === "root") return not(listed);
  const account = element.members.some((m) => isAccountOf(m, requester));
  return not(all([listed, requester.kind === "user" && account ? YES : unknown("NotPrincipal")]));
}

function isEveryone(member: PrincipalMember): boolean {
  return member.kind === "everyone" || (member.kind === "aws" && member.value === "*");
}

function spares(member: PrincipalMember, requester: Requester): Truth {
  if (requester.kind === "role" || requester.kind === "user") {
    if (isAccountOf(member, requester)) return NO;
  }
  return memberNames(member, "Allow", requester);
}

function isAccountOf(member: PrincipalMember, requester: Requester): boolean {
  if (member.kind !== "aws" || requester.kind === "service") return false;
  if (member.value === requester.account) return true;
  const parts = parseArn(member.value);
  return parts?.service === "iam" && parts.account === requester.account && parts.resource === "root";
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
export function isUniqueId(text: string): boolean {
  return /^A(ROA|IDA|GPA|PKA|NPA|NVA|SCA|SIA|KIA)[A-Z0-9]{12,}$/.test(text);
}
