/** What happens in one simulation, drawn from its seed: who changes what and when, and what goes wrong on the way. */
import type { FaultRates } from "./faults.ts";
import { Random } from "./random.ts";
import type { DeliveryRates } from "./trail.ts";

/** How somebody else writes a key's policy; each reads it first but `template`. */
export const STYLES = {
  /** Adds a statement, and keeps all others. */
  add: 5,
  /** Takes a statement out that is not the guard's, and keeps all others. */
  revoke: 4,
  /** Takes the guard's statements out. */
  strip: 3,
  /** Puts what its owner keeps elsewhere, whatever there is now: as Terraform does. */
  template: 4,
  /** Writes what an agent needs in a statement of its own. */
  adopt: 1,
  /** Refuses Bedrock the key. */
  deny: 0.4,
} as const;
export type Style = keyof typeof STYLES;

export type Deed =
  | {
      readonly kind: "create-agent";
      readonly agent: number;
      readonly key: number;
      readonly role: number;
      readonly memory: boolean;
    }
  /** `key` 0: a key that AWS owns. */
  | {
      readonly kind: "update-agent";
      readonly agent: number;
      readonly key: number;
      readonly role: number;
      readonly memory: boolean;
    }
  | { readonly kind: "delete-agent"; readonly agent: number }
  | { readonly kind: "make-version"; readonly agent: number }
  | { readonly kind: "delete-version"; readonly agent: number }
  | {
      readonly kind: "write-policy";
      readonly key: number;
      readonly writer: number;
      readonly style: Style;
      readonly thinksMs: number;
    }
  | { readonly kind: "tag-key"; readonly key: number; readonly mode: string | undefined }
  | { readonly kind: "hold-key"; readonly key: number; readonly on: boolean }
  | { readonly kind: "enable-key"; readonly key: number; readonly on: boolean }
  | { readonly kind: "pause-guard"; readonly on: boolean }
  | { readonly kind: "make-role"; readonly role: number }
  | { readonly kind: "delete-role"; readonly role: number }
  | { readonly kind: "sweep" };

export interface PlannedDeed {
  /** After the beginning, in milliseconds; a deed that waits for a call is done by then at the latest. */
  readonly at: number;
  readonly deed: Deed;
  /** Right before or after such a call of the guard, if there is one in the half hour before `at`. */
  readonly with: { readonly call: string; readonly moment: "before" | "after" } | undefined;
}

export interface Schedule {
  readonly seed: number;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly spanMs: number;
  readonly keys: number;
  readonly agents: number;
  readonly roles: number;
  readonly deeds: readonly PlannedDeed[];
  readonly faults: FaultRates;
  readonly delivery: DeliveryRates;
  /** How likely readings show what was there before a change, within the time that they may. */
  readonly staleness: { readonly kms: number; readonly bedrock: number };
  readonly duplicates: number;
  readonly restoreLostUpdates: boolean;
  readonly budgets: { readonly keyPerHour: number; readonly accountPerHour: number };
}

/** Calls between which others like to write. */
const TENSE_CALLS = [
  "keys.policy",
  "budget.reserve",
  "journal.open",
  "keys.reread",
  "keys.reread",
  "keys.reread",
  "writer.putPolicy",
  "journal.advance",
  "agents.get",
  "killSwitch.read",
];
const MINUTE_MS = 60_000;
const MONDAY_MS = Date.parse("2026-11-23T00:00:00Z");

export function scheduleOf(seed: number): Schedule {
  const random = new Random(seed);
  const spanMs = random.pick([20, 60, 240, 24 * 60, 40 * 60]) * MINUTE_MS;
  const keys = random.between(1, 3);
  const agents = random.between(1, 4);
  const roles = random.between(1, 3);
  const mostly = (usual: number, worse: number) => (random.chance(0.25) ? worse : random.chance(0.3) ? 0 : usual);
  const isRough = random.chance(0.8);
  return {
    seed,
    start: MONDAY_MS + random.between(0, 24 * 60 * MINUTE_MS),
    spanMs,
    keys,
    agents,
    roles,
    deeds: deedsOf(random, { spanMs, keys, agents, roles }),
    faults: isRough
      ? { crash: mostly(0.1, 0.4), error: mostly(0.01, 0.06), slow: mostly(0.02, 0.15) }
      : { crash: 0, error: 0, slow: 0.01 },
    delivery: isRough
      ? { dropped: mostly(0.1, 0.5), twice: mostly(0.15, 0.5), late: mostly(0.1, 0.5) }
      : { dropped: 0, twice: 0, late: 0 },
    staleness: { kms: mostly(0.15, 0.6), bedrock: mostly(0.1, 0.5) },
    duplicates: mostly(0.05, 0.2),
    restoreLostUpdates: random.chance(0.4),
    budgets: random.chance(0.2)
      ? { keyPerHour: random.between(1, 3), accountPerHour: random.between(1, 4) }
      : { keyPerHour: 20, accountPerHour: 100 },
  };
}

interface Size {
  readonly spanMs: number;
  readonly keys: number;
  readonly agents: number;
  readonly roles: number;
}

function deedsOf(random: Random, size: Size): readonly PlannedDeed[] {
  const count = random.between(5, 25);
  const deeds: PlannedDeed[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    // Deeds come in bursts: what is minutes apart seldom gets in each other's way.
    at = random.chance(0.55) ? at + random.between(0, 9_000) : random.between(0, size.spanMs);
    const deed = deedOf(random, size);
    if (!random.chance(deed.kind === "write-policy" ? 0.5 : 0.2)) {
      deeds.push({ at, deed, with: undefined });
      continue;
    }
    const call = { call: random.pick(TENSE_CALLS), moment: random.pick(["before", "after"] as const) };
    deeds.push({
      at,
      deed: deed.kind === "write-policy" ? { ...deed, thinksMs: random.pick([0, 0, 20]) } : deed,
      with: call,
    });
  }
  return deeds.sort((a, b) => a.at - b.at);
}

const KINDS: Readonly<Record<Deed["kind"], number>> = {
  "create-agent": 5,
  "update-agent": 6,
  "delete-agent": 3,
  "make-version": 2,
  "delete-version": 1.5,
  "write-policy": 10,
  "tag-key": 1,
  "hold-key": 1,
  "enable-key": 0.7,
  "pause-guard": 0.8,
  "make-role": 1,
  "delete-role": 0.4,
  sweep: 1,
};

function deedOf(random: Random, { keys, agents, roles }: Size): Deed {
  const kind = random.weighted(KINDS);
  const [agent, key, role] = [random.between(1, agents), random.between(1, keys), random.between(1, roles)];
  switch (kind) {
    case "create-agent":
      return { kind, agent, key, role, memory: random.chance(0.25) };
    case "update-agent":
      return { kind, agent, key: random.chance(0.1) ? 0 : key, role, memory: random.chance(0.25) };
    case "delete-agent":
    case "make-version":
    case "delete-version":
      return { kind, agent };
    case "write-policy": {
      const thinksMs = random.pick([10, 100, 800, 5_000, 60_000]);
      return { kind, key, writer: random.between(1, 2), style: random.weighted(STYLES), thinksMs };
    }
    case "tag-key":
      return { kind, key, mode: random.pick([undefined, undefined, "observe", "propose", "off", "enforce"]) };
    case "hold-key":
    case "enable-key":
      return { kind, key, on: random.chance(0.5) };
    case "pause-guard":
      return { kind, on: random.chance(0.5) };
    case "make-role":
    case "delete-role":
      return { kind, role };
    case "sweep":
      return { kind };
    default:
      return kind satisfies never;
  }
}
