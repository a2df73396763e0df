/**
 * What a policy says to a request. The engine knows nothing of Bedrock or of the guard.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import type { PolicyDocument, Statement } from "./document.ts";
import { openIn, type Truth } from "./kleene.ts";
import { partToAsk } from "./prepared.ts";
import type { Request } from "./request.ts";
import { matchStatement } from "./statement.ts";
import { asKeyPolicySees, possibleRequests } from "./worlds.ts";

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
export function decide(policy: PolicyDocument, asked: Request): Decision {
  const request = asKeyPolicySees(asked);
  const part = partToAsk(policy, request);
  const first = decideOne(part, request);
  const decision = first.kind === "depends" ? (inAllWorlds(part, request) ?? first) : first;
  if (part === policy) return decision;
  // A part's statements may be cut; an answer names those of the policy.
  const asWritten = (cut: readonly Statement[]) => cut.flatMap(({ index }) => policy.statements[index] ?? []);
  return { ...decision, because: asWritten(decision.because), delegatedBy: asWritten(decision.delegatedBy) };
}

/** The answer that every possible request gets, where it is the same. */
function inAllWorlds(policy: PolicyDocument, request: Request): Decision | undefined {
  const decisions = possibleRequests([policy], request).map((world) => decideOne(policy, world));
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
  const matches = policy.statements.map((statement) => {
    const { named, delegated } = matchStatement(statement, policy, request);
    return { statement, truth: named, delegated };
  });
  const delegatedBy = matches.filter((m) => m.delegated.kind !== "no").map((m) => m.statement);
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
  const keys = new Set(undecided.flatMap((m) => openIn(m.truth)));
  return { ...answer("depends", undecided, delegatedBy), dependsOn: [...keys].sort() };
}

function answer(
  kind: Decision["kind"],
  matches: readonly { readonly statement: Statement }[],
  delegatedBy: readonly Statement[],
): Decision {
  return { kind, because: matches.map((m) => m.statement), dependsOn: [], delegatedBy };
}
