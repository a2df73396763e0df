/**
 * What to add to a key's policy: exactly the access that is missing, in the guard's own statements, and nothing where a
 * person has to decide. Applying the plan twice changes nothing.
 */
import { type AgentArn, type AgentId, accountOf, type RoleArn } from "../arn.ts";
import { type PolicyDocument, parsePolicy } from "../policy/document.ts";
import { canonicalJson, type JsonObject } from "../policy/json.ts";
import type { KeyFacts } from "../requirements/instance.ts";
import { diffStatements } from "./diff.ts";
import { type Judgement, judge } from "./judge.ts";
import {
  NO_ACCESS,
  type OwnAccess,
  type OwnStatements,
  readOwnStatements,
  union,
  withOwnStatements,
} from "./own-statements.ts";

/** KMS refuses a longer policy. https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
export const MAX_POLICY_BYTES = 32_768;

export interface Patch {
  /** The whole next document, as text. */
  readonly text: string;
  /** What it adds, as lines of a diff. */
  readonly diff: readonly string[];
  readonly adds: OwnAccess;
}

export type Plan =
  | { readonly kind: "nothing" }
  | { readonly kind: "patch"; readonly patch: Patch }
  | { readonly kind: "too-long"; readonly bytes: number; readonly patch: Patch }
  /** The patch would not do what it is for, or a statement of the guard's was edited: a person has to look. */
  | { readonly kind: "no-safe-patch"; readonly reason: string };

/** What is missing and may be added: what stands in the way of an agent keeps the guard from writing for it at all. */
export function missingAccess(judgements: readonly Judgement[]): OwnAccess {
  const held = heldAgents(judgements);
  const missing = judgements
    .filter(({ requirement, verdict }) => verdict.kind === "missing" && requirement.repair === "add")
    .filter(({ agents }) => !agents.every((id) => held.has(id)));
  return union(...missing.map(({ requirement, subject }) => accessFor(requirement.per, subject)));
}

function accessFor(per: "key" | "agent" | "role", subject: { agent?: AgentArn; role?: RoleArn }): OwnAccess {
  switch (per) {
    case "key":
      return { ...NO_ACCESS, grants: true };
    case "agent":
      return { ...NO_ACCESS, agents: subject.agent ? [subject.agent] : [] };
    case "role":
      return { ...NO_ACCESS, roles: subject.role ? [subject.role] : [] };
    default:
      return per satisfies never;
  }
}

/** Agents for which a needed requirement is blocked or depends. */
export function heldAgents(judgements: readonly Judgement[]): ReadonlySet<AgentId> {
  const held = new Set<AgentId>();
  for (const { requirement, agents, verdict } of judgements) {
    if (!requirement.neededByAgents || verdict.kind === "met" || verdict.kind === "missing") continue;
    for (const id of agents) held.add(id);
  }
  return held;
}

/**
 * @param adds what is missing, with the roles that IAM does not know already taken out
 */
export function planPatch(
  policy: PolicyDocument,
  key: KeyFacts,
  adds: OwnAccess,
  judgements: readonly Judgement[],
): Plan {
  if (adds.agents.length === 0 && adds.roles.length === 0 && !adds.grants) return { kind: "nothing" };
  const own = readOwnStatements(policy);
  if (own.edited.length > 0) {
    const sids = own.edited.map((s) => `\`${s.sid}\``).join(", ");
    return { kind: "no-safe-patch", reason: `statement ${sids} carries the guard's Sid but was edited by hand` };
  }
  const statements = withOwnStatements(policy, own, union(own.access, adds));
  const text = render(policy, statements);
  const patch: Patch = { text, diff: diffStatements(rawStatements(policy), statements), adds };
  const unmended = whatPatchDoesNotMend(patch, policy, own, key, judgements);
  if (unmended) return { kind: "no-safe-patch", reason: unmended };
  const bytes = Buffer.byteLength(text);
  return bytes > MAX_POLICY_BYTES ? { kind: "too-long", bytes, patch } : { kind: "patch", patch };
}

/** Readable where it fits, since people read policies; without white space where only that fits. */
function render(policy: PolicyDocument, statements: readonly JsonObject[]): string {
  const document = Object.fromEntries(
    Object.entries(policy.raw).map(([name, value]) => [name, name === "Statement" ? statements : value]),
  );
  const readable = JSON.stringify(document, null, 2);
  return Buffer.byteLength(readable) <= MAX_POLICY_BYTES ? readable : JSON.stringify(document);
}

function rawStatements(policy: PolicyDocument): readonly JsonObject[] {
  return policy.statements.map((statement) => statement.raw);
}

/**
 * The patch is judged before it is written, by the same judge: what it was made for must be met by it, and all foreign
 * statements must stand in it as they were.
 */
function whatPatchDoesNotMend(
  patch: Patch,
  policy: PolicyDocument,
  own: OwnStatements,
  key: KeyFacts,
  judgements: readonly Judgement[],
): string | undefined {
  const parsed = parsePolicy(patch.text);
  if (parsed.kind === "malformed") return `the patched policy would not parse: ${parsed.reason}`;
  const ownIndexes = new Set([...own.at.values()].map((statement) => statement.index));
  const foreign = policy.statements.filter((s) => !ownIndexes.has(s.index)).map((s) => canonicalJson(s.raw));
  const after = parsed.policy.statements.map((s) => canonicalJson(s.raw));
  if (!isSubsequence(foreign, after)) return "the patched policy would change a foreign statement";
  const added: Added = {
    agents: new Set(patch.adds.agents),
    roles: new Set(patch.adds.roles),
    grants: patch.adds.grants,
  };
  for (const { requirement, subject, verdict } of judgements) {
    if (verdict.kind !== "missing" || !isAdded(added, requirement.per, subject) || requirement.repair !== "add")
      continue;
    const next = judge(parsed.policy, requirement, subject, key);
    if (next.kind !== "met") return `with the addition, ${requirement.id} would still be ${next.kind}`;
  }
  return undefined;
}

interface Added {
  readonly agents: ReadonlySet<AgentArn>;
  readonly roles: ReadonlySet<RoleArn>;
  readonly grants: boolean;
}

function isAdded(adds: Added, per: "key" | "agent" | "role", subject: { agent?: AgentArn; role?: RoleArn }): boolean {
  if (per === "agent") return subject.agent !== undefined && adds.agents.has(subject.agent);
  if (per === "role") return subject.role !== undefined && adds.roles.has(subject.role);
  return adds.grants;
}

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let found = 0;
  for (const item of whole) if (item === part[found]) found++;
  return found === part.length;
}

/** Roles of another account never enter a patch: a service role belongs to the agent's account. */
export function rolesOfOtherAccounts(roles: readonly RoleArn[], key: KeyFacts): readonly RoleArn[] {
  return roles.filter((role) => accountOf(role) !== accountOf(key.arn));
}
