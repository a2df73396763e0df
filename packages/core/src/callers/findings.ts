/** What people are told of one caller: each kind's title, detail, evidence and remedy in one place. */
import { type AgentArn, type CallerArn, callerArn, type KeyArn } from "../arn.ts";
import type { Finding, FindingKind, Severity } from "../finding/finding.ts";
import { finding, statementText } from "../finding/findings.ts";
import type { Hold } from "../ports.ts";
import { DOCUMENTED_PAGE } from "../requirements/documented.ts";
import type { Identity } from "./account.ts";
import { idOf } from "./gather.ts";
import type { CallerVerdict } from "./judge.ts";
import { OWN_POLICY, ownDocument } from "./own-policy.ts";
import { accessOf, type CallerJudgement, type Need, needsOf } from "./plan.ts";
import { policiesOf } from "./policies.ts";
import type { CallerReview } from "./review.ts";
import { callerSnippets, deleteCommand, putCommand } from "./snippets.ts";
import { identityName, invocationInWords, reasonOf } from "./words.ts";

/** @throws when IAM gave an identity whose ARN is none: it was read as one */
export function arnOf({ arn }: Pick<Identity, "arn">): CallerArn {
  const found = callerArn(arn);
  if (!found) throw new Error(`\`${arn}\` is no role's or user's ARN`);
  return found;
}

export interface CallerFacts {
  readonly review: CallerReview;
  /** What the guard's policy on it gives now. */
  readonly had: readonly Need[];
  /** Agents' names by ARN. */
  readonly names: ReadonlyMap<AgentArn, string>;
}

type Stopping = Exclude<CallerVerdict["kind"], "able">;

const KINDS: Readonly<Record<Stopping, FindingKind>> = {
  lacks: "caller-lacks-access",
  denied: "caller-denied",
  depends: "caller-depends",
  stopped: "caller-stopped",
};

const SEVERITIES: Readonly<Record<Stopping, Severity>> = {
  lacks: "medium",
  denied: "medium",
  depends: "low",
  stopped: "medium",
};

/**
 * What stands between a caller and the keys of its agents, one finding a kind.
 *
 * @param why - why the guard does not write what is lacking, with the way out; undefined where it does
 */
export function findingsOfCaller(facts: CallerFacts, why: string | undefined): readonly Finding[] {
  const { administrator, judgements } = facts.review;
  // Nobody need have meant an administrator to invoke these agents, and it can give itself what it needs.
  if (administrator) return [];
  const groups = Map.groupBy(judgements, ({ verdict }) => verdict.kind);
  return [...groups].flatMap(([kind, group]) => {
    if (kind === "able" || (kind === "lacks" && why === undefined)) return [];
    return [ofKind(kind, group, facts, why ?? "")];
  });
}

function ofKind(kind: Stopping, group: readonly CallerJudgement[], facts: CallerFacts, why: string): Finding {
  const { identity } = facts.review;
  const agents = [...new Set(group.map(({ agent }) => agent))];
  const perhaps = group.every(({ invocation }) => invocation.kind === "perhaps");
  return finding({
    kind: KINDS[kind],
    severity: perhaps ? "low" : SEVERITIES[kind],
    caller: arnOf(identity),
    agents: agents.map(idOf),
    title: `${identityName(identity)} can't use the key: it ${perhaps ? "may perhaps" : "may"} invoke ${agentNames(agents, facts)}, and ${reasons(group)}`,
    detail: `${invocations(group)} ${failing(kind)}`,
    evidence: kind === "lacks" ? [proposal(group, facts)] : statementsIn(group),
    remedy: kind === "lacks" ? remedyOfLacking(identity, group, facts, why) : REMEDIES[kind](identity, group),
  });
}

function failing(kind: Stopping): string {
  return kind === "depends"
    ? "Where that does not hold, InvokeAgent fails for it with an access error that does not name the key."
    : "InvokeAgent fails for it with an access error that does not name the key.";
}

