/** A requirement filled in: its statement for a policy, and the requests that prove it. */
import { type AgentId, type ArnParts, accountOf, type KeyArn, partsOf, type RoleArn } from "../arn.ts";
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
import type { ContextFact, ForbiddenUse, RequiredStatement, Requirement, Subject } from "./requirement.ts";

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
  sources: Exclude<Sources, "unnamed"> = "as-known",
): readonly ProofRequest[] {
  const context = contextOf(requirement.knownContext, filler(subject), key, sources);
  const principal = requesterOf(requirement, subject);
  return requirement.statement.Action.flatMap((of) => {
    const { members, witness } = membersOf(of);
    const request = (action: string) => requestOf(principal, action, key, context);
    return [
      ...members.map((action) => ({ request: request(action), of, witness: false })),
      ...(witness ? [{ request: request(witness), of, witness: true }] : []),
    ];
  });
}

/** Whether the calls name the resource that they are made for: what is not documented is open, or taken to be one way. */
type Sources = "as-known" | "named" | "unnamed";

function contextOf(
  facts: Readonly<Record<string, ContextFact>>,
  fill: (text: string) => string,
  key: KeyFacts,
  sources: Sources,
): RequestContext {
  const keys = new Map<string, ContextValue>([
    ["kms:keyspec", value(key.spec)],
    ["kms:keyusage", value(key.usage)],
    ["kms:keyorigin", value(key.origin)],
    ["aws:resourceaccount", value(accountOf(key.arn))],
    ["kms:bypasspolicylockoutsafetycheck", ABSENT],
  ]);
  for (const [name, fact] of Object.entries(facts)) {
    keys.set(name.toLowerCase(), contextValue(fact, fill, SOURCE_KEYS.has(name) ? sources : "as-known"));
  }
  return { keys, others: "unknown" };
}

function requestOf(principal: Requester, action: string, key: KeyFacts, context: RequestContext): Request {
  const carried = hasEncryptionContext(action) ? context : withoutEncryptionContext(context);
  return { principal, action, resource: key.arn, context: carried };
}

export interface ForbiddenRequest {
  readonly what: string;
  readonly request: Request;
}

/**
 * Requests of strangers, which no statement need allow: with the confused-deputy keys, and without.
 *
 * @param general whether to ask what is the same for all agents or roles of the requirement; once is enough
 */
export function forbiddenRequestsFor(
  requirement: Requirement,
  subject: Subject,
  key: KeyFacts,
  general: boolean,
): readonly ForbiddenRequest[] {
  const fill = filler(subject);
  return requirement.forbidden.flatMap((use) => {
    const facts = { ...requirement.knownContext, ...use.context };
    if (!general && !isAboutSubject(requirement, use, facts)) return [];
    const principal = use.Principal ? strangerOf(use.Principal, fill) : requesterOf(requirement, subject);
    const contexts = (["named", "unnamed"] as const).map((sources) => contextOf(facts, fill, key, sources));
    return use.Action.flatMap((action) =>
      contexts.map((context) => ({ what: use.what, request: requestOf(principal, action, key, context) })),
    );
  });
}

function isAboutSubject(
  requirement: Requirement,
  { Principal = requirement.statement.Principal }: ForbiddenUse,
  facts: Readonly<Record<string, ContextFact>>,
): boolean {
  const templates = Object.values(facts).map((fact) =>
    "value" in fact ? fact.value : "absentOr" in fact ? fact.absentOr : "",
  );
  const names = "AWS" in Principal ? [Principal.AWS] : [];
  return [...templates, ...names].some((text) => /\$\{(?:agentArn|roleArn)\}/.test(text));
}

function strangerOf(principal: RequiredStatement["Principal"], fill: (text: string) => string): Requester {
  if ("Service" in principal) return { kind: "service", name: principal.Service };
  const arn = fill(principal.AWS);
  return { kind: "role", arn, account: arn.split(":")[4] ?? "" };
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

function contextValue(fact: ContextFact, fill: (text: string) => string, sources: Sources): ContextValue {
  if ("absent" in fact || (sources === "unnamed" && "absentOr" in fact)) return ABSENT;
  if ("value" in fact) return value(fill(fact.value));
  const named = value(fill(fact.absentOr));
  return sources === "named" ? named : oneOf(ABSENT, named);
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
    ...strangersTo(parts),
  };
  return (text) =>
    text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
      const filled = values[name];
      if (filled === undefined) throw new Error(`nothing to fill in for \`${name}\` in \`${text}\``);
      return filled;
    });
}

/** An agent and an account that nobody has. */
function strangersTo({ partition, region, account }: ArnParts): Readonly<Record<string, string>> {
  const otherAccount = account === "000000000001" ? "000000000002" : "000000000001";
  const agent = (owner: string) => `arn:${partition}:bedrock:${region}:${owner}:agent/0000000000`;
  return { otherAccount, otherAgentArn: agent(account), otherAccountAgentArn: agent(otherAccount) };
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
