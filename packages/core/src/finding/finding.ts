import { createHash } from "node:crypto";
import type { AgentId, CallerArn, KeyArn } from "../arn.ts";

export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof SEVERITIES)[number];

export function isSeverity(text: string): text is Severity {
  return SEVERITIES.some((one) => one === text);
}

/** Every kind of finding; each has a section in docs/runbook.md. */
export const FINDING_KINDS = [
  /** A Deny certainly refuses what an agent needs. */
  "blocked-by-deny",
  /** Whether an agent is allowed depends on condition keys that can't be known from here. */
  "depends-on-condition",
  /** A statement allows more than what AWS documents for the key's agents. Told, never narrowed. */
  "broader-than-documented",
  /** The key policy does not let the account's IAM administer the key. */
  "key-admin-missing",
  "key-of-another-account",
  "key-not-found",
  /** Disabled, pending deletion or pending import: agents on it fail, whatever the policy says. */
  "key-unusable",
  /** AWS managed, asymmetric, or of another Region than the agent. */
  "key-unsuitable",
  "key-unreadable",
  "policy-unreadable",
  /** The policy's text is not a policy document that the guard understands. */
  "policy-malformed",
  "policy-full",
  /** A principal that no longer exists: KMS would refuse any write of this policy. */
  "orphaned-principal",
  /** The agent's service role is not one that IAM knows under this ARN. */
  "role-unknown",
  /** A statement with the guard's Sid that does not have the shape that the guard writes. */
  "own-statement-edited",
  /** The patch would not do what it is for: nothing is written. */
  "no-safe-patch",
  "write-refused",
  /** The policy changes each time that the guard is about to write, or what it wrote does not stay. */
  "policy-in-flux",
  /** Bedrock does not let the guard read an agent. */
  "agent-unreadable",
  /** An agent that was on the key uses a key that AWS owns now. */
  "agent-lost-key",
  /** The draft of an agent that was on the key uses another key now. */
  "agent-swapped-key",
  /** A needed change was not written: mode, tag, hold or kill switch. */
  "addition-held-back",
  /** A needed change was not written: the guard has written as often as it may within the hour. */
  "write-budget-spent",
  /** A person keeps the guard from writing to the key. */
  "key-on-hold",
  /** Another writer keeps taking the guard's statements out: it has stopped. */
  "contested",
  /** The guard's write replaced a policy that somebody else had put and that it never read. */
  "update-overwritten",
  /** The guard's own role put a policy that its journal does not know. */
  "own-write-unexplained",
  /** A role or user may invoke an agent, and no policy lets it use the agent's key. */
  "caller-lacks-access",
  /** The guard's policy on a caller gives what is no longer needed, and was not taken away. */
  "caller-access-unneeded",
  /** A Deny or a permissions boundary keeps a caller from an agent's key. */
  "caller-denied",
  /** The key policy neither names a caller nor leaves the key to IAM. */
  "caller-stopped",
  /** Whether a caller can use an agent's key depends on what can't be known from here. */
  "caller-depends",
  /** What a caller needs does not fit beside its other inline policies. */
  "caller-policy-full",
  /** Somebody keeps taking the guard's policy from a caller: it has stopped. */
  "caller-contested",
  /** IAM refused the guard's policy on a caller, or the caller was gone. */
  "caller-write-refused",
  /** The guard may not read the account's IAM. */
  "callers-unreadable",
  /** What agents need of a key was missing, and the guard added it. */
  "access-missing",
  /** What the guard had given before, somebody took out, and the guard gave it again. */
  "access-removed",
  /** What agents or roles that are gone had of a key, the guard took out. */
  "access-unneeded",
  /** A policy that the guard had overwritten unseen was put back. */
  "policy-restored",
  /** A person put a former key policy back. */
  "policy-rolled-back",
  /** The guard gave, changed or took away its policy on a caller, or a person put a former one back. */
  "caller-access-changed",
  /** What the guard had given a caller, somebody took away, and the guard gave it again. */
  "caller-access-removed",
  /** No trail of CloudTrail logs here: the guard hears of nothing, and only its sweeps work. */
  "trail-not-logging",
  /** What the trails record leaves out management events that write, or KMS. */
  "trail-incomplete",
  /** An address that alerts go to has not confirmed its subscription: nobody is told there. */
  "email-unconfirmed",
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/**
 * What a look saw that a person is told about. Its `id` is stable: the same problem of the same key, agent or caller, seen
 * again, has the same id, which is what keeps it from being told twice.
 */
export interface Finding {
  readonly id: string;
  readonly kind: FindingKind;
  readonly severity: Severity;
  /** Absent for a caller's problem, which may be about several keys, and for the account's. */
  readonly key: KeyArn | undefined;
  readonly caller: CallerArn | undefined;
  readonly agents: readonly AgentId[];
  /** Its parts, by short names, such as its agents: with another one it has grown worse. */
  readonly about: readonly string[];
  /** One line: what is wrong or was done, in short up to the colon (an email's subject has room for that). */
  readonly title: string;
  /** What fails for whom, and how the guard knows. */
  readonly detail: string;
  /** The statements that decide, or those to add: JSON, one each. */
  readonly evidence: readonly string[];
  /** What was, or would be, written: lines of a diff. */
  readonly diff: readonly string[];
  /** What to do next, one step each; commands stand on lines of their own. */
  readonly remedy: readonly string[];
  /** The remedy as an owner's tooling writes it: too long to be told for each of many. */
  readonly snippets: readonly string[];
  /** How to undo what was done: text, and commands on lines of their own. */
  readonly wayBack: readonly string[];
}

const RANK: Readonly<Record<Severity, number>> = { critical: 3, high: 2, medium: 1, low: 0 };

export function isWorse(one: Severity, other: Severity): boolean {
  return RANK[one] > RANK[other];
}

export function worst(severities: readonly Severity[]): Severity {
  return severities.reduce<Severity>((a, b) => (RANK[b] > RANK[a] ? b : a), "low");
}

/** A short, stable name for what a finding is about. */
export function digest(...texts: readonly string[]): string {
  return createHash("sha256").update(texts.join("\n")).digest("hex").slice(0, 16);
}
