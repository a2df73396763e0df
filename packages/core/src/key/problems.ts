/** Findings about what kept the workflow of a key from going on. */
import { type AgentId, type KeyArn, partsOf, type RoleArn } from "../arn.ts";
import { digest, type Finding } from "../finding/finding.ts";
import { finding, statementText } from "../finding/findings.ts";
import type { Agent, Refusal } from "../ports.ts";
import { DOCUMENTED_PAGE } from "../requirements/documented.ts";
import type { Orphan } from "./orphans.ts";
import { MAX_POLICY_BYTES, type Patch } from "./plan.ts";

const ids = (agents: readonly Agent[]): readonly AgentId[] => agents.map((agent) => agent.id);
const keyId = (key: KeyArn) => partsOf(key).resource.replace("key/", "");

export function keyNotReadable(key: KeyArn, agents: readonly Agent[], refusal: Refusal): Finding {
  if (refusal.kind === "not-found") {
    return finding({
      kind: "key-not-found",
      severity: "critical",
      key,
      agents: ids(agents),
      title: "the key does not exist any more: agents on it fail",
      detail: "KMS knows no key of this ARN. What it encrypted can't be read again.",
      remedy: ["Move the agents to another key (UpdateAgent), and prepare them again."],
    });
  }
  return finding({
    kind: "key-unreadable",
    severity: "high",
    key,
    agents: ids(agents),
    title: "the guard may not describe the key",
    detail: refusal.message,
    remedy: readAccessRemedy(key),
  });
}

export function policyNotReadable(
  key: KeyArn,
  agents: readonly Agent[],
  refusal: Refusal,
  statements: readonly string[],
): Finding {
  return finding({
    kind: "policy-unreadable",
    severity: "high",
    key,
    agents: ids(agents),
    title: "the guard may not read the key's policy",
    detail: refusal.kind === "denied" ? refusal.message : "KMS knows no policy of this key.",
    evidence: statements,
    remedy: ["Check that the key's policy holds the statements above.", ...readAccessRemedy(key)],
  });
}

function readAccessRemedy(key: KeyArn): readonly string[] {
  return [
    `If the key policy does not delegate to IAM (no statement for arn:${partsOf(key).partition}:iam::${partsOf(key).account}:root), ` +
      "the guard's role can't reach the key: a key administrator has to add the delegation or the statements.",
  ];
}

export function policyMalformed(key: KeyArn, agents: readonly Agent[], reason: string): Finding {
  return finding({
    kind: "policy-malformed",
    severity: "high",
    key,
    agents: ids(agents),
    title: "the key's policy can't be understood: it is no policy document that the guard can read",
    detail: `${reason}. The guard writes nothing where it can't read.`,
    remedy: [
      "Look at the policy, and put one that parses:",
      `aws kms get-key-policy --region ${partsOf(key).region} --key-id ${keyId(key)} --policy-name default --query Policy --output text`,
    ],
  });
}

/** Agents whose role GetAgent did not tell, or not as a role's ARN. */
export function roleless(key: KeyArn, agents: readonly Agent[]): readonly Finding[] {
  const without = agents.filter((agent) => agent.roleArn === undefined);
  if (without.length === 0) return [];
  return [
    finding({
      kind: "role-unknown",
      severity: "high",
      key,
      subject: "none",
      agents: ids(without),
      title: `no service role: agent ${ids(without).join(", ")} has none that can be read`,
      detail: "GetAgent gives no role ARN, so the statement for the service role can be neither judged nor added.",
      remedy: ["Give the agent a service role (UpdateAgent)."],
    }),
  ];
}

export function roleUnknown(key: KeyArn, agents: readonly AgentId[], role: RoleArn, why: string): Finding {
  return finding({
    kind: "role-unknown",
    severity: "high",
    key,
    subject: role,
    agents,
    title: `the service role can't be added to the key policy: ${role}`,
    detail: `${why}. KMS refuses a policy that names a principal which does not exist.`,
    remedy: [
      "Create the role again under this ARN, or give the agent an existing role (UpdateAgent); the guard then adds it.",
    ],
  });
}

