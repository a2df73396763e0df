/**
 * From an event to the keys to look at: reads the agent, queues one job a key, keeps the inventory. Whatever may change who
 * can use the keys is passed on to those who look after callers, too.
 */
import type { AgentId, KeyArn, RoleArn } from "../arn.ts";
import type { CallersScope } from "../callers/job.ts";
import { secondsToSettle } from "../callers/known-account.ts";
import type { CallersQueue } from "../callers/ports.ts";
import { keysFor, remember, seeAgent } from "../key/gather.ts";
import type { Agents, Clock, ForeignWrites, Inventory, Journal, KeyQueue, Log, SweepLog } from "../ports.ts";
import type { EventCause, GuardEvent } from "./event.ts";
import { explainWrite } from "./own-write.ts";

export interface IntakePorts {
  readonly agents: Agents;
  readonly inventory: Inventory;
  readonly journal: Journal;
  readonly foreignWrites: ForeignWrites;
  readonly sweepLog: SweepLog;
  readonly keyQueue: KeyQueue;
  /** Absent where callers are not looked after. */
  readonly callersQueue?: CallersQueue | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

export interface IntakeSettings {
  /** The only role of the guard that may put a policy; with its path. */
  readonly guardRoleArn: RoleArn;
  /** The only role of the guard that may change callers' policies, with its path; absent where callers are not looked after. */
  readonly callersRoleArn?: RoleArn | undefined;
}

export type IntakeOutcome =
  | { readonly kind: "queued"; readonly keys: readonly KeyArn[] }
  /** All callers are to be looked at, and no key. */
  | { readonly kind: "callers-queued" }
  | { readonly kind: "dropped"; readonly reason: string };

/** @throws when an agent may not be read and no key is known for it: the dead-letter queue's alarm tells of it */
export async function takeIn(event: GuardEvent, ports: IntakePorts, settings: IntakeSettings): Promise<IntakeOutcome> {
  switch (event.kind) {
    case "agent-changed":
      return agentChanged(event.agent, event.cause, ports);
    case "key-changed":
      return keyChanged(event, ports, settings);
    case "callers-changed":
      return callersChanged(event.cause, ports, settings);
    default:
      return event satisfies never;
  }
}

async function agentChanged(id: AgentId, cause: EventCause, ports: IntakePorts): Promise<IntakeOutcome> {
  const seen = await seeAgent(id, ports);
  const keys = keysFor(seen).map(({ key }) => key);
  if (seen.kind === "denied" && keys.length === 0) {
    throw new Error(`agent \`${id}\` may not be read, and no key is known for it: ${seen.message}`);
  }
  // The looks may come before the inventory is written below: each reads the agent live, also on a key that it left.
  for (const key of keys) await ports.keyQueue.lookAt({ key, agents: [id], causes: [cause], attempt: 0 });
  // One that is gone may be known no more by its keys, and still by what its callers were given.
  if (keys.length > 0 || seen.kind === "not-found") await reviewCallers({ agents: [id], keys: [] }, cause, ports);
  await remember(seen, ports);
  if (keys.length === 0) return { kind: "dropped", reason: `agent ${id} has no customer managed key` };
  return { kind: "queued", keys };
}

/** The guard's own repair included: it may have let callers in by the key policy. */
async function keyChanged(
  event: Extract<GuardEvent, { kind: "key-changed" }>,
  ports: IntakePorts,
  settings: IntakeSettings,
): Promise<IntakeOutcome> {
  const outcome = await lookAtChangedKey(event, ports, settings);
  if (outcome !== UNRELATED) await reviewCallers({ agents: [], keys: [event.key] }, event.cause, ports);
  return outcome;
}

async function lookAtChangedKey(
  { key, cause, policy }: Extract<GuardEvent, { kind: "key-changed" }>,
  ports: IntakePorts,
  { guardRoleArn }: IntakeSettings,
): Promise<IntakeOutcome> {
  const byGuard = cause.actor.arn === guardRoleArn;
  if (policy !== undefined) {
    const explained = await explainWrite(key, cause, policy, ports);
    if (explained.kind === "told") {
      return { kind: "dropped", reason: `it is the guard's own write, journal entry ${explained.entry}` };
    }
    if (explained.kind === "not-told" && byGuard) {
      // The journal may take it for never put, where the function ended before KMS answered.
      const proof = { ...cause, entry: explained.entry };
      await ports.keyQueue.lookAt({ key, agents: [], causes: [proof], attempt: 0 });
      return { kind: "queued", keys: [key] };
    }
    if (explained.kind === "foreign") {
      // What the guard's own role did unknown to the journal is told of any key.
      if (!byGuard && !(await concernsGuard(key, ports))) return UNRELATED;
      await ports.foreignWrites.record({
        key,
        eventId: cause.id,
        at: cause.at,
        actor: cause.actor,
        policy,
        byGuard,
        settled: false,
      });
    }
  } else if (!(await concernsGuard(key, ports))) {
    return UNRELATED;
  }
  await ports.keyQueue.lookAt({ key, agents: [], causes: [cause], attempt: 0 });
  return { kind: "queued", keys: [key] };
}

const UNRELATED: IntakeOutcome = {
  kind: "dropped",
  reason: "no agent uses the key, and the guard never wrote to it",
};

/** Until a sweep has finished, the inventory can't say that no agent uses a key. */
async function concernsGuard(key: KeyArn, ports: IntakePorts): Promise<boolean> {
  const agents = await ports.inventory.agentsOn(key);
  if (agents.length > 0 || !(await ports.sweepLog.everFinished())) return true;
  return (await ports.journal.latest(key)) !== undefined;
}

/**
 * Everything, since a policy may be anybody's: an event names a policy or a group, and not who is let in by it. What the
 * guard wrote to callers it knows already; that somebody else acted in its role would need its credentials.
 */
async function callersChanged(
  cause: EventCause,
  ports: IntakePorts,
  { callersRoleArn }: IntakeSettings,
): Promise<IntakeOutcome> {
  if (!ports.callersQueue) return { kind: "dropped", reason: "callers are not looked after" };
  if (cause.actor.arn === callersRoleArn) return { kind: "dropped", reason: "it is the guard's own write to a caller" };
  await ports.callersQueue.review(
    { scope: { kind: "everything" }, causes: [cause], iamSince: cause.at, attempt: 0 },
    secondsToSettle(cause.at, ports.clock.now()),
  );
  return { kind: "callers-queued" };
}

/** Changes are gathered on the way out of the callers queue, and not one by one. */
const NO_DELAY = 0;

async function reviewCallers(
  these: Omit<Extract<CallersScope, { kind: "these" }>, "kind">,
  cause: EventCause,
  { callersQueue }: Pick<IntakePorts, "callersQueue">,
): Promise<void> {
  const scope = { kind: "these", ...these } as const;
  await callersQueue?.review({ scope, causes: [cause], iamSince: undefined, attempt: 0 }, NO_DELAY);
}
