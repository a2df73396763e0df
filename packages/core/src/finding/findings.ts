/** Findings made from what was seen: each kind's title, detail, evidence and remedy in one place. */
import { type AgentId, accountOf, type KeyArn, partsOf } from "../arn.ts";
import type { Judgement } from "../key/judge.ts";
import type { Statement } from "../policy/document.ts";
import type { Agent, Key } from "../ports.ts";
import { filler } from "../requirements/instance.ts";
import { type Finding, type FindingKind, findingId, type Severity } from "./finding.ts";

interface Parts {
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly key: KeyArn;
  /** What tells two findings of one kind on one key apart. */
  readonly subject?: string;
  readonly agents: readonly AgentId[];
  readonly title: string;
  readonly detail: string;
  readonly evidence?: readonly string[];
  readonly remedy: readonly string[];
}

export function finding(parts: Parts): Finding {
  const { subject = "", evidence = [], ...rest } = parts;
  return { ...rest, id: findingId(parts.kind, parts.key, subject), evidence };
}

/** What the judgements say that a person has to decide; `missing` is the plan's business, but for `key-admin`. */
export function findingsOf(judgements: readonly Judgement[], key: KeyArn): readonly Finding[] {
  return judgements.flatMap((judgement) => {
    const { verdict, requirement } = judgement;
    switch (verdict.kind) {
      case "met":
        return [];
      case "missing":
        return requirement.repair === "tell" ? [keyAdminMissing(judgement, key)] : [];
      case "blocked":
        return [blocked(judgement, verdict.by, verdict.actions, key)];
      case "depends":
        return [depends(judgement, verdict.by, verdict.on, verdict.actions, key)];
      default:
        return verdict satisfies never;
    }
  });
}

function blocked(j: Judgement, by: readonly Statement[], actions: readonly string[], key: KeyArn): Finding {
  return finding({
    kind: "blocked-by-deny",
    severity: j.requirement.neededByAgents ? "high" : "low",
    key,
    subject: subjectOf(j),
    agents: j.agents,
    title: `an explicit Deny refuses ${actions.join(", ")}: ${j.requirement.title}`,
    detail:
      `A Deny wins over every Allow, so nothing that could be added would help. ${failing(j)} ` +
      "The guard never removes a Deny, and writes nothing for these agents while it stands.",
    evidence: by.map(statementText),
    remedy: [
      `Narrow the ${by.length === 1 ? "statement" : "statements"} above so that the agent is exempt, or move the agent to another key.`,
      `What AWS documents: ${j.requirement.source}`,
    ],
  });
}

function depends(
  j: Judgement,
  by: readonly Statement[],
  on: readonly string[],
  actions: readonly string[],
  key: KeyArn,
): Finding {
  return finding({
    kind: "depends-on-condition",
    severity: j.requirement.neededByAgents ? "medium" : "low",
    key,
    subject: subjectOf(j),
    agents: j.agents,
    title: `whether ${actions.join(", ")} is allowed depends on ${on.join(", ")}: ${j.requirement.title}`,
    detail: `The guard can't prove from the policy that the agent works or that it does not, so it writes nothing for it. ${failing(j)}`,
    evidence: by.map(statementText),
    remedy: [
      `Check that ${on.join(", ")} of the calls satisfies the statements above, or add the documented statement beside them.`,
      documentedStatement(j),
      `What AWS documents: ${j.requirement.source}`,
    ],
  });
}

function keyAdminMissing(j: Judgement, key: KeyArn): Finding {
  return finding({
    kind: "key-admin-missing",
    severity: "low",
    key,
    agents: j.agents,
    title: "the key policy does not let the account's IAM policies administer the key",
    detail:
      "Amazon Bedrock does not use this statement. Adding it hands the key to the account's IAM administrators, and some " +
      "owners leave it out on purpose, so the guard does not add it.",
    remedy: ["If it is missing by accident, add this statement to the key policy:", documentedStatement(j)],
  });
}

function subjectOf(j: Judgement): string {
  return [j.requirement.id, j.subject.agent ?? j.subject.role ?? ""].join(" ");
}

function failing(j: Judgement): string {
  if (!j.requirement.neededByAgents) return "Amazon Bedrock does not need it.";
  return `Agent ${j.agents.join(", ")} fails with an access error that does not name the key.`;
}

/** The documented statement filled in, as it would be added. */
export function documentedStatement(j: Pick<Judgement, "requirement" | "subject">): string {
  const fill = filler(j.subject);
  const { statement } = j.requirement;
  const text = { Effect: "Allow", ...statement, Resource: "*" };
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
    subject: key.state,
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