export function policyFull(key: KeyArn, agents: readonly Agent[], bytes: number, patch: Patch): Finding {
  return finding({
    kind: "policy-full",
    severity: "high",
    key,
    subject: digest(...patch.diff),
    agents: ids(agents),
    title: `the key's policy is full: with the addition it would have ${bytes} bytes, and KMS takes ${MAX_POLICY_BYTES}`,
    detail: "The needed access was not added, and the agents fail until it is.",
    evidence: [patch.diff.join("\n")],
    remedy: ["Shorten the other statements of the policy, or spread the agents over several keys."],
  });
}

export function noSafePatch(key: KeyArn, agents: readonly Agent[], reason: string): Finding {
  return finding({
    kind: "own-statement-edited",
    severity: "high",
    key,
    subject: reason,
    agents: ids(agents),
    title: "the guard found no safe way to add what is missing",
    detail: `${reason}. Nothing was written.`,
    remedy: [
      "Remove the statement that carries the guard's Sid, or rename it to keep it as your own; the guard then adds what is missing.",
    ],
  });
}

export function orphaned(key: KeyArn, agents: readonly Agent[], orphans: readonly Orphan[], patch: Patch): Finding {
  const names = [...new Set(orphans.map((orphan) => orphan.principal))];
  return finding({
    kind: "orphaned-principal",
    severity: "high",
    key,
    subject: names.join(" "),
    agents: ids(agents),
    title: `the policy names a deleted principal: with ${names.join(", ")} in it, KMS refuses any change`,
    detail:
      "A deleted role or user stands in a key policy as its unique id. The statement is not the guard's, so the guard leaves it alone.",
    evidence: [...new Set(orphans.map((orphan) => orphan.statement))].map(statementText),
    remedy: [
      `Remove ${names.join(", ")} from the statements above, or put its successor in its place; the guard then adds:`,
      patch.diff.join("\n"),
    ],
  });
}

export function writeRefused(
  key: KeyArn,
  agents: readonly Agent[],
  refusal: { readonly code: string; readonly message: string },
  patch: Patch,
): Finding {
  return finding({
    kind: "write-refused",
    severity: "high",
    key,
    subject: refusal.code,
    agents: ids(agents),
    title: `KMS refused the repaired policy: ${refusal.code}`,
    detail: refusal.message,
    evidence: [patch.diff.join("\n")],
    remedy: ["Mend what the message names, or add the statements above by hand."],
  });
}

export function inFlux(key: KeyArn, agents: readonly Agent[], reason: string): Finding {
  return finding({
    kind: "policy-in-flux",
    severity: "high",
    key,
    agents: ids(agents),
    title: "the key's policy does not come to rest: the guard could not finish a repair",
    detail: `${reason}.`,
    remedy: ["Look in CloudTrail for who calls PutKeyPolicy on this key, and have them keep the guard's statements."],
  });
}

export function agentUnreadable(key: KeyArn, agent: AgentId, message: string): Finding {
  return finding({
    kind: "agent-unreadable",
    severity: "high",
    key,
    agents: [agent],
    title: `an agent can't be read: Bedrock refuses GetAgent of ${agent}`,
    detail: `${message}. What the agent needs of the key is not known, and nothing is written for it.`,
    remedy: [
      "If the message names bedrock:GetAgent, an organization's policy or the guard's role stands in the way.",
      "If it names kms, reading the agent takes access to its key: check the key policy by hand against",
      DOCUMENTED_PAGE,
    ],
  });
}

export function lostKey(key: KeyArn, agent: Agent): Finding {
  return finding({
    kind: "agent-lost-key",
    severity: "medium",
    key,
    agents: [agent.id],
    title: `an agent lost its customer managed key: ${agent.id} is encrypted with a key that AWS owns`,
    detail: "UpdateAgent drops the key when it is called without one. Versions that were made before keep the key.",
    remedy: ["If it is not meant so, call UpdateAgent again with the key's ARN, and prepare the agent."],
  });
}

/** The addition is known and safe, and the guard was told not to write. A different addition is another finding. */
export function heldBack(key: KeyArn, agents: readonly Agent[], reason: string, patch: Patch): Finding {
  return finding({
    kind: "addition-held-back",
    severity: "high",
    key,
    subject: digest(...patch.diff),
    agents: ids(agents),
    title: "the key's policy lacks what its agents need: the guard did not write",
    detail: `Not written because ${reason}.`,
    remedy: [
      "Add the statements below to the key policy yourself, or let the guard do it by lifting what holds it back.",
    ],
  });
}
