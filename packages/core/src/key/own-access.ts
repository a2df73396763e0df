/** What the guard's own statements allow, as sets: what they hold, what they should, and what is between the two. */
import type { AgentArn, RoleArn } from "../arn.ts";
import type { RequirementInstance } from "../requirements/instance.ts";

/** All that the own statements of one key allow; each list without repetitions, in any order. */
export interface OwnAccess {
  /** Agents in whose encryption context Bedrock may use the key. */
  readonly agents: readonly AgentArn[];
  readonly roles: readonly RoleArn[];
  readonly grants: boolean;
  /** Agents for whose memory Bedrock may use the key. */
  readonly memory: readonly AgentArn[];
}

export const NO_ACCESS: OwnAccess = { agents: [], roles: [], grants: false, memory: [] };

/** All that one of them has; lists are sorted. */
export function union(...parts: readonly OwnAccess[]): OwnAccess {
  return {
    agents: [...new Set(parts.flatMap((part) => part.agents))].sort(),
    roles: [...new Set(parts.flatMap((part) => part.roles))].sort(),
    grants: parts.some((part) => part.grants),
    memory: [...new Set(parts.flatMap((part) => part.memory))].sort(),
  };
}

/** What `a` has and `b` has not. */
export function minus(a: OwnAccess, b: OwnAccess): OwnAccess {
  return {
    agents: without(a.agents, b.agents),
    roles: without(a.roles, b.roles),
    grants: a.grants && !b.grants,
    memory: without(a.memory, b.memory),
  };
}

function without<T>(all: readonly T[], others: readonly T[]): readonly T[] {
  const left = new Set(others);
  return all.filter((one) => !left.has(one));
}

export function isEmpty(access: OwnAccess): boolean {
  return subjectsOf(access).length === 0;
}

/**
 * A name for each part of an access, which stays the same from one look to the next: an agent's or a role's ARN, `memory:`
 * and an agent's ARN, `grants`.
 */
export function subjectsOf(access: OwnAccess): readonly string[] {
  return [...access.agents, ...access.roles, ...(access.grants ? [GRANTS] : []), ...access.memory.map(memoryOf)];
}

const GRANTS = "grants";

function memoryOf(agent: AgentArn): string {
  return `memory:${agent}`;
}

/** The parts of an access that bear one of these names. */
export function only(access: OwnAccess, subjects: ReadonlySet<string>): OwnAccess {
  return {
    agents: access.agents.filter((agent) => subjects.has(agent)),
    roles: access.roles.filter((role) => subjects.has(role)),
    grants: access.grants && subjects.has(GRANTS),
    memory: access.memory.filter((agent) => subjects.has(memoryOf(agent))),
  };
}

/** What the guard would write for one requirement; nothing where it is for a person to add. */
export function accessFor({ requirement, subject }: Pick<RequirementInstance, "requirement" | "subject">): OwnAccess {
  if (requirement.repair === "tell") return NO_ACCESS;
  const agents = subject.agent ? [subject.agent] : [];
  switch (requirement.id) {
    case "key-admin":
      return NO_ACCESS;
    case "service-sessions":
      return { ...NO_ACCESS, agents };
    case "role-sessions":
      return { ...NO_ACCESS, roles: subject.role ? [subject.role] : [] };
    case "service-grants":
      return { ...NO_ACCESS, grants: true };
    case "service-memory":
      return { ...NO_ACCESS, memory: agents };
    default:
      return requirement.id satisfies never;
  }
}

/** What the guard would write if a key's policy allowed nothing of what is required: an upper bound of what it may hold. */
export function accessNeeded(instances: readonly RequirementInstance[]): OwnAccess {
  return union(...instances.map(accessFor));
}
