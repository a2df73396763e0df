/** Findings about what kept the workflow of a key from going on before anything could be written. */
import { type AgentId, type KeyArn, partsOf, type RoleArn } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import { finding } from "../finding/findings.ts";
import type { Agent, DepartedAgent, Refusal } from "../ports.ts";
import { appearancesOn } from "../requirements/appearances.ts";
import { DOCUMENTED_PAGE } from "../requirements/documented.ts";

export const ids = (agents: readonly Agent[]): readonly AgentId[] => agents.map((agent) => agent.id);
export const keyId = (key: KeyArn) => partsOf(key).resource.replace("key/", "");

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
  const without = agents.filter((agent) => appearancesOn(agent, key).some(({ roleArn }) => roleArn === undefined));
  if (without.length === 0) return [];
  return [
    finding({
      kind: "role-unknown",
      severity: "high",
      key,
      which: ["none"],
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
    which: [role],
    agents,
    title: `the service role can't be added to the key policy: ${role}`,
    detail: `${why}. KMS refuses a policy that names a principal which does not exist.`,
    remedy: [
      "Create the role again under this ARN, or give the agent an existing role (UpdateAgent); the guard then adds it.",
    ],
  });
}

export function agentUnreadable(key: KeyArn, agent: AgentId, message: string): Finding {
  return finding({
    kind: "agent-unreadable",
    severity: "high",
    key,
    which: [agent],
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

const WEEK_MS = 7 * 24 * 3_600_000;

/** Agents whose draft left the key within the last week; told until then, or until they are back. */
export function departures(key: KeyArn, departed: readonly DepartedAgent[], now: string): readonly Finding[] {
  return departed
    .filter(({ at }) => Date.parse(now) - Date.parse(at) < WEEK_MS)
    .map((agent) => (agent.to === undefined ? lostKey(key, agent) : swappedKey(key, agent, agent.to)));
}

const BACK =
  "If it is not meant so, call UpdateAgent again with this key's ARN, and prepare the agent. Versions that were made before keep this key: do not delete it while an alias points at one.";

function lostKey(key: KeyArn, agent: DepartedAgent): Finding {
  return finding({
    kind: "agent-lost-key",
    severity: "medium",
    key,
    which: [agent.id],
    agents: [agent.id],
    title: `an agent lost its customer managed key: ${agent.name} (${agent.id}) is encrypted with a key that AWS owns`,
    detail: "UpdateAgent drops the key when it is called without one.",
    remedy: [BACK],
  });
}

function swappedKey(key: KeyArn, agent: DepartedAgent, to: KeyArn): Finding {
  return finding({
    kind: "agent-swapped-key",
    severity: "low",
    key,
    which: [agent.id],
    about: [to],
    agents: [agent.id],
    title: `an agent moved to another key: ${agent.name} (${agent.id}) uses ${to}`,
    detail: "UpdateAgent was called with another key. The guard looks after that one too.",
    remedy: [BACK],
  });
}
