/** A requirement filled in: its statement for a policy, and the requests that prove it. */
import { type AgentId, type ArnParts, accountOf, type KeyArn, partsOf, type RoleArn } from "../arn.ts";
import type { Request, Requester } from "../policy/request.ts";
import type { Agent } from "../ports.ts";
import { aliasesOf, aliasOf } from "./agent-aliases.ts";
import { type Appearance, appearancesOn } from "./appearances.ts";
import { contextOf, requestOf, type Sources } from "./call-context.ts";
import { DOCUMENTED } from "./documented.ts";
import { membersOf } from "./kms-actions.ts";
import type { Profile } from "./profiles.ts";
import type {
  ContextFact,
  ForbiddenUse,
  RequiredStatement,
  Requirement,
  RequirementId,
  Subject,
} from "./requirement.ts";

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
  return [...templates, ...names].some((text) => /\$\{(?:agentArn|agentAlias|roleArn)\}/.test(text));
}

function strangerOf(principal: RequiredStatement["Principal"], fill: (text: string) => string): Requester {
  if ("Service" in principal) return { kind: "service", name: principal.Service };
  const arn = fill(principal.AWS);
  return { kind: "role", arn, account: arn.split(":")[4] ?? "" };
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
    agentAliases: subject.agent && aliasesOf(subject.agent),
    agentAlias: subject.agent && aliasOf(subject.agent, MADE_UP_ALIAS),
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

/**
 * An alias that no agent has. The guard does not ask for an agent's aliases: a statement that lets in one of them by its
 * name does not prove that it lets in the one that is used.
 */
const MADE_UP_ALIAS = "0000000000";

/** An agent and an account that nobody has. */
function strangersTo({ partition, region, account }: ArnParts): Readonly<Record<string, string>> {
  const otherAccount = account === "000000000001" ? "000000000002" : "000000000001";
  const arn = (owner: string, resource: string) => `arn:${partition}:bedrock:${region}:${owner}:${resource}`;
  return {
    otherAccount,
    otherAgentArn: arn(account, "agent/0000000000"),
    otherAccountAgentArn: arn(otherAccount, "agent/0000000000"),
    otherAccountAgentAlias: arn(otherAccount, `agent-alias/0000000000/${MADE_UP_ALIAS}`),
  };
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

/**
 * Everything that a key must allow for these agents, by what of each uses this key: an agent of which neither the draft nor
 * a version does needs nothing of it. What uses the key with a role that can't be read has no `role-sessions` here.
 *
 * @returns in the order of `DOCUMENTED`, and for one requirement in the order of the agents; each agent once at most
 */
export function requirementsOf(
  key: KeyArn,
  agents: readonly Agent[],
  profile: Profile,
): readonly RequirementInstance[] {
  const users = agents.map(
    (agent): User => ({ agent, asks: profile.requirements(agent), appearances: appearancesOn(agent, key) }),
  );
  return DOCUMENTED.flatMap((requirement) =>
    subjectsOf(requirement, key, needing(requirement, users)).map((instance) => ({ requirement, ...instance })),
  );
}

/** An agent, and what of it uses the key. */
interface User {
  readonly agent: Agent;
  readonly asks: readonly RequirementId[];
  readonly appearances: readonly Appearance[];
}

function needing({ id, appearances }: Requirement, users: readonly User[]): readonly User[] {
  return users
    .filter(({ asks }) => asks.includes(id))
    .map((user) => ({ ...user, appearances: user.appearances.filter((one) => isMeant(appearances, one)) }))
    .filter((user) => user.appearances.length > 0);
}

function isMeant(meant: Requirement["appearances"], { memoryEnabled }: Appearance): boolean {
  switch (meant) {
    case "all":
      return true;
    case "with-memory":
      return memoryEnabled;
    default:
      return meant satisfies never;
  }
}

function subjectsOf(
  { per }: Requirement,
  key: KeyArn,
  users: readonly User[],
): readonly Omit<RequirementInstance, "requirement">[] {
  switch (per) {
    case "key":
      return users.length === 0 ? [] : [{ subject: { key }, agents: users.map(({ agent }) => agent.id) }];
    case "agent":
      return users.map(({ agent }) => ({ subject: { key, agent: agent.arn }, agents: [agent.id] }));
    case "role": {
      const byRole = new Map<RoleArn, Set<AgentId>>();
      for (const { agent, appearances } of users) {
        for (const { roleArn } of appearances) {
          if (roleArn) byRole.set(roleArn, (byRole.get(roleArn) ?? new Set()).add(agent.id));
        }
      }
      return [...byRole].map(([role, ids]) => ({ subject: { key, role }, agents: [...ids] }));
    }
    default:
      return per satisfies never;
  }
}
