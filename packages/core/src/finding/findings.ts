/** Findings made from what was seen: each kind's title, detail, evidence and remedy in one place. */
import { type AgentId, accountOf, type CallerArn, type KeyArn, partsOf } from "../arn.ts";
import type { BroaderStatement } from "../key/broader.ts";
import type { Judgement, Verdict } from "../key/judge.ts";
import type { Statement } from "../policy/document.ts";
import type { Agent, Key } from "../ports.ts";
import { DOCUMENTED_PAGE, MEMORY_PAGE } from "../requirements/documented.ts";
import { filler } from "../requirements/instance.ts";
import { digest, type Finding, type FindingKind, type Severity } from "./finding.ts";

interface Parts {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly key?: KeyArn;
  readonly caller?: CallerArn;
  /** What tells two findings of one kind on one key or caller apart, such as an agent or a statement; usually nothing does. */
  readonly which?: readonly string[];
  readonly agents: readonly AgentId[];
  /** What beside another agent makes it worse: texts of any length. */
  readonly about?: readonly string[];
  readonly title: string;
  readonly detail: string;
  readonly evidence?: readonly string[];
  readonly diff?: readonly string[];
  readonly remedy: readonly string[];
  readonly snippets?: readonly string[];
  readonly wayBack?: readonly string[];
}

export function finding(parts: Parts): Finding {
  const { which = [], about = [], evidence = [], diff = [], snippets = [], wayBack = [], key, caller, ...rest } = parts;
  const id = [parts.kind, key ?? caller ?? "account", ...(which.length > 0 ? [digest(...which)] : [])].join("|");
  return {
    ...rest,
    id,
    key,
    caller,
    about: [...new Set([...parts.agents, ...about].map(shortly))].sort(),
    evidence,
    diff,
    snippets,
    wayBack,
  };
}

/** A thousand callers' needs are to fit into a table's items. */
const SHORT = 10;

function shortly(text: string): string {
  return text.length <= SHORT ? text : digest(text).slice(0, SHORT);
}

/**
 * What the judgements say that a person has to decide; `missing` is the plan's business, but for `key-admin`.
 * Judgements that the same statements decide are one finding: one Deny that stops five agents is one problem.
 */
export function findingsOf(judgements: readonly Judgement[], key: KeyArn): readonly Finding[] {
  const undecided = judgements.flatMap((judgement): readonly Undecided[] => {
    const { verdict } = judgement;
    return verdict.kind === "blocked" || verdict.kind === "depends" ? [{ judgement, verdict }] : [];
  });
  const groups = Map.groupBy(undecided, ({ judgement, verdict }) =>
    [verdict.kind, judgement.requirement.neededByAgents, ...verdict.by.map((statement) => statement.index)].join(" "),
  );
  const missing = judgements.filter((j) => j.verdict.kind === "missing" && j.requirement.repair === "tell");
  return [
    ...[...groups.values()].map((group) => undecidedFinding(group, key)),
    ...missing.map((j) => keyAdminMissing(j, key)),
  ];
}

interface Undecided {
  readonly judgement: Judgement;
  readonly verdict: Extract<Verdict, { kind: "blocked" | "depends" }>;
}

function undecidedFinding(group: readonly Undecided[], key: KeyArn): Finding {
  const judgements = group.map((one) => one.judgement);
  const agents = unique(judgements.flatMap((j) => j.agents)).sort();
  const evidence = unique(group.flatMap((one) => one.verdict.by)).map(statementText);
  const parts = {
    key,
    agents,
    evidence,
    needed: judgements.some((j) => j.requirement.neededByAgents),
    actions: unique(group.flatMap((one) => one.verdict.actions)).join(", "),
    judgements,
  };
  const on = unique(group.flatMap(({ verdict }) => (verdict.kind === "depends" ? verdict.on : []))).sort();
  return on.length === 0 ? blocked(parts) : depends(parts, on.join(", "));
}

interface UndecidedParts extends Pick<Finding, "agents"> {
  readonly key: KeyArn;
  readonly evidence: readonly string[];
  readonly needed: boolean;
  readonly actions: string;
  readonly judgements: readonly Judgement[];
}

function blocked({ needed, actions, judgements, ...parts }: UndecidedParts): Finding {
  return finding({
    ...parts,
    which: [String(needed), ...parts.evidence],
    kind: "blocked-by-deny",
    severity: needed ? "high" : "low",
    title: `an explicit Deny stops the agents: it refuses ${actions}`,
    detail:
      `A Deny wins over every Allow, so nothing that could be added would help. ${failing(needed, parts.agents)} ` +
      "The guard never removes a Deny, and writes nothing for these agents while it stands.",
    remedy: [
      `Narrow the ${parts.evidence.length === 1 ? "statement" : "statements"} above so that these calls are exempt, or move the agents to another key.`,
      documentation(judgements),
    ],
  });
}

