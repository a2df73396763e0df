/**
 * What the guard's own statements still give to agents and roles that nothing on the key needs any more. It is taken out
 * only once it was confirmed live, twice and minutes apart, that nothing needs it: answers lag behind, and a wrong "gone"
 * breaks an agent. An agent's absence is confirmed by reading that agent. That no agent needs a role, or the grants, can
 * only be said of all agents of the account: a whole sweep has to have gone by in between.
 */
import { type AgentArn, type AgentId, agentId, type KeyArn, partsOf } from "../arn.ts";
import type { Absences, InventoryAgent } from "../ports.ts";
import { keysOf } from "../requirements/appearances.ts";
import { type AgentPorts, MOST_READ, rememberSeen, sameAgent, seeAgent } from "./gather.ts";
import { isEmpty, minus, NO_ACCESS, type OwnAccess, only, subjectsOf } from "./own-access.ts";

/** Between the first and the second time that something is confirmed to be unneeded. */
export const MINUTES_APART_MS = 5 * 60_000;

export type Pruning =
  | {
      readonly kind: "confirmed";
      /** What may be taken out now. */
      readonly drops: OwnAccess;
      /** How long until the rest may be confirmed again; undefined where nothing waits for it. */
      readonly againInSeconds: number | undefined;
    }
  /** Something is not as it was known to be: the look has to start over. The inventory holds what was seen. */
  | { readonly kind: "changed"; readonly seen: readonly AgentId[] };

export interface PrunePorts extends AgentPorts {
  readonly absences: Absences;
}

export interface PruneFacts {
  readonly key: KeyArn;
  /** What the own statements give. */
  readonly given: OwnAccess;
  /** What the agents that are known to be on the key need, the unsettled ones too. */
  readonly needed: OwnAccess;
  readonly agents: readonly InventoryAgent[];
  /** Read live in this look. */
  readonly live: ReadonlySet<AgentId>;
  /** Whether an agent could not be read in this look: what it needs is not known, and nothing is taken out. */
  readonly blind: boolean;
  /** ISO 8601. When the sweep began that has read every agent and asked for this look; undefined for any other look. */
  readonly sweptSince: string | undefined;
}

const NOTHING: Pruning = { kind: "confirmed", drops: NO_ACCESS, againInSeconds: undefined };

/**
 * INVARIANT: what is dropped was confirmed live in this very look, and was confirmed so at least `MINUTES_APART_MS` ago.
 */
export async function pruneStale(facts: PruneFacts, ports: PrunePorts): Promise<Pruning> {
  const { key } = facts;
  const stale = minus(facts.given, facts.needed);
  const noted = await ports.absences.of(key);
  // What is needed again begins anew when it is not, whatever else can be said in this look.
  const unneeded = new Set(subjectsOf(stale));
  const former = new Map([...noted].filter(([subject]) => unneeded.has(subject)));
  const reading = isEmpty(stale) || facts.blind ? DENIED : await readConcerned(stale, facts, ports);
  if (reading.kind === "changed") return reading;
  if (reading.kind === "denied") {
    if (former.size < noted.size) await ports.absences.set(key, former);
    return NOTHING;
  }
  const now = ports.clock.now();
  const named = subjectsOf({ ...stale, roles: [], grants: false });
  const since = new Map(subjectsOf(stale).map((subject) => [subject, former.get(subject) ?? now]));
  const confirmed = confirmedSubjects(stale, facts, reading.live, (subject) => since.get(subject) ?? now);
  // An agent that there was no room to read is not known to be gone; its time begins when it is read.
  for (const subject of named) if (!confirmed.has(subject) && !former.has(subject)) since.delete(subject);
  if (!sameTimes(since, noted)) await ports.absences.set(key, since);

  const isDue = (subject: string) => age(since.get(subject), now) >= MINUTES_APART_MS;
  // An agent that left only now may have used the role until then, unseen.
  const isQuiet = named.every(isDue);
  const due = new Set([...confirmed].filter((subject) => isDue(subject) && (isQuiet || named.includes(subject))));
  const waits = named.some((subject) => !due.has(subject));
  return {
    kind: "confirmed",
    drops: only(stale, due),
    againInSeconds: waits ? MINUTES_APART_MS / 1000 : undefined,
  };
}

const DENIED = { kind: "denied" } as const;

type Reading =
  | { readonly kind: "read"; readonly live: ReadonlySet<AgentId> }
  | { readonly kind: "denied" }
  | Extract<Pruning, { kind: "changed" }>;

/**
 * Reads whom the stale access names; for roles and grants, which do not say whom they are for, every agent of the key. At
 * most so many as one look reads: the rest is for a later one, which finds the first ones read already.
 */
async function readConcerned(stale: OwnAccess, facts: PruneFacts, ports: PrunePorts): Promise<Reading> {
  const live = new Set(facts.live);
  const seen: AgentId[] = [];
  let changed = false;
  for (const id of concerned(stale, facts)
    .filter((one) => !live.has(one))
    .slice(0, MOST_READ)) {
    const now = await seeAgent(id, ports);
    if (now.kind === "denied") return { kind: "denied" };
    await rememberSeen(now, ports);
    live.add(id);
    seen.push(id);
    const here = now.kind === "found" && keysOf(now.agent).includes(facts.key) ? now.agent : undefined;
    const known = facts.agents.find(({ agent }) => agent.id === id)?.agent;
    if (here === undefined ? known !== undefined : known === undefined || !sameAgent(known, here)) changed = true;
  }
  return changed ? { kind: "changed", seen } : { kind: "read", live };
}

/** Whom to read: those that are named, and, where all have to be known, those first that were not read for longest. */
function concerned(stale: OwnAccess, facts: PruneFacts): readonly AgentId[] {
  const named = [...stale.agents, ...stale.memory].map(idOf);
  const forAll = facts.sweptSince !== undefined && (stale.roles.length > 0 || stale.grants);
  const everyone = forAll ? [...facts.agents].sort((a, b) => (a.seenAt < b.seenAt ? -1 : 1)) : [];
  return [...new Set([...named, ...everyone.map(({ agent }) => agent.id)])];
}

/**
 * What is proved to be unneeded: of an agent by reading it in this look; of a role, and of the grants, by a sweep that began
 * after they were first found unneeded, and by reading the agents of the key once more.
 */
function confirmedSubjects(
  stale: OwnAccess,
  facts: PruneFacts,
  live: ReadonlySet<AgentId>,
  since: (subject: string) => string,
): ReadonlySet<string> {
  const isRead = (arn: AgentArn) => live.has(idOf(arn));
  const allAreRead = (subject: string) =>
    facts.sweptSince !== undefined &&
    facts.sweptSince > since(subject) &&
    facts.agents.every(({ agent, seenAt }) => live.has(agent.id) || seenAt > since(subject));
  const [grants = ""] = subjectsOf({ ...NO_ACCESS, grants: true });
  return new Set(
    subjectsOf({
      agents: stale.agents.filter(isRead),
      roles: stale.roles.filter(allAreRead),
      grants: stale.grants && allAreRead(grants),
      memory: stale.memory.filter(isRead),
    }),
  );
}

function idOf(arn: AgentArn): AgentId {
  const id = agentId(partsOf(arn).resource.replace("agent/", ""));
  if (id === undefined) throw new Error(`\`${arn}\` has no agent id`);
  return id;
}

/** Milliseconds; 0 for what is not known to be unneeded yet. */
function age(since: string | undefined, now: string): number {
  return since === undefined ? 0 : Date.parse(now) - Date.parse(since);
}

function sameTimes(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([subject, at]) => b.get(subject) === at);
}
