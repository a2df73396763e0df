/** What people are told of the guard's own policy on a caller: that it is too much or too large, refused, or taken away. */
import type { Finding } from "../finding/finding.ts";
import { finding } from "../finding/findings.ts";
import type { Hold } from "../ports.ts";
import type { Identity } from "./account.ts";
import { arnOf } from "./caller-arn.ts";
import type { CallerFacts } from "./findings.ts";
import { idOf, needName } from "./need.ts";
import { OWN_POLICY, ownDocument } from "./own-policy.ts";
import { accessOf, type Need } from "./plan.ts";
import {
  DOCUMENTED,
  heldBack,
  managedPolicyRemedy,
  NOT_SEEN,
  type Reason,
  shortName,
  trimCommand,
} from "./remedies.ts";

/** The guard's policy gives what nobody needs, and the guard does not write. */
export function unneeded({ review, proposal, names }: CallerFacts, why: Reason): Finding {
  const { identity } = review;
  const { removes, document } = proposal;
  return finding({
    kind: "caller-access-unneeded",
    severity: "low",
    caller: arnOf(identity),
    agents: idsOf(removes),
    title: `${shortName(identity)} has access that it does not need: its policy ${OWN_POLICY} gives more than its agents ask for`,
    detail:
      "Nothing fails. What follows is for agents that are gone, that it may not invoke any more, or for which the policy " +
      "makes no difference:",
    evidence: removes.map(({ agent, key }) => `${names.get(agent) ?? "agent"} (${idOf(agent)}) on ${key}`),
    remedy: [
      ...heldBack("Not taken away", [why]),
      `To leave ${shortName(identity)} what it needs, and no more:`,
      trimCommand(identity, document),
    ],
    about: removes.map(needName),
  });
}

/** What does not fit beside its other inline policies. */
export function tooMuch({ review, proposal, names }: CallerFacts): Finding {
  const { identity } = review;
  const { leftOut } = proposal;
  const document = ownDocument(accessOf(leftOut));
  const agents = [...new Set(leftOut.map(({ agent }) => names.get(agent) ?? idOf(agent)))];
  return finding({
    kind: "caller-policy-full",
    severity: "medium",
    caller: arnOf(identity),
    agents: idsOf(leftOut),
    title: `${shortName(identity)} has no room for all that it needs: access for ${agents.length} of its agents does not fit beside its other inline policies`,
    detail: `IAM limits the size of all inline policies of a ${identity.kind} together. InvokeAgent fails for it on ${agents.join(", ")}, with an access error that does not name the key. This would let it:`,
    evidence: document ? [JSON.stringify(document, null, 2)] : [],
    remedy: [...(document ? managedPolicyRemedy(identity, document) : []), DOCUMENTED, NOT_SEEN],
    about: leftOut.map(needName),
  });
}

/** @param needs - what would be changed; @param document - the policy that the guard does not give any more */
export function contested(
  identity: Identity,
  needs: readonly Need[],
  hold: Hold,
  resume: string,
  document: object | undefined,
): Finding {
  return finding({
    kind: "caller-contested",
    severity: "high",
    caller: arnOf(identity),
    agents: idsOf(needs),
    title: `somebody keeps taking the guard's policy from ${shortName(identity)}: the guard has stopped giving it`,
    detail: `${hold.reason}: ${hold.by}. InvokeAgent may fail for it meanwhile.${document ? " This is what it lacks:" : ""}`,
    evidence: document ? [JSON.stringify(document, null, 2)] : [],
    remedy: [
      `Put the policy above, as \`${OWN_POLICY}\`, where this ${identity.kind} is defined (Terraform, CloudFormation, CDK), or keep that tool from removing inline policies it does not know.`,
      "Then let the guard write again:",
      resume,
    ],
    about: [hold.at],
  });
}

/** The code of a refusal because there is no such role or user any more. */
const GONE = "NoSuchEntity";

export function writeRefused(
  identity: Identity,
  needs: readonly Need[],
  refusal: { readonly code: string; readonly message: string },
): Finding {
  const gone = refusal.code === GONE;
  const name = shortName(identity);
  return finding({
    kind: "caller-write-refused",
    severity: gone ? "low" : "high",
    caller: arnOf(identity),
    agents: idsOf(needs),
    title: gone
      ? `${name} is gone: it was deleted while the guard worked on it`
      : `IAM refused the guard's policy for ${name}: ${refusal.code}`,
    detail: gone
      ? "Nothing was written to it."
      : `Nothing was written to it, and InvokeAgent may fail for it. IAM says: ${refusal.message}`,
    remedy: gone ? ["Nothing is to be done, unless it was not meant to be deleted."] : REFUSED[kindOf(refusal.code)],
    about: [refusal.code],
  });
}

function kindOf(code: string): keyof typeof REFUSED {
  if (code.startsWith("LimitExceeded")) return "full";
  return /^(AccessDenied|Unauthorized)/.test(code) ? "denied" : "other";
}

const REFUSED = {
  denied: [
    "Let the guard's role `callers` do what IAM refused: an organization's policy, or a permissions boundary on the guard's roles, may be what refuses it.",
    "Or let the guard only tell what is lacking: give the role or user its mode tag (`bedrock-key-guard`, unless it is set otherwise) with the value `observe`.",
  ],
  full: [
    "Make room among its inline policies, or give it a managed policy. `bedrock-key-guard callers` prints what it needs (docs/callers.md).",
  ],
  other: [
    "Look at what IAM says. `bedrock-key-guard callers` prints what it needs, to be given by hand (docs/callers.md).",
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export function unreadableAccount(message: string): Finding {
  return finding({
    kind: "callers-unreadable",
    severity: "high",
    agents: [],
    title: "the guard can't read the account's IAM: whether callers can use their agents' keys is not known any more",
    detail: `Nothing was written to callers. AWS says: ${message}`,
    remedy: [
      "Let the guard's role `callers` do iam:GetAccountAuthorizationDetails: an organization's policy, or a permissions boundary on the guard's roles, may be what refuses it.",
      'Or have callers not looked after: deploy with `callers: { mode: "off" }` (stacks/settings.ts).',
    ],
  });
}

function idsOf(needs: readonly Need[]) {
  return [...new Set(needs.map(({ agent }) => idOf(agent)))];
}
