/**
 * What the guard would say of a key from files alone: the same judge, plan and findings as in the deployed workflow, less
 * what only AWS can answer.
 */
import { accountOf, partsOf } from "@bedrock-key-guard/core/arn.ts";
import type { Finding } from "@bedrock-key-guard/core/finding/finding.ts";
import { documentedStatement, findingsOf, foreignKey } from "@bedrock-key-guard/core/finding/findings.ts";
import { type BroaderStatement, broaderStatements } from "@bedrock-key-guard/core/key/broader.ts";
import { type Judgement, judgeKey } from "@bedrock-key-guard/core/key/judge.ts";
import { orphanedPrincipals } from "@bedrock-key-guard/core/key/orphans.ts";
import { missingAccess, type Plan, planPatch, rolesOfOtherAccounts } from "@bedrock-key-guard/core/key/plan.ts";
import { roleless, roleUnknown } from "@bedrock-key-guard/core/key/problems.ts";
import { noSafePatch, orphaned, policyFull } from "@bedrock-key-guard/core/key/problems-of-writing.ts";
import { keyOfAnotherRegion, unsuitable } from "@bedrock-key-guard/core/key/suitable.ts";
import type { PolicyDocument } from "@bedrock-key-guard/core/policy/document.ts";
import type { Agent, Key } from "@bedrock-key-guard/core/ports.ts";
import { requirementsOf } from "@bedrock-key-guard/core/requirements/instance.ts";
import type { Profile } from "@bedrock-key-guard/core/requirements/profiles.ts";

export interface Examined {
  readonly key: Key;
  readonly agents: readonly Agent[];
  readonly profile: Profile;
  readonly judgements: readonly Judgement[];
  readonly findings: readonly Finding[];
  /** What the policy allows beyond what is documented. */
  readonly broader: readonly BroaderStatement[];
  /** `withheld`: the guard would not write to this key, whatever its policy lacks. */
  readonly plan: Plan | { readonly kind: "withheld"; readonly reason: string };
  /** No finding, nothing missing, and nothing broader. */
  readonly compliant: boolean;
}

export function examine(policy: PolicyDocument, key: Key, agents: readonly Agent[], profile: Profile): Examined {
  const judgements = judgeKey(policy, key, agents, profile);
  const misfit = misfitOf(key, agents, profile);
  const access = missingAccess(judgements);
  const strangers = rolesOfOtherAccounts(access.roles, key);
  const known = { ...access, roles: access.roles.filter((role) => !strangers.includes(role)) };
  const plan: Examined["plan"] = misfit
    ? { kind: "withheld", reason: misfit.title }
    : planPatch(policy, key, known, judgements);
  const findings = [
    ...(misfit ? [misfit] : []),
    ...findingsOf(judgements, key.arn),
    ...roleless(key.arn, agents),
    ...strangers.map((role) => {
      const needing = judgements.find(({ subject }) => subject.role === role)?.agents ?? [];
      return roleUnknown(key.arn, needing, role, "It belongs to another account than the key");
    }),
    ...findingsOfPlan(plan, policy, key, agents),
  ];
  const missing = judgements.some(({ verdict }) => verdict.kind === "missing");
  const broader = broaderStatements(policy, key, agents, profile);
  const compliant = findings.length === 0 && broader.length === 0 && !missing;
  return { key, agents, profile, judgements, findings, broader, plan, compliant };
}

/** Why no agent here can use the key, or the guard not change it. */
function misfitOf(key: Key, agents: readonly Agent[], profile: Profile): Finding | undefined {
  const [agent] = agents;
  if (!agent) return undefined;
  const account = accountOf(agent.arn);
  if (partsOf(key.arn).account !== account) {
    return foreignKey(key.arn, agents, requirementsOf(key.arn, agents, profile).map(documentedStatement));
  }
  return keyOfAnotherRegion(key.arn, agents) ?? unsuitable(key, account, agents);
}

function findingsOfPlan(
  plan: Examined["plan"],
  policy: PolicyDocument,
  key: Key,
  agents: readonly Agent[],
): readonly Finding[] {
  switch (plan.kind) {
    case "nothing":
    case "withheld":
      return [];
    case "too-long":
      return [policyFull(key.arn, agents, plan.bytes, plan.patch)];
    case "no-safe-patch":
      return [noSafePatch(key.arn, agents, plan.reason)];
    case "patch": {
      const orphans = orphanedPrincipals(policy);
      return orphans.length > 0 ? [orphaned(key.arn, agents, orphans, plan.patch)] : [];
    }
    default:
      return plan satisfies never;
  }
}
