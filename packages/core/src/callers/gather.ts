/** The agents and keys that callers are judged for: agents from the inventory, keys and their policies live. */
import { type AgentId, accountOf, type KeyArn, partsOf } from "../arn.ts";
import { effectiveMode } from "../key/rails.ts";
import { parsePolicy } from "../policy/document.ts";
import type { Agent, Inventory, Keys, SweepLog } from "../ports.ts";
import { keysOf } from "../requirements/appearances.ts";
import type { KnownAgent } from "./find.ts";
import type { CallersScope } from "./job.ts";
import type { KnownKey } from "./judge.ts";
import { idOf } from "./need.ts";
import type { Need } from "./plan.ts";

export interface GatherPorts {
  readonly inventory: Inventory;
  readonly sweepLog: SweepLog;
  readonly keys: Keys;
}

export interface Gathered {
  readonly agents: readonly KnownAgent[];
  readonly keys: ReadonlyMap<KeyArn, KnownKey>;
  /** Keys that callers are not judged for, and why: what the guard's policies give on them stays as it is. */
  readonly skipped: ReadonlyMap<KeyArn, string>;
  /** Keys whose tag lowers the mode, and what it says: their callers are told of, and not written to for them. */
  readonly restrained: ReadonlyMap<KeyArn, string>;
  /** Whether this looked at all that a need could be about, so that one that is not there is not needed. */
  readonly among: (need: Need) => boolean;
}

/**
 * @param modeTag - of a key that says `off`: its callers are left alone too
 */
export async function gatherForCallers(
  scope: CallersScope,
  ports: GatherPorts,
  settings: { readonly account: string; readonly region: string; readonly modeTag: string },
): Promise<Gathered> {
  const agents = await agentsIn(scope, ports.inventory);
  const inScope = new Set(agents.flatMap((agent) => keysOf(agent)));
  const keys = new Map<KeyArn, KnownKey>();
  const skipped = new Map<KeyArn, string>();
  const restrained = new Map<KeyArn, string>();
  for (const key of inScope) {
    const read = await readKey(key, ports.keys, settings);
    if (read.kind === "skipped") skipped.set(key, read.why);
    else keys.set(key, read.key);
    if (read.kind === "restrained") restrained.set(key, read.why);
  }
  const knowsAll = await ports.sweepLog.everFinished();
  const known = new Set(agents.map(({ arn }) => arn));
  const isInScope = scopeTest(scope, agents);
  // Each deployment answers for its own Region: a caller has one policy of the guard's for all of them.
  const isMine = ({ key }: Need) => partsOf(key).region === settings.region && accountOf(key) === settings.account;
  return {
    agents: agents.map((agent) => ({ agent, aliases: [] })),
    keys,
    skipped,
    restrained,
    // Until a sweep has come to its end, an agent that is not known may well be there.
    among: (need) =>
      isMine(need) &&
      isInScope(need) &&
      !skipped.has(need.key) &&
      !restrained.has(need.key) &&
      (knowsAll || known.has(need.agent)),
  };
}

/** An agent that was found for one of its keys is judged on all of them. */
function scopeTest(scope: CallersScope, found: readonly Agent[]): (need: Need) => boolean {
  if (scope.kind === "everything") return () => true;
  const agents = new Set<AgentId>([...scope.agents, ...found.map(({ id }) => id)]);
  const keys = new Set(scope.keys);
  return ({ agent, key }) => keys.has(key) || agents.has(idOf(agent));
}

async function agentsIn(scope: CallersScope, inventory: Inventory): Promise<readonly Agent[]> {
  const found = new Map<AgentId, Agent>();
  const add = (agents: readonly { readonly agent: Agent }[]) => {
    for (const { agent } of agents) found.set(agent.id, agent);
  };
  if (scope.kind === "these") {
    for (const id of scope.agents) add([(await inventory.agent(id)) ?? []].flat());
    for (const key of scope.keys) add(await inventory.agentsOn(key));
    return [...found.values()];
  }
  let after: KeyArn | undefined;
  for (;;) {
    const page = await inventory.keys(after);
    for (const key of page.keys) add(await inventory.agentsOn(key));
    after = page.keys.at(-1);
    if (!page.more || !after) return [...found.values()];
  }
}

type KeyRead =
  | { readonly kind: "read"; readonly key: KnownKey }
  | { readonly kind: "restrained"; readonly key: KnownKey; readonly why: string }
  /** Mostly, the key's own look tells people why. */
  | { readonly kind: "skipped"; readonly why: string };

async function readKey(
  arn: KeyArn,
  keys: Keys,
  { account, region, modeTag }: { readonly account: string; readonly region: string; readonly modeTag: string },
): Promise<KeyRead> {
  const skipped = (why: string) => ({ kind: "skipped", why }) as const;
  if (accountOf(arn) !== account) return skipped("it belongs to another account");
  if (partsOf(arn).region !== region) return skipped("it is in another Region");
  const described = await keys.describe(arn);
  if (described.kind !== "found") return skipped(`it can't be described: ${described.kind}`);
  const tags = await keys.tags(arn);
  // One of them may say that the guard has to leave it alone.
  if (tags.kind !== "found") return skipped("its tags can't be read");
  const { mode, reason = "" } = effectiveMode("enforce", modeTag, tags.tags);
  if (mode === "off") return skipped(reason);
  const policy = await keys.policy(arn);
  if (policy.kind !== "found") return skipped(`its policy can't be read: ${policy.kind}`);
  const parsed = parsePolicy(policy.text);
  if (parsed.kind === "malformed") return skipped(`its policy is not understood: ${parsed.reason}`);
  const { spec, usage, origin } = described.key;
  const key: KnownKey = {
    facts: { arn, spec, usage, origin },
    policy: { origin: { kind: "key-policy", key: arn }, document: parsed.policy },
  };
  return mode === "enforce" ? { kind: "read", key } : { kind: "restrained", key, why: reason };
}
