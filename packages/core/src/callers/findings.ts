/** What stands between a caller and the keys of its agents, as people are told of it. */
import type { AgentArn } from "../arn.ts";
import type { Finding, FindingKind, Severity } from "../finding/finding.ts";
import { finding, statementText } from "../finding/findings.ts";
import { arnOf } from "./caller-arn.ts";
import { CALLER_ACTIONS, CALLER_CONTEXT_KEY } from "./documented.ts";
import type { CallerVerdict } from "./judge.ts";
import { idOf, needName, without } from "./need.ts";
import type { CallerJudgement, Need } from "./plan.ts";
import type { Proposal } from "./proposal.ts";
import {
  DOCUMENTED,
  heldBack,
  NOT_SEEN,
  type Reason,
  remedyOfLacking,
  shortName,
  showsPolicy,
  snippetsFor,
  takesPolicy,
} from "./remedies.ts";
import type { CallerReview } from "./review.ts";
import { invocationInWords, reasonOf } from "./words.ts";

export interface CallerFacts {
  readonly review: CallerReview;
  readonly proposal: Proposal;
  /** Agents' names by ARN. */
  readonly names: ReadonlyMap<AgentArn, string>;
}

type Stopping = Exclude<CallerVerdict["kind"], "able">;

const KINDS: Readonly<Record<Stopping, { readonly kind: FindingKind; readonly severity: Severity }>> = {
  lacks: { kind: "caller-lacks-access", severity: "medium" },
  denied: { kind: "caller-denied", severity: "medium" },
  depends: { kind: "caller-depends", severity: "low" },
  stopped: { kind: "caller-stopped", severity: "medium" },
};

/**
 * One finding a kind; what does not fit is not among them (`tooMuch`).
 *
 * @param whyNot - why the guard does not write what is lacking
 */
export function findingsOfCaller(
  facts: CallerFacts,
  whyNot: (judgement: CallerJudgement) => Reason,
): readonly Finding[] {
  const { administrator, judgements } = facts.review;
  // Nobody need have meant an administrator to invoke these agents, and it can give itself what it needs.
  if (administrator) return [];
  const groups = Map.groupBy(without(judgements, facts.proposal.leftOut), ({ verdict }) => verdict.kind);
  return [...groups].flatMap(([kind, group]) => (kind === "able" ? [] : [ofKind(kind, group, facts, whyNot)]));
}

function ofKind(
  kind: Stopping,
  group: readonly CallerJudgement[],
  facts: CallerFacts,
  whyNot: (judgement: CallerJudgement) => Reason,
): Finding {
  const { identity, plan } = facts.review;
  const agents = [...new Set(group.map(({ agent }) => agent))];
  const perhaps = group.every(({ invocation }) => invocation.kind === "perhaps");
  const [can, may] = [kind === "depends" ? "perhaps can't" : "can't", perhaps ? "perhaps may" : "may"];
  const evidence = evidenceOf(kind, group, facts);
  const caption = evidence.length > 0 ? ` ${CAPTIONS[kind]}` : "";
  return finding({
    kind: KINDS[kind].kind,
    severity: perhaps ? "low" : KINDS[kind].severity,
    caller: arnOf(identity),
    agents: agents.map(idOf),
    title: `${shortName(identity)} ${can} use the key of ${agentNames(agents, facts)}: it ${may} invoke the ${agents.length > 1 ? "agents" : "agent"}, and ${reasons(group)}`,
    detail: `${invocations(group)} ${failing(kind, perhaps)}${caption}`,
    evidence,
    remedy: [...remedyOf(kind, group, facts, whyNot), NOT_SEEN],
    about: group.map((one) => `${needName(one)} ${one.invocation.kind} ${statementsIn([one]).join(" ")}`),
    snippets: kind === "lacks" && takesPolicy(plan) ? snippetsFor(identity, facts.proposal.document) : [],
  });
}

const CAPTIONS: Readonly<Record<Stopping, string>> = {
  lacks: "This policy gives it what it lacks:",
  denied: "This refuses it:",
  depends: "This decides:",
  stopped: "This lets it, in the key policy:",
};

function failing(kind: Stopping, perhaps: boolean): string {
  const fails = "InvokeAgent fails for it with an access error that does not name the key.";
  if (kind === "depends") return `Where it can't use the key, ${fails}`;
  return perhaps ? `Where it may, ${fails}` : fails;
}

function reasons(group: readonly CallerJudgement[]): string {
  return [...new Set(group.map(({ verdict }) => reasonOf(verdict)))].join("; ");
}

function invocations(group: readonly CallerJudgement[]): string {
  const sentences = group.map(({ invocation }) => {
    const words = invocationInWords(invocation);
    return invocation.kind === "may" ? `It ${words}.` : `${words.slice(0, 1).toUpperCase()}${words.slice(1)}.`;
  });
  return [...new Set(sentences)].join(" ");
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

function evidenceOf(
  kind: Stopping,
  group: readonly CallerJudgement[],
  { review, proposal }: CallerFacts,
): readonly string[] {
  if (kind === "stopped") return keyStatements(group, review.identity.arn);
  if (kind !== "lacks") return statementsIn(group);
  return proposal.document && showsPolicy(review.plan) ? [JSON.stringify(proposal.document, null, 2)] : [];
}

/** What the policy of each key would have to say; in a key policy, `*` is the key. */
function keyStatements(group: readonly Need[], caller: string): readonly string[] {
  return [...Map.groupBy(group, ({ key }) => key).values()].map((needs) => {
    const agents = needs.map(({ agent }) => agent);
    const Condition = { StringEquals: { [CALLER_CONTEXT_KEY]: agents } };
    const statement = { Effect: "Allow", Principal: { AWS: caller }, Action: CALLER_ACTIONS, Resource: "*", Condition };
    return JSON.stringify(statement, null, 2);
  });
}

function remedyOf(
  kind: Stopping,
  group: readonly CallerJudgement[],
  { review, proposal }: CallerFacts,
  whyNot: (judgement: CallerJudgement) => Reason,
): readonly string[] {
  const { identity, plan } = review;
  const [name, keys] = [shortName(identity), keysIn(group)];
  switch (kind) {
    case "lacks":
      return [...heldBack("Not written", group.map(whyNot)), ...remedyOfLacking(identity, plan, proposal.document)];
    case "denied":
      return [
        group.some(({ verdict }) => verdict.kind === "denied" && verdict.by.kind === "boundary")
          ? `Let the permissions boundary of ${name} allow kms:GenerateDataKey and kms:Decrypt on ${keys}, or take bedrock:InvokeAgent from it.`
          : `Narrow what is shown above so that ${name} is exempt on ${keys}, or take bedrock:InvokeAgent from it. The guard never removes a Deny.`,
        DOCUMENTED,
      ];
    case "depends":
      return [
        statementsIn(group).length > 0
          ? `Check that ${name} can use ${keys} when it invokes the agent, or give it what AWS documents, beside what it has and without a condition.`
          : `Correct what is not understood, and is named above. Until then the guard gives ${name} nothing.`,
        DOCUMENTED,
      ];
    case "stopped":
      return [
        `Add what is shown above to the policy of ${keys}. Or let that policy leave the key to IAM (the statement of the account root that AWS documents): ${name} then gets the rest by an IAM policy.`,
        DOCUMENTED,
      ];
    default:
      return kind satisfies never;
  }
}

function keysIn(group: readonly Need[]): string {
  return [...new Set(group.map(({ key }) => key))].join(", ");
}
