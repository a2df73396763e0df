/**
 * Whether a statement's Principal or NotPrincipal speaks of the requester.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import { accountId, parseArn } from "../arn.ts";
import type { PrincipalElement, PrincipalMember, Statement } from "./document.ts";
import { all, any, known, NO, not, type Truth, unknown, YES } from "./kleene.ts";
import { accountOfRequester, lookUp, type Request, type RequestContext, type Requester } from "./request.ts";

export interface PrincipalMatch {
  /** Whether the statement names the requester, so that its effect applies to them directly. */
  readonly named: Truth;
  /** Whether it names them so that what their permissions boundary leaves out, if any, does not limit the statement. */
  readonly beyondBoundary: Truth;
  /**
   * The statement allows the requester's account: that hands the question to the account's IAM policies, and allows
   * nobody by itself but the account's root user.
   */
  readonly delegates: boolean;
}

/** @param bounded whether the requester is known to have a permissions boundary */
export function matchPrincipal(statement: Statement, request: Request, bounded: boolean): PrincipalMatch {
  const { principal: requester, context } = request;
  const element = statement.principal;
  // In a resource policy each statement has a principal; one without is not understood, so it is never guessed at.
  if (!element) return { named: unknown("Principal"), beyondBoundary: unknown("Principal"), delegates: false };
  if (element.negated) {
    const named = notPrincipal(statement, element, requester, context, bounded);
    return { named, beyondBoundary: named, delegates: false };
  }
  const denies = statement.effect === "Deny";
  const matches = element.members.map((member) => ({ member, truth: memberNames(member, denies, requester, context) }));
  const named = any(matches.map(({ truth }) => truth));
  const beyondBoundary = bounded ? any(matches.map(({ member, truth }) => all([truth, beyond(member)]))) : named;
  // A Deny of the account names everyone in it, and so leaves nothing to delegate.
  const account = element.members.some((member) => isAccountOf(member, requester));
  return { named, beyondBoundary, delegates: named.kind !== "yes" && account };
}

function memberNames(member: PrincipalMember, denies: boolean, requester: Requester, context: RequestContext): Truth {
  if (member.kind === "everyone") return YES;
  if (requester.kind === "service") return serviceNamed(member, requester.name);
  if (member.kind === "canonical") return unknown("Principal");
  if (member.kind === "federated") return providerNamed(member.value, requester, context);
  if (member.kind !== "aws") return NO;
  if (member.value === "*") return YES;
  if (isAccountOf(member, requester)) {
    // A Deny of the account is a Deny of everyone in it; an Allow of it only lets its IAM policies decide.
    return known(denies || requester.kind === "root");
  }
  return identityNamed(member.value, requester, context);
}

/**
 * A role is limited by its boundary also where a resource's policy names it; a user and a session are not. AWS does not
 * say it of everyone.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
 *
 * @param member names the requester, who is one that can have a boundary
 */
function beyond(member: PrincipalMember): Truth {
  const parts = member.kind === "aws" ? parseArn(member.value) : undefined;
  return parts ? known(!parts.resource.startsWith("role/")) : unknown("Principal");
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
  const first = name.slice(0, name.indexOf(".") + 1).toLowerCase();
  const written = member.value.toLowerCase();
  const similar = written.startsWith(first) && written.includes(".amazonaws.com");
  return similar || member.value.includes("*") ? unknown("Principal") : NO;
}

/**
 * A session of a role may have been opened with an identity provider, and is then named by the provider too. Whether a
 * key policy may do so, KMS's pages do not say.
 */
function providerNamed(provider: string, requester: Requester, context: RequestContext): Truth {
  if (requester.kind === "role") return unknown("aws:FederatedProvider");
  if (requester.kind !== "session") return NO;
  const used = lookUp(context, "aws:FederatedProvider");
  const other = used.kind === "absent" || (used.kind === "known" && !used.values.includes(provider));
  return other ? NO : unknown("aws:FederatedProvider");
}

const PLAIN_ENTITY = /^arn:aws[a-z-]*:iam::\d{12}:(?:role|user)\/[\w+=,.@/-]+$/;

type Identity = Exclude<Requester, { kind: "service" }>;

