/**
 * The guard's inline policy on a caller: for each key one statement with exactly the agents that it is for, as AWS
 * documents it. Known by its name and by its shape; read as what it gives, and written from that.
 */
import { type AgentArn, agentArn, type KeyArn, keyArn } from "../arn.ts";
import { digest } from "../finding/finding.ts";
import { sameStatement } from "../policy/canonical.ts";
import type { PolicyDocument } from "../policy/document.ts";
import { isObject, type Json, type JsonObject, listOf } from "../policy/json.ts";
import type { PolicyText } from "./account.ts";
import { CALLER_ACTIONS, CALLER_CONTEXT_KEY } from "./documented.ts";

export const OWN_POLICY = "BedrockKeyGuard";

/** Agents by key. */
export type CallerAccess = ReadonlyMap<KeyArn, readonly AgentArn[]>;

export type OwnPolicy =
  | { readonly kind: "none" }
  | { readonly kind: "ours"; readonly access: CallerAccess; readonly document: PolicyDocument }
  /** It has the guard's name, and not the shape that the guard writes: somebody's work, which is left alone. */
  | { readonly kind: "edited" };

/** The document, keys and agents sorted; undefined where there is nothing to give. */
export function ownDocument(access: CallerAccess): JsonObject | undefined {
  const keys = [...access].filter(([, agents]) => agents.length > 0).sort(([a], [b]) => (a < b ? -1 : 1));
  if (keys.length === 0) return undefined;
  return { Version: "2012-10-17", Statement: keys.map(([key, agents]) => statementFor(key, agents)) };
}

function statementFor(key: KeyArn, agents: readonly AgentArn[]): JsonObject {
  return {
    // IAM takes letters and digits only, unlike KMS, and each Sid once in a policy; a key's id alone may stand for
    // replicas in several Regions.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
    Sid: `${OWN_POLICY}${digest(key)}`,
    Effect: "Allow",
    Action: CALLER_ACTIONS,
    Resource: key,
    Condition: { StringEquals: { [CALLER_CONTEXT_KEY]: [...new Set(agents)].sort() } },
  };
}

export function readOwnPolicy(policy: PolicyText | undefined): OwnPolicy {
  if (policy === undefined) return { kind: "none" };
  if (policy.kind === "unreadable") return { kind: "edited" };
  const { raw, version, statements } = policy.document;
  const access = new Map<KeyArn, readonly AgentArn[]>();
  for (const { raw: statement } of statements) {
    const key = typeof statement.Resource === "string" ? keyArn(statement.Resource) : undefined;
    const agents = agentsIn(statement);
    // INVARIANT: what is not exactly what the guard would write is not taken for the guard's.
    if (!key || !agents || access.has(key) || !sameStatement(statement, statementFor(key, agents))) {
      return { kind: "edited" };
    }
    access.set(key, agents);
  }
  const plain =
    version === "2012-10-17" && Object.keys(raw).every((name) => name === "Version" || name === "Statement");
  return plain && access.size > 0 ? { kind: "ours", access, document: policy.document } : { kind: "edited" };
}

function agentsIn({ Condition }: JsonObject): readonly AgentArn[] | undefined {
  const equals = isObject(Condition) ? Condition.StringEquals : undefined;
  const listed: Json | undefined = isObject(equals) ? equals[CALLER_CONTEXT_KEY] : undefined;
  const agents =
    listed === undefined ? [] : listOf(listed).map((text) => (typeof text === "string" ? agentArn(text) : undefined));
  return agents.length > 0 && agents.every((agent) => agent !== undefined) ? agents : undefined;
}
