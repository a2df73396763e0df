/**
 * What to change in a key's policy, in the guard's own statements alone: exactly the access that is missing is added, what
 * is confirmed to be unneeded is taken out, and nothing happens where a person has to decide. Applying the plan twice
 * changes nothing.
 */
import { type AgentId, accountOf, type RoleArn } from "../arn.ts";
import { type PolicyDocument, parsePolicy } from "../policy/document.ts";
import { canonicalJson, type JsonObject } from "../policy/json.ts";
import type { KeyFacts } from "../requirements/instance.ts";
import { diffStatements } from "./diff.ts";
import { type Judgement, judge } from "./judge.ts";
import { accessFor, isEmpty, minus, NO_ACCESS, type OwnAccess, subjectsOf, union } from "./own-access.ts";
import { type OwnStatements, readOwnStatements, withOwnStatements } from "./own-statements.ts";

/** KMS refuses a longer policy. https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html */
export const MAX_POLICY_BYTES = 32_768;

export interface Patch {
  /** The whole next document, as text. */
  readonly text: string;
  /** What it adds and takes out, as lines of a diff. */
  readonly diff: readonly string[];
  readonly adds: OwnAccess;
  readonly drops: OwnAccess;
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
  return union(...missing.map(accessFor));
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
 * @param drops what the own statements give and nothing needs any more
 */
export function planPatch(
  policy: PolicyDocument,
  key: KeyFacts,
  adds: OwnAccess,
  judgements: readonly Judgement[],
  drops: OwnAccess = NO_ACCESS,
): Plan {
  const own = readOwnStatements(policy);
  const access = union(minus(own.access, drops), adds);
  if (isEmpty(minus(access, own.access)) && isEmpty(minus(own.access, access))) return { kind: "nothing" };
  if (own.edited.length > 0) {
    const sids = own.edited.map((s) => `\`${s.sid}\``).join(", ");
    return { kind: "no-safe-patch", reason: `statement ${sids} carries the guard's Sid but was edited by hand` };
  }
  const statements = withOwnStatements(policy, own, access);
  const text = render(policy, statements);
  const patch: Patch = { text, diff: diffStatements(rawStatements(policy), statements), adds, drops };
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
 * The patch is judged before it is written, by the same judge: what it was made for must be met by it, what was met must
 * stay so, and all foreign statements must stand in it as they were.
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
  if (parsed.policy.statements.length === 0)
    return "no statement would be left, and nobody could use or change the key";
  const ownIndexes = new Set([...own.at.values()].map((statement) => statement.index));
  const foreign = policy.statements.filter((s) => !ownIndexes.has(s.index)).map((s) => canonicalJson(s.raw));
  const after = parsed.policy.statements.map((s) => canonicalJson(s.raw));
  if (!isSubsequence(foreign, after)) return "the patched policy would change a foreign statement";
  const added = new Set(subjectsOf(patch.adds));
  const takesOut = !isEmpty(patch.drops);
  for (const { requirement, subject, verdict } of judgements) {
    const isAdded =
      verdict.kind === "missing" &&
      requirement.repair === "add" &&
      subjectsOf(accessFor({ requirement, subject })).every((name) => added.has(name));
    if (!isAdded && !(takesOut && verdict.kind === "met")) continue;
    const next = judge(parsed.policy, requirement, subject, key);
    if (next.kind !== "met") return `with the change, ${requirement.id} would be ${next.kind}`;
  }
  return undefined;
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