function identityNamed(principal: string, requester: Identity, context: RequestContext): Truth {
  if ("arn" in requester && principal === requester.arn) return YES;
  // The most common case by far, and the only one that is common in a long policy: somebody else, plainly named.
  if (requester.kind !== "session" && requester.kind !== "federated" && PLAIN_ENTITY.test(principal)) return NO;
  // Wildcards within a principal's ARN are refused by KMS, and so are variables; if one ever appears, it is not understood.
  if (/[*?]|\$\{/.test(principal) || !isPrincipalText(principal)) return unknown("Principal");
  const parts = parseArn(principal);
  // KMS prints the unique id of a principal only when the principal is gone: it is nobody who can call.
  if (requester.kind === "anonymous" || !parts || parts.account !== requester.account) return NO;
  const [type, ...names] = parts.resource.split("/");
  switch (requester.kind) {
    case "root":
    case "user":
      return NO;
    case "role":
      // One session of the role: the request stands for any session of it.
      return type === "assumed-role" && names[0] === requester.arn.split("/").at(-1) ? unknown("aws:userid") : NO;
    case "session":
      return parts.service === "iam" && type === "role" && names.at(-1) === requester.roleName
        ? roleOfSession(principal, context)
        : NO;
    case "federated":
      // The user who opened the session is not in its name.
      return parts.service === "iam" && type === "user" ? unknown("Principal") : NO;
    default:
      return requester satisfies never;
  }
}

/**
 * A session's ARN leaves out its role's path; `aws:PrincipalArn` has it. Without that the name is enough: it is unique in
 * the account whatever the path is.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-friendly-names
 */
function roleOfSession(role: string, context: RequestContext): Truth {
  const whole = lookUp(context, "aws:PrincipalArn");
  if (whole.kind === "absent") return YES;
  return whole.kind === "known" && whole.values.length === 1
    ? known(whole.values[0] === role)
    : unknown("aws:PrincipalArn");
}

function isPrincipalText(text: string): boolean {
  return parseArn(text) !== undefined || isUniqueId(text) || accountId(text) !== undefined;
}

/**
 * A Deny with NotPrincipal may look at each name of the requester in turn: the account, the user or role, the session.
 * It certainly spares only who is listed by all of them, and certainly denies only who is listed by none of their own.
 * A role is never certainly spared: the request stands for any of its sessions, and NotPrincipal has no "any session".
 * Who has a permissions boundary is denied whatever is listed.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
function notPrincipal(
  statement: Statement,
  element: PrincipalElement,
  requester: Requester,
  context: RequestContext,
  bounded: boolean,
): Truth {
  if (statement.effect === "Allow") return unknown("NotPrincipal");
  const everyone = element.members.some(isEveryone);
  const entity = requester.kind === "user" || requester.kind === "role" || requester.kind === "session";
  if (bounded && entity) return everyone ? unknown("NotPrincipal") : YES;
  if (requester.kind !== "service" && everyone) return NO;
  const spares = (member: PrincipalMember) => memberNames(member, false, requester, context);
  const listed = any(element.members.map(spares));
  if (requester.kind === "service" || requester.kind === "root" || requester.kind === "anonymous") return not(listed);
  const account = element.members.some((member) => isAccountOf(member, requester));
  const own = element.members.some((member) => member.kind === "aws" && member.value === requester.arn);
  const role = element.members.some((m) => "value" in m && m.value !== requester.arn && spares(m).kind === "yes");
  const byAll = account && own && (requester.kind === "user" || role);
  return not(all([listed, byAll ? YES : unknown("NotPrincipal")]));
}

function isEveryone(member: PrincipalMember): boolean {
  return member.kind === "everyone" || (member.kind === "aws" && member.value === "*");
}

function isAccountOf(member: PrincipalMember, requester: Requester): boolean {
  const account = accountOfRequester(requester);
  if (member.kind !== "aws") return false;
  if (member.value === account) return true;
  if (!member.value.endsWith(":root")) return false;
  const parts = parseArn(member.value);
  return parts?.service === "iam" && parts.account === account && parts.resource === "root";
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids */
export function isUniqueId(text: string): boolean {
  return /^A(ROA|IDA|GPA|PKA|NPA|NVA|SCA|SIA|KIA)[A-Z0-9]{12,}$/.test(text);
}
