/**
 * The agents of a key. Those that the job speaks of are read live, and so are those that a whole sweep did not come by;
 * the others come from the inventory.
 */
import type { AgentId, KeyArn } from "../arn.ts";
import { canonicalJson, type Json } from "../policy/json.ts";
import type {
  Agent,
  AgentReading,
  AgentStatus,
  Agents,
  AgentVersion,
  Clock,
  Inventory,
  InventoryAgent,
  LaterQueue,
} from "../ports.ts";
import { keysOf } from "../requirements/appearances.ts";
import { type KeyJob, wholeSweeps } from "./job.ts";

export interface AgentPorts {
  readonly agents: Agents;
  readonly inventory: Inventory;
  readonly clock: Clock;
}

/** While an agent is in one of these, its key and role are not settled: it is looked at again, not concluded about. */
const UNSETTLED: ReadonlySet<AgentStatus> = new Set(["CREATING", "UPDATING", "DELETING"]);

/** GetAgent takes 15 calls a second for the whole account: one look reads no more agents than this beyond its hints. */
export const MOST_READ = 25;

export interface GatheredAgents {
  /** What the key is judged for. */
  readonly settled: readonly Agent[];
  /** All that are on the key as far as is known, the unsettled too. */
  readonly onKey: readonly InventoryAgent[];
  /** Read live just now, so that they need no further confirmation. */
  readonly live: ReadonlySet<AgentId>;
  /** Agents read live that are still being created, updated or deleted. */
  readonly unsettled: readonly AgentId[];
  readonly denied: readonly { readonly id: AgentId; readonly message: string }[];
  /** Agents that a sweep did not come by and that there was no room to read: perhaps gone. */
  readonly unread: readonly AgentId[];
}

/**
 * Reads agents and leaves in the inventory what was seen. Other keys that an agent turns out to use, or to have left, are
 * queued to be looked at.
 *
 * @param hinted - the agents to read live; with them, as many as there is room for of those that a sweep did not come by
 * @param patient - whether an agent that is not settled may still be waited for; if not, it is judged as it is
 */
export async function gatherAgents(
  job: KeyJob,
  hinted: readonly AgentId[],
  patient: boolean,
  ports: AgentPorts & { readonly later: LaterQueue },
): Promise<GatheredAgents> {
  const { key } = job;
  const live = new Map<AgentId, InventoryAgent | undefined>();
  const denied: { id: AgentId; message: string }[] = [];
  const known = await ports.inventory.agentsOn(key);
  const missed = missedBySweep(job, known).filter((id) => !hinted.includes(id));
  for (const id of new Set([...hinted, ...missed.slice(0, MOST_READ)])) {
    const seen = await seeAgent(id, ports);
    await lookAtOtherKeys(seen, job, ports);
    // The key's own list may know an agent whose record is gone: a crash came in between.
    const listed = { ...seen, former: seen.former ?? known.find(({ agent }) => agent.id === id) };
    await (missed.includes(id) ? rememberSeen(listed, ports) : remember(listed, ports));
    if (seen.kind === "denied") denied.push({ id, message: seen.message });
    else live.set(id, seen.kind === "found" ? { agent: seen.agent, seenAt: seen.seenAt } : undefined);
  }
  const refused = new Set(denied.map(({ id }) => id));
  const others = known.filter(({ agent }) => !live.has(agent.id) && !refused.has(agent.id));
  const read = [...live.values()].filter((one) => one !== undefined);
  const onKey = [...others, ...read.filter(({ agent }) => keysOf(agent).includes(key))];
  return {
    settled: onKey
      .map(({ agent }) => agent)
      .filter(({ status }) => !UNSETTLED.has(status) || (!patient && status !== "DELETING")),
    onKey,
    live: new Set(live.keys()),
    unsettled: read.filter(({ agent }) => UNSETTLED.has(agent.status)).map(({ agent }) => agent.id),
    denied,
    unread: missed.slice(MOST_READ),
  };
}

/** A sweep reads every agent that there is before it queues the keys: whom it did not come by may be gone. */
function missedBySweep({ causes }: KeyJob, known: readonly InventoryAgent[]): readonly AgentId[] {
  const [first] = wholeSweeps(causes)
    .map(({ at }) => at)
    .sort();
  if (first === undefined) return [];
  return known.filter(({ seenAt }) => seenAt < first).map(({ agent }) => agent.id);
}

