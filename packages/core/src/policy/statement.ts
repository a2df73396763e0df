/** What one statement says to a request: of a resource's policy, or of an identity's. */
import { conditionHolds } from "./condition.ts";
import type { PolicyDocument, Statement, StringSet } from "./document.ts";
import { globMatches } from "./glob.ts";
import { all, any, known, NO, not, type Truth, unknown } from "./kleene.ts";
import { matchPrincipal } from "./principal.ts";
import type { Request } from "./request.ts";
import {
  arnPatternMatches,
  matchesResolved,
  patternMatches,
  stands,
  type Variables,
  variablesOf,
} from "./variables.ts";

export interface StatementMatch {
  /** The statement speaks of the request, and names the requester. */
  readonly named: Truth;
  /** It does so in a way that a permissions boundary's implicit deny does not limit. */
  readonly beyondBoundary: Truth;
  /** It allows the requester's account, which leaves the question to the account's IAM policies. */
  readonly delegated: Truth;
}

/**
 * A statement of a key policy.
 *
 * @param bounded whether the requester is known to have a permissions boundary
 */
export function matchStatement(
  statement: Statement,
  policy: PolicyDocument,
  request: Request,
  bounded = false,
): StatementMatch {
  const principal = matchPrincipal(statement, request, bounded);
  const understood = statement.notUnderstood.length === 0;
  // Most statements of a long policy speak of somebody else: nothing more is looked at.
  if (understood && principal.named.kind === "no" && !principal.delegates) return SILENT;
  const rest = restMatches(statement, policy, request);
  return {
    named: understood ? all([principal.named, rest]) : rest,
    beyondBoundary: understood ? all([principal.beyondBoundary, rest]) : rest,
    delegated: principal.delegates ? rest : NO,
  };
}

const SILENT: StatementMatch = { named: NO, beyondBoundary: NO, delegated: NO };

/** A statement of an identity policy or of a boundary: it speaks of whoever it is attached to. */
export function matchIdentityStatement(statement: Statement, policy: PolicyDocument, request: Request): StatementMatch {
  const rest = statement.principal ? unknown("Principal") : restMatches(statement, policy, request);
  return { named: rest, beyondBoundary: NO, delegated: NO };
}

function restMatches(statement: Statement, policy: PolicyDocument, request: Request): Truth {
  if (statement.notUnderstood.length > 0) return unknown(...statement.notUnderstood);
  const action = actionMatches(statement.action, request.action);
  if (action.kind === "no") return action;
  const variables = variablesOf(policy.version, request.context);
  // One by one: the first certain no settles it.
  return all(parts(statement, request, variables));
}

function* parts(statement: Statement, request: Request, variables: Variables): Generator<Truth> {
  yield resourceMatches(statement.resource, request.resource, variables);
  for (const condition of statement.conditions) yield conditionHolds(condition, request.context, variables);
}

/** Action names are not case-sensitive. A statement without Action does nothing. */
export function actionMatches(actions: StringSet | undefined, action: string): Truth {
  if (!actions) return NO;
  const wanted = action.toLowerCase();
  const listed = actions.members.some((member) => globMatches(member.toLowerCase(), wanted));
  return known(listed !== actions.negated);
}

/** In a key policy `*` means this key. An alias, or another key's ARN, never matches. */
function resourceMatches(resources: StringSet | undefined, resource: string, variables: Variables): Truth {
  if (!resources) return NO;
  const listed = any(resources.members.map((member) => resourceListed(member, resource, variables)));
  return all([resources.negated ? not(listed) : listed, stands(resources.members, variables)]);
}

/**
 * A `*` matches within its segment of the ARN, and "can" reach over colons at a segment's end: where the two readings
 * differ, nothing is concluded.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
function resourceListed(member: string, resource: string, variables: Variables): Truth {
  if (member === "*") return known(true);
  const overColons = matchesResolved(variables(member), (pattern) => patternMatches(pattern, resource));
  const byParts = arnPatternMatches(member, resource, variables);
  return byParts.kind === "no" && overColons.kind === "yes" ? unknown("Resource") : all([overColons, byParts]);
}