function reasons(group: readonly CallerJudgement[]): string {
  return [...new Set(group.map(({ verdict }) => reasonOf(verdict)))].join("; ");
}

function invocations(group: readonly CallerJudgement[]): string {
  const words = [...new Set(group.map(({ invocation }) => invocationInWords(invocation)))];
  return `It ${words.join("; it ")}.`;
}

function agentNames(agents: readonly AgentArn[], { names }: CallerFacts): string {
  const [first = "", ...others] = agents.map((arn) => `agent "${names.get(arn) ?? idOf(arn)}"`);
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function statementsIn(group: readonly CallerJudgement[]): readonly string[] {
  const deciding = group.flatMap(({ verdict }) => {
    if (verdict.kind === "denied") return verdict.by.kind === "statements" ? verdict.by.statements : [];
    return verdict.kind === "depends" ? verdict.by : [];
  });
  // What is not understood has no text of its own to show.
  return [
    ...new Set(deciding.filter(({ statement }) => "Effect" in statement.raw).map((d) => statementText(d.statement))),
  ];
}

/** The whole policy as it should be: what the guard's gives now, and what is lacking. */
function policyFor(needs: readonly Need[], { had }: Pick<CallerFacts, "had">) {
  const document = ownDocument(accessOf([...had, ...needs]));
  if (!document) throw new Error("a policy is proposed for a caller that lacks something");
  return document;
}

function proposal(group: readonly Need[], facts: CallerFacts): string {
  return JSON.stringify(policyFor(group, facts), null, 2);
}

function remedyOfLacking(
  identity: Identity,
  group: readonly Need[],
  facts: CallerFacts,
  why: string,
): readonly string[] {
  const document = policyFor(group, facts);
  const snippets = callerSnippets(identity, document).flatMap(({ tool, where, text }) => [`${tool}, ${where}:`, text]);
  return [
    `Not written by the guard: ${why}.`,
    `To give ${identityName(identity)} the policy above:`,
    putCommand(identity, document),
    "Or where it is defined:",
    ...snippets,
    `What AWS documents: ${DOCUMENTED_PAGE}`,
  ];
}

const REMEDIES: Readonly<
  Record<Exclude<Stopping, "lacks">, (identity: Identity, group: readonly CallerJudgement[]) => readonly string[]>
> = {
  denied: (identity, group) => [
    group.some(({ verdict }) => verdict.kind === "denied" && verdict.by.kind === "boundary")
      ? `Let the permissions boundary of ${identityName(identity)} allow kms:GenerateDataKey and kms:Decrypt on ${keysIn(group)}, or take bedrock:InvokeAgent from it.`
      : `Narrow the statements above so that ${identityName(identity)} is exempt on ${keysIn(group)}, or take bedrock:InvokeAgent from it.`,
    `What AWS documents: ${DOCUMENTED_PAGE}`,
  ],
  depends: (identity, group) => [
    `Check that ${identityName(identity)} can use ${keysIn(group)} when it invokes the agent, or give it what AWS documents beside what it has: ${DOCUMENTED_PAGE}`,
  ],
  stopped: (identity, group) => [
    `Let the policy of ${keysIn(group)} leave the key to IAM (the statement of the account root that AWS documents), or name ${identity.arn} in it: ${DOCUMENTED_PAGE}`,
  ],
};

function keysIn(group: readonly { readonly key: KeyArn }[]): string {
  return [...new Set(group.map(({ key }) => key))].join(", ");
}

/** The guard's policy gives what nobody needs, where the guard does not write. */
export function unneeded({ review, had, names }: CallerFacts, removes: readonly Need[], why: string): Finding {
  const { identity } = review;
  const gone = new Set(removes.map(({ key, agent }) => `${key} ${agent}`));
  const document = ownDocument(accessOf(had.filter(({ key, agent }) => !gone.has(`${key} ${agent}`))));
  return finding({
    kind: "caller-access-unneeded",
    severity: "low",
    caller: arnOf(identity),
    agents: [...new Set(removes.map(({ agent }) => idOf(agent)))],
    title: `${identityName(identity)} has access that it does not need: its policy ${OWN_POLICY} names agents that it no longer invokes, or that are gone`,
    detail: "Nothing fails. The guard wrote this policy, and would take out what is not needed.",
    evidence: removes.map(({ agent, key }) => `${names.get(agent) ?? idOf(agent)} on ${key}`),
    remedy: [`Not written by the guard: ${why}.`, document ? putCommand(identity, document) : deleteCommand(identity)],
  });
}

/** What does not fit beside its other inline policies. */
export function tooMuch({ review, names }: CallerFacts, leftOut: readonly Need[], why: string): Finding {
  const { identity } = review;
  const document = ownDocument(accessOf(leftOut));
  return finding({
    kind: "caller-policy-full",
    severity: "medium",
    caller: arnOf(identity),
    agents: [...new Set(leftOut.map(({ agent }) => idOf(agent)))],
    title: `${identityName(identity)} has no room for what it needs: access to the keys of ${leftOut.length} of its agents`,
    detail: `${why}. InvokeAgent fails for it on ${[...new Set(leftOut.map(({ agent }) => names.get(agent) ?? idOf(agent)))].join(", ")}.`,
    evidence: document ? [JSON.stringify(document, null, 2)] : [],
    remedy: ["Make a managed policy of the document above, and attach it.", `What AWS documents: ${DOCUMENTED_PAGE}`],
  });
}

export function contested(identity: Identity, hold: Hold, resume: string, evidence: readonly string[]): Finding {
  return finding({
    kind: "caller-contested",
    severity: "high",
    caller: arnOf(identity),
    agents: [],
    subject: hold.at,
    title: `somebody keeps taking the guard's policy from ${identityName(identity)}: the guard has stopped giving it`,
    detail: `${hold.reason}: ${hold.by}. InvokeAgent may fail for it meanwhile.`,
    evidence,
    remedy: [
      `Put the policy \`${OWN_POLICY}\` where this ${identity.kind} is defined (Terraform, CloudFormation, CDK), or keep that tool from removing inline policies it does not know.`,
      "Then let the guard write again:",
      resume,
    ],
  });
}

export function writeRefused(
  identity: Identity,
  refusal: { readonly code: string; readonly message: string },
): Finding {
  const gone = refusal.code === GONE;
  return finding({
    kind: "caller-write-refused",
    severity: gone ? "low" : "high",
    caller: arnOf(identity),
    agents: [],
    subject: refusal.code,
    title: gone
      ? `${identityName(identity)} was gone: it was deleted while the guard worked on it`
      : `IAM refused the guard's policy for ${identityName(identity)}: ${refusal.code}`,
    detail: gone ? "Nothing was written." : `Nothing was written. IAM says: ${refusal.message}`,
    remedy: gone
      ? ["Nothing is to be done, unless it was not meant to be deleted."]
      : [
          "Let the guard's role `callers` do what IAM refused, or tag the role or user so that the guard leaves it alone.",
        ],
  });
}

/** The code of a refusal because there is no such role or user any more. */
export const GONE = "NoSuchEntity";

export function unreadableAccount(message: string): Finding {
  return finding({
    kind: "callers-unreadable",
    severity: "high",
    agents: [],
    title: "the guard can't read the account's IAM: whether callers can use their agents' keys is not known",
    detail: `Nothing was written for callers. AWS says: ${message}`,
    remedy: [
      "Let the guard's role `callers` do iam:GetAccountAuthorizationDetails (an organization's policy may refuse it), or deploy with `callers: { mode: \"off\" }` (stacks/settings.ts).",
    ],
  });
}

/** What the guard's policy on an identity gives. */
export function hadBy(account: Parameters<typeof policiesOf>[0], identity: Identity): readonly Need[] {
  return needsOf(policiesOf(account, identity).own);
}