/** A change that no event told of: the keys that the agent uses now, or used, have to be looked at for it. */
async function lookAtOtherKeys(seen: SeenAgent, job: KeyJob, { later }: { readonly later: LaterQueue }): Promise<void> {
  const before = new Set(seen.former ? keysOf(seen.former.agent) : []);
  const now = new Set(seen.kind === "found" ? keysOf(seen.agent) : []);
  const changed =
    seen.kind === "denied"
      ? []
      : [...[...now].filter((k) => !before.has(k)), ...[...before].filter((k) => !now.has(k))];
  for (const key of changed) {
    if (key !== job.key) {
      await later.lookAgain({ key, agents: now.has(key) ? [seen.id] : [], causes: job.causes, attempt: 0 }, 0);
    }
  }
}

export type SeenAgent = AgentReading & {
  readonly id: AgentId;
  /** What the inventory knew of it. */
  readonly former: InventoryAgent | undefined;
  /** ISO 8601, before it was read: a slow answer must not pass for a newer one. */
  readonly seenAt: string;
};

/** @param known - where it was just read from the inventory, so that it is not read twice */
export async function seeAgent(
  id: AgentId,
  ports: AgentPorts,
  known?: { readonly former: InventoryAgent | undefined },
): Promise<SeenAgent> {
  const { former } = known ?? { former: await ports.inventory.agent(id) };
  const seenAt = ports.clock.now();
  return { ...(await readAgent(id, former?.agent, ports.agents)), id, former, seenAt };
}

/** A numbered version never changes once it is made: one that is known is not read again. */
async function readAgent(id: AgentId, known: Agent | undefined, agents: Agents): Promise<AgentReading> {
  const draft = await agents.get(id);
  if (draft.kind !== "found") return draft;
  const listed = await agents.versions(id);
  if (listed.kind !== "found") return listed;
  const versions: AgentVersion[] = [];
  for (const number of listed.versions) {
    const remembered = known?.versions.find(({ version }) => version === number);
    const read = remembered ? ({ kind: "found", version: remembered } as const) : await agents.version(id, number);
    if (read.kind === "denied") return read;
    // Not found: it was deleted since it was listed.
    if (read.kind === "found") versions.push(read.version);
  }
  return { kind: "found", agent: { ...draft.agent, versions } };
}

/**
 * Leaves in the inventory what was seen; writes nothing where nothing changed. Who queues keys queues them first: after
 * a crash in between, the inventory still knows the former keys.
 */
export async function remember(seen: SeenAgent, ports: Pick<AgentPorts, "inventory">): Promise<void> {
  if (seen.kind === "not-found") {
    // As of now: whatever a crashed recording has left of it goes too.
    if (seen.former) await ports.inventory.forget({ agent: seen.former.agent, seenAt: seen.seenAt });
  } else if (seen.kind === "found" && !(seen.former && sameAgent(seen.former.agent, seen.agent))) {
    await ports.inventory.record(seen.agent, seen.seenAt, seen.former);
  }
}

/** As `remember`, and notes when the agent was read also where it is as it was: whoever comes later can rely on it. */
export async function rememberSeen(seen: SeenAgent, ports: Pick<AgentPorts, "inventory">): Promise<void> {
  if (seen.kind === "found") await ports.inventory.record(seen.agent, seen.seenAt, seen.former);
  else await remember(seen, ports);
}

export function sameAgent(a: Agent, b: Agent): boolean {
  const text = (agent: Agent) => canonicalJson(JSON.parse(JSON.stringify(agent)) as Json);
  return text(a) === text(b);
}

/** The keys to look at for an agent, and whether the look should read the agent live. */
export function keysFor(seen: SeenAgent): readonly { readonly key: KeyArn; readonly hint: boolean }[] {
  const former = seen.former ? keysOf(seen.former.agent) : [];
  const now = seen.kind === "found" ? keysOf(seen.agent) : [];
  // Whom Bedrock does not let the guard read is told by the looks at the keys that it was on.
  const unread = seen.kind === "denied";
  return [
    ...now.map((key) => ({ key, hint: true })),
    ...former.filter((key) => !now.includes(key)).map((key) => ({ key, hint: unread })),
  ];
}