function depends({ needed, actions, judgements, ...parts }: UndecidedParts, on: string): Finding {
  return finding({
    ...parts,
    which: [String(needed), ...parts.evidence],
    kind: "depends-on-condition",
    severity: needed ? "medium" : "low",
    title: `the key policy can't be proved: whether ${actions} is allowed depends on ${on}`,
    detail:
      `The guard can't prove from the policy that the agent works or that it does not, so it writes nothing for it. ` +
      `If the condition does not hold: ${failing(needed, parts.agents)}`,
    remedy: [
      `Check that the calls satisfy the statements above (${on}), or add what AWS documents beside them:`,
      ...judgements.map(documentedStatement),
      documentation(judgements),
    ],
  });
}

function documentation(judgements: readonly Judgement[]): string {
  return `What AWS documents: ${unique(judgements.map((j) => j.requirement.source)).join(" ")}`;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** One finding a statement, with all that it allows too much. */
export function broaderFindings(
  broader: readonly BroaderStatement[],
  key: KeyArn,
  agents: readonly Agent[],
): Finding[] {
  return [...Map.groupBy(broader, ({ statement }) => statement)].map(([statement, found]) =>
    finding({
      kind: "broader-than-documented",
      severity: "low",
      key,
      which: [statementText(statement)],
      // The statement is the problem: it is not told again for each agent that joins the key.
      agents: [],
      title: `a statement of the key policy is broader than documented: ${found[0]?.what ?? ""}`,
      detail: `${found.map(({ what }) => what).join("; ")}. The agents (${agents.length}) do not need it. The guard never narrows a statement.`,
      evidence: [statementText(statement)],
      remedy: [
        "If it is not meant so, narrow the statement above to what AWS documents:",
        DOCUMENTED_PAGE,
        MEMORY_PAGE,
      ],
    }),
  );
}

function keyAdminMissing(j: Judgement, key: KeyArn): Finding {
  return finding({
    kind: "key-admin-missing",
    severity: "low",
    key,
    agents: j.agents,
    title: "no IAM administration of the key: its policy does not let the account's IAM policies administer it",
    detail:
      "Amazon Bedrock does not use this statement. Adding it hands the key to the account's IAM administrators, and some " +
      "owners leave it out on purpose, so the guard does not add it.",
    remedy: ["If it is missing by accident, add this statement to the key policy:", documentedStatement(j)],
  });
}

function failing(needed: boolean, agents: readonly AgentId[]): string {
  if (!needed) return "Amazon Bedrock does not need it.";
  const who = agents.length === 1 ? `Agent ${agents[0]} fails` : `Agents ${agents.join(", ")} fail`;
  return `${who} with an access error that does not name the key.`;
}

/** The documented statement filled in, as it would be added. */
export function documentedStatement(j: Pick<Judgement, "requirement" | "subject">): string {
  const fill = filler(j.subject);
  const { Condition, ...statement } = j.requirement.statement;
  const text = { Effect: "Allow", ...statement, Resource: "*", ...(Condition ? { Condition } : {}) };
  return JSON.stringify(JSON.parse(fill(JSON.stringify(text))), null, 2);
}

export function statementText(statement: Statement): string {
  return JSON.stringify(statement.raw, null, 2);
}

export function foreignKey(key: KeyArn, agents: readonly Agent[], statements: readonly string[]): Finding {
  const owner = accountOf(key);
  return finding({
    kind: "key-of-another-account",
    severity: "high",
    key,
    agents: agents.map((a) => a.id),
    title: `the key belongs to account ${owner}: the guard can neither read nor change its policy`,
    detail:
      "KMS answers GetKeyPolicy and PutKeyPolicy within the key's own account only. AWS documents no agents with keys of another account.",
    evidence: statements,
    remedy: [
      `Ask the owner in account ${owner} to check that the key policy holds the statements above, or move the agent to a key of its own account.`,
    ],
  });
}

/** States in which no agent can use the key, whatever the policy says. */
export function unusableKey(key: Key, agents: readonly AgentId[]): Finding {
  const id = partsOf(key.arn).resource.replace("key/", "");
  const region = partsOf(key.arn).region;
  const remedies: Readonly<Record<string, readonly string[]>> = {
    Disabled: ["Enable it again:", `aws kms enable-key --region ${region} --key-id ${id}`],
    PendingDeletion: [
      `It is deleted for good on ${key.deletionDate ?? "a date that KMS did not give"}, with all that it encrypts. Cancel that, then enable it:`,
      `aws kms cancel-key-deletion --region ${region} --key-id ${id}`,
      `aws kms enable-key --region ${region} --key-id ${id}`,
    ],
    PendingImport: ["Import its key material again, or move the agents to another key."],
  };
  return finding({
    kind: "key-unusable",
    severity: "critical",
    key: key.arn,
    about: [key.state],
    agents,
    title: `the key is ${STATE_WORDS[key.state] ?? `in state ${key.state}`}: agents on it fail or are about to`,
    detail:
      "Every call that encrypts or decrypts with this key is refused while it is in this state. The guard never enables a key.",
    remedy: remedies[key.state] ?? ["Look at the key in the KMS console; it has to be Enabled."],
  });
}

const STATE_WORDS: Readonly<Record<string, string>> = {
  Disabled: "disabled",
  PendingDeletion: "scheduled for deletion",
  PendingReplicaDeletion: "scheduled for deletion",
  PendingImport: "without key material",
  Unavailable: "unavailable",
};
