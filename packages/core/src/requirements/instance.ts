/** A requirement filled in: its statement for a policy, and the requests that prove it. */
import { type AgentId, accountOf, type KeyArn, partsOf, type RoleArn } from "../arn.ts";
import {
  ABSENT,
  type ContextValue,
  oneOf,
  type Request,
  type RequestContext,
  type Requester,
  value,
} from "../policy/request.ts";
import type { Agent } from "../ports.ts";
import { DOCUMENTED } from "./documented.ts";
import { hasEncryptionContext, membersOf } from "./kms-actions.ts";
import type { ContextFact, Requirement, Subject } from "./requirement.ts";

/** What is known of the key itself: it is in the context of every request. */
export interface KeyFacts {
  readonly arn: KeyArn;
  readonly spec: string;
  readonly usage: string;
  readonly origin: string;
}

export interface ProofRequest {
  readonly request: Request;
  /** The required action, as documented; a pattern's members and witness are several requests. */
  readonly of: string;
  readonly witness: boolean;
}

/** The requests that must be allowed, one for each required action and each member of a required pattern. */
export function requestsFor(
  requirement: Requirement,
  subject: Subject,
  key: KeyFacts,
  sources: "as-known" | "named" = "as-known",
): readonly ProofRequest[] {
  const fill = filler(subject);
  const keys = new Map<string, ContextValue>([
    ["kms:keyspec", value(key.spec)],
    ["kms:keyusage", value(key.usage)],
    ["kms:keyorigin", value(key.origin)],
    ["aws:resourceaccount", value(accountOf(key.arn))],
    ["kms:bypasspolicylockoutsafetycheck", ABSENT],
  ]);
  for (const [name, fact] of Object.entries(requirement.knownContext)) {
    keys.set(name.toLowerCase(), contextValue(fact, fill, sources === "named" && SOURCE_KEYS.has(name)));
  }
  const context = { keys, others: "unknown" as const };
  const principal = requesterOf(requirement, subject);
  return requirement.statement.Action.flatMap((of) => {
    const { members, witness } = membersOf(of);
    const request = (action: string): Request => ({
      principal,
      action,
      resource: key.arn,
      context: hasEncryptionContext(action) ? context : withoutEncryptionContext(context),
    });
    return [
      ...members.map((action) => ({ request: request(action), of, witness: false })),
      ...(witness ? [{ request: request(witness), of, witness: true }] : []),
    ];
  });
}

/** A call that takes no encryption context can't carry one. */
function withoutEncryptionContext(context: RequestContext): RequestContext {
  const keys = new Map(context.keys);
  for (const name of ENCRYPTION_CONTEXT_KEYS) keys.set(name, ABSENT);
  return { ...context, keys };
}

/** The pair that Bedrock's pages name; another one stays unknown. */
const ENCRYPTION_CONTEXT_KEYS = ["kms:encryptioncontext:aws:bedrock:arn", "kms:encryptioncontextkeys"];

/** The confused-deputy keys: a statement that only adds these, naming this account and agent, is tighter than documented. */
const SOURCE_KEYS = new Set(["aws:SourceAccount", "aws:SourceArn"]);

function contextValue(fact: ContextFact, fill: (text: string) => string, asNamed: boolean): ContextValue {
  if ("value" in fact) return value(fill(fact.value));
  if ("absent" in fact) return ABSENT;
  const named = value(fill(fact.absentOr));
  return asNamed ? named : oneOf(ABSENT, named);
}

function requesterOf(requirement: Requirement, subject: Subject): Requester {
  const { Principal } = requirement.statement;
  if ("Service" in Principal) return { kind: "service", name: Principal.Service };
  if (requirement.per === "role") {
    const role = need(subject.role, requirement, "role");
    return { kind: "role", arn: role, account: accountOf(role) };
  }
  const parts = partsOf(subject.key);
  return { kind: "root", partition: parts.partition, account: parts.account };
}

/** Replaces the `${…}` of a template; an unknown or empty one is a bug in the data, not in a policy. */
export function filler(subject: Subject): (text: string) => string {
  const parts = partsOf(subject.key);
  const values: Readonly<Record<string, string | undefined>> = {
    partition: parts.partition,
    account: parts.account,
    region: parts.region,
    agentArn: subject.agent,
    roleArn: subject.role,
    roleAccount: subject.role && accountOf(subject.role),
  };
  return (text) =>
    text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
      const filled = values[name];
      if (filled === undefined) throw new Error(`nothing to fill in for \`${name}\` in \`${text}\``);
      return filled;
    });
}

function need(role: RoleArn | undefined, requirement: Requirement, what: string): RoleArn {
  if (!role) throw new Error(`requirement \`${requirement.id}\` needs a ${what}`);
  return role;
}

export interface RequirementInstance {
  readonly requirement: Requirement;
  readonly subject: Subject;
  /** The agents that need it. */
  readonly agents: readonly AgentId[];
}

/** Everything that a key must allow for these agents. An agent whose role can't be read has no `role-sessions` here. */
export function requirementsOf(key: KeyArn, agents: readonly Agent[]): readonly RequirementInstance[] {
  return DOCUMENTED.flatMap((requirement) =>
    subjectsOf(requirement, key, agents).map((instance) => ({ requirement, ...instance })),
  );
}

function subjectsOf(
  requirement: Requirement,
  key: KeyArn,
  agents: readonly Agent[],
): readonly Omit<RequirementInstance, "requirement">[] {
  switch (requirement.per) {
    case "key":
      return agents.length === 0 ? [] : [{ subject: { key }, agents: agents.map((agent) => agent.id) }];
    case "agent":
      return agents.map((agent) => ({ subject: { key, agent: agent.arn }, agents: [agent.id] }));
    case "role": {
      const byRole = new Map<RoleArn, AgentId[]>();
      for (const agent of agents) {
        if (agent.roleArn) byRole.set(agent.roleArn, [...(byRole.get(agent.roleArn) ?? []), agent.id]);
      }
      return [...byRole].map(([role, ids]) => ({ subject: { key, role }, agents: ids }));
    }
    default:
      return requirement.per satisfies never;
  }
}
