/**
 * What a policy says to a request. The engine knows nothing of Bedrock or of the guard.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { conditionHolds } from "./condition.ts";
import type { PolicyDocument, Statement, StringSet } from "./document.ts";
import { arnGlobMatches, globMatches, variablesIn } from "./glob.ts";
import { all, any, known, NO, not, type Truth, unknown } from "./kleene.ts";
import { matchPrincipal } from "./principal.ts";
import type { Request } from "./request.ts";
import { possibleRequests } from "./worlds.ts";

export interface Decision {
  /**
   * - `allowed`: an Allow certainly matches, and no Deny can
   * - `denied`: a Deny certainly matches
   * - `not-allowed`: no Allow can match
   * - `depends`: on what is not known, see `dependsOn`
   */
  readonly kind: "allowed" | "denied" | "not-allowed" | "depends";
  /** The statements that decided, or that would. */
  readonly because: readonly Statement[];
  /** Condition keys (or policy elements not understood), sorted; empty unless `depends`. */
  readonly dependsOn: readonly string[];
  /** Allow statements that leave the question to the IAM policies of the requester's account. */
  readonly delegatedBy: readonly Statement[];
}

/**
 * Decides a request on a key policy alone. Where the policy only delegates to the account's IAM, the answer is
 * `not-allowed` with `delegatedBy`: what IAM says is not in the key policy.
 */
export function decide(policy: PolicyDocument, request: Request): Decision {
  const decision = decideOne(policy, request);
  return decision.kind === "depends" ? (inAllWorlds(policy, request) ?? decision) : decision;
}

/** The answer that every possible request gets, where it is the same. */
function inAllWorlds(policy: PolicyDocument, request: Request): Decision | undefined {
  const decisions = possibleRequests(policy, request).map((world) => decideOne(policy, world));
  const [first] = decisions;
  if (!first || first.kind === "depends" || decisions.some((d) => d.kind !== first.kind)) return undefined;
  const because = new Set(decisions.flatMap((d) => d.because));
  const delegatedBy = new Set(decisions.flatMap((d) => d.delegatedBy));
  return { ...first, because: inOrder(because), delegatedBy: inOrder(delegatedBy) };
}

function inOrder(statements: Iterable<Statement>): readonly Statement[] {
  return [...statements].sort((a, b) => a.index - b.index);
}

function decideOne(policy: PolicyDocument, request: Request): Decision {
  const matches = policy.statements.map((statement) => ({ statement, ...matchStatement(statement, policy, request) }));
  const delegatedBy = matches.filter((m) => m.delegates).map((m) => m.statement);
  const of = (effect: string, kind: Truth["kind"]) =>
    matches.filter((m) => m.statement.effect === effect && m.truth.kind === kind);

  const denying = of("Deny", "yes");
  if (denying.length > 0) return answer("denied", denying, delegatedBy);
  const allowing = of("Allow", "yes");
  const perhapsAllowing = of("Allow", "unknown");
  const perhapsDenying = of("Deny", "unknown");
  if (allowing.length === 0 && perhapsAllowing.length === 0) return answer("not-allowed", [], delegatedBy);
  if (allowing.length > 0 && perhapsDenying.length === 0) return answer("allowed", allowing, delegatedBy);
  const undecided = [...(allowing.length > 0 ? [] : perhapsAllowing), ...perhapsDenying];
  const keys = new Set(undecided.flatMap((m) => (m.truth.kind === "unknown" ? m.truth.on : [])));
  return { ...answer("depends", undecided, delegatedBy), dependsOn: [...keys].sort() };
}

function answer(
  kind: Decision["kind"],
  matches: readonly { readonly statement: Statement }[],
  delegatedBy: readonly Statement[],
): Decision {
  return { kind, because: matches.map((m) => m.statement), dependsOn: [], delegatedBy };
}

function matchStatement(
  statement: Statement,
  policy: PolicyDocument,
  request: Request,
): { readonly truth: Truth; readonly delegates: boolean } {
  const principal = matchPrincipal(statement, request.principal);
  if (statement.notUnderstood.length > 0) {
    return { truth: unknown(...statement.notUnderstood), delegates: principal.delegates };
  }
  const rest = all([
    actionMatches(statement.action, request.action),
    resourceMatches(statement.resource, request.resource, policy.version),
    ...statement.conditions.map((condition) => conditionHolds(condition, request.context, policy.version)),
  ]);
  return { truth: all([principal.named, rest]), delegates: principal.delegates && rest.kind !== "no" };
}

/** Action names are not case-sensitive. A statement without Action does nothing. */
function actionMatches(actions: StringSet | undefined, action: string): Truth {
  if (!actions) return NO;
  const wanted = action.toLowerCase();
  const listed = actions.members.some((member) => globMatches(member.toLowerCase(), wanted));
  return known(listed !== actions.negated);
}

/**
 * In a key policy `*` means this key. An alias, or another key's ARN, never matches.
 *
 * A `*` matches within its segment of the ARN, and "can" reach over colons at a segment's end: where the two readings
 * differ, nothing is concluded.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
function resourceMatches(
  resources: StringSet | undefined,
  resource: string,
  version: PolicyDocument["version"],
): Truth {
  if (!resources) return NO;
  const listed = any(
    resources.members.map((member) => {
      const variables = variablesIn(member, version);
      if (variables.length > 0) return unknown(...variables);
      const overColons = globMatches(member, resource);
      return overColons === arnGlobMatches(member, resource) ? known(overColons) : unknown("Resource");
    }),
  );
  return resources.negated ? not(listed) : listed;
}
