/**
 * A key's policy judged against what its agents need. Met only where each request is proved allowed; whatever can't be
 * proved is said to depend, with the condition keys that decide. There is no false "met".
 */
import { type Decision, decide } from "../policy/decide.ts";
import type { PolicyDocument, Statement } from "../policy/document.ts";
import type { Agent } from "../ports.ts";
import {
  type KeyFacts,
  type ProofRequest,
  type RequirementInstance,
  requestsFor,
  requirementsOf,
} from "../requirements/instance.ts";
import type { Profile } from "../requirements/profiles.ts";
import type { Requirement, Subject } from "../requirements/requirement.ts";

export type Verdict =
  | {
      readonly kind: "met";
      readonly by: readonly Statement[];
      /** By a statement that also names this account or agent as the source: stricter than documented. */
      readonly tighter: boolean;
      /** Such as: today's members of an action pattern are allowed, tomorrow's are not. */
      readonly notes: readonly string[];
    }
  | {
      readonly kind: "missing";
      readonly actions: readonly string[];
      /** Statements that leave the question to IAM: they do not meet the requirement. */
      readonly delegatedBy: readonly Statement[];
    }
  | { readonly kind: "blocked"; readonly actions: readonly string[]; readonly by: readonly Statement[] }
  | {
      readonly kind: "depends";
      readonly actions: readonly string[];
      readonly on: readonly string[];
      readonly by: readonly Statement[];
    };

export interface Judgement extends RequirementInstance {
  readonly verdict: Verdict;
}

/** Judges every requirement of every agent; an agent without a readable role is judged on the others. */
export function judgeKey(
  policy: PolicyDocument,
  key: KeyFacts,
  agents: readonly Agent[],
  profile: Profile,
): readonly Judgement[] {
  return requirementsOf(key.arn, agents, profile).map((instance) => ({
    ...instance,
    verdict: judge(policy, instance.requirement, instance.subject, key),
  }));
}

export function judge(policy: PolicyDocument, requirement: Requirement, subject: Subject, key: KeyFacts): Verdict {
  const requests = requestsFor(requirement, subject, key);
  const asKnown = verdictOf(policy, requests);
  if (asKnown.kind === "missing") {
    if (policy.statements.every(({ effect }) => effect === "Allow")) return asKnown;
    // Where a Deny may match too, an addition would not settle it: that is for a person, as if the Allow were there.
    const withAllow = verdictOf(withEverythingAllowed(policy), requests);
    return withAllow.kind === "met" ? asKnown : withAllow;
  }
  // An Allow that also asks for this account or agent as source is tighter; a Deny that asks may hit a call without it.
  if (asKnown.kind !== "depends" || asKnown.by.some(({ effect }) => effect === "Deny")) return asKnown;
  const named = verdictOf(policy, requestsFor(requirement, subject, key, "named"));
  return named.kind === "met" ? { ...named, tighter: true } : asKnown;
}

const WITH_EVERYTHING_ALLOWED = new WeakMap<PolicyDocument, PolicyDocument>();

/** Made once for a policy, so that it is prepared once too. */
function withEverythingAllowed(policy: PolicyDocument): PolicyDocument {
  const former = WITH_EVERYTHING_ALLOWED.get(policy);
  if (former) return former;
  const everything: Statement = {
    index: policy.statements.length,
    sid: undefined,
    effect: "Allow",
    principal: { negated: false, members: [{ kind: "everyone" }] },
    action: { negated: false, members: ["*"] },
    resource: { negated: false, members: ["*"] },
    conditions: [],
    notUnderstood: [],
    raw: {},
  };
  const made = { ...policy, statements: [...policy.statements, everything] };
  WITH_EVERYTHING_ALLOWED.set(policy, made);
  return made;
}

function verdictOf(policy: PolicyDocument, proofs: readonly ProofRequest[]): Verdict {
  const decided = proofs.map((proof) => ({ proof, decision: decide(policy, proof.request) }));
  const with_ = (kind: Decision["kind"], witness: boolean) =>
    decided.filter((d) => d.decision.kind === kind && d.proof.witness === witness);

  const denied = with_("denied", false);
  if (denied.length > 0) return { kind: "blocked", actions: actionsOf(denied), by: statementsOf(denied) };
  const missing = with_("not-allowed", false);
  if (missing.length > 0) {
    const delegatedBy = unique(missing.flatMap((d) => d.decision.delegatedBy));
    return { kind: "missing", actions: actionsOf(missing), delegatedBy };
  }
  const depends = with_("depends", false);
  if (depends.length > 0) {
    const on = [...new Set(depends.flatMap((d) => d.decision.dependsOn))].sort();
    return { kind: "depends", actions: actionsOf(depends), on, by: statementsOf(depends) };
  }
  const notes = decided
    .filter((d) => d.proof.witness && d.decision.kind !== "allowed")
    .map((d) => `today's members of ${d.proof.of} are allowed; a future one would not be`);
  return { kind: "met", by: statementsOf(decided), tighter: false, notes };
}

type Decided = { readonly proof: ProofRequest; readonly decision: Decision };

function actionsOf(decided: readonly Decided[]): readonly string[] {
  return [...new Set(decided.map((d) => d.proof.request.action))];
}

function statementsOf(decided: readonly Decided[]): readonly Statement[] {
  return unique(decided.flatMap((d) => d.decision.because));
}

function unique(statements: readonly Statement[]): readonly Statement[] {
  return [...new Set(statements)].sort((a, b) => a.index - b.index);
}
