/**
 * Counts, by what is really so, how often a key came to need something: a subject that misses what it needs, or one that
 * the guard's statements still name and that needs nothing. And since when each is needed.
 */
import type { KeyArn } from "../../packages/core/src/arn.ts";
import type { Handler } from "./calls.ts";
import { LAG_MS } from "./models/bedrock.ts";
import { type Document, givenBy } from "./models/document.ts";
import { isAllowed, neededOn } from "./needs.ts";
import { short } from "./trace.ts";
import type { Invariant } from "./violation.ts";
import type { World } from "./world.ts";

/** What may be taken out was not needed for this long. */
const FIVE_MINUTES_MS = 5 * 60_000;

interface KeyLedger {
  needs: number;
  writes: number;
  missing: ReadonlySet<string>;
  stale: ReadonlySet<string>;
  needed: ReadonlySet<string>;
  /** When a subject began to be needed, and when it ceased, the latest last. */
  readonly turns: Map<string, { readonly at: number; readonly needed: boolean }[]>;
  /** When the guard put a subject in. */
  readonly givenAt: Map<string, number>;
}

/** `moved`: what was there came to rest or into sight, so that what was seen of it before need not have been all. */
export type Change = "agents" | "policy" | "moved";

export class Ledger {
  readonly #world: () => World;
  readonly #broken: (invariant: Invariant, message: string) => void;
  readonly #keys = new Map<KeyArn, KeyLedger>();
  /** Taken out for an agent that came back while the guard was about to write. */
  tooLate = 0;

  constructor(world: () => World, broken: (invariant: Invariant, message: string) => void) {
    this.#world = world;
    this.#broken = broken;
  }

  of(key: KeyArn): KeyLedger {
    const known = this.#keys.get(key);
    if (known) return known;
    const none: ReadonlySet<string> = new Set();
    const made: KeyLedger = {
      needs: 0,
      writes: 0,
      missing: none,
      stale: none,
      needed: none,
      turns: new Map(),
      givenAt: new Map(),
    };
    this.#keys.set(key, made);
    return made;
  }

  changed(change: Change): void {
    for (const key of this.#world().kms.keys.keys()) this.#lookAt(key, change);
  }

  policyChanged(key: KeyArn): void {
    this.#lookAt(key, "policy");
  }

  #lookAt(key: KeyArn, change: Change): void {
    const { kms, bedrock, roles } = this.#world();
    const ledger = this.of(key);
    const needed = neededOn(key, bedrock.agents);
    this.#turn(ledger, needed);
    const policy = kms.livePolicy(key);
    const missing = missingIn(
      key,
      policy,
      needed,
      (subject) => !subject.includes(":role/") || roles.isVisible(subject),
    );
    const stale = givenBy(policy).difference(needed);
    const isNew = missing.difference(ledger.missing).size > 0;
    if (isNew) ledger.needs++;
    if (stale.difference(ledger.stale).size > 0) ledger.needs++;
    // What others put may have stood in the way until now, and what was not settled was not repaired yet.
    if (!isNew && missing.size > 0 && change !== "agents") ledger.needs++;
    ledger.missing = missing;
    ledger.stale = stale;
  }

  #turn(ledger: KeyLedger, needed: ReadonlySet<string>): void {
    const at = this.#world().engine.now;
    for (const subject of needed.symmetricDifference(ledger.needed)) {
      const turns = ledger.turns.get(subject) ?? [];
      turns.push({ at, needed: needed.has(subject) });
      ledger.turns.set(subject, turns);
    }
    ledger.needed = needed;
  }

  /** @param isExcused - whether the guard wrote on a policy that was not the live one, and could not know */
  guardPut(
    handler: Handler,
    key: KeyArn,
    before: ReadonlySet<string>,
    after: ReadonlySet<string>,
    isExcused: boolean,
  ): void {
    const ledger = this.of(key);
    const now = this.#world().engine.now;
    for (const subject of before.difference(after)) this.#judgeDrop(handler, key, ledger, subject, now);
    for (const subject of after.difference(before)) ledger.givenAt.set(subject, now);
    if (isExcused) ledger.needs++;
    ledger.writes++;
    if (ledger.writes > ledger.needs) {
      this.#broken("writes", `write ${ledger.writes} of ${key}: one was needed ${ledger.needs} times`);
    }
    this.#lookAt(key, isExcused ? "policy" : "agents");
  }

  #judgeDrop(handler: Handler, key: KeyArn, ledger: KeyLedger, subject: string, now: number): void {
    const turns = ledger.turns.get(subject) ?? [];
    if (ledger.needed.has(subject)) {
      const since = turns.at(-1)?.at ?? 0;
      if (since >= handler.startedAt - LAG_MS) this.tooLate++;
      else this.#broken("prune", `${short(subject)} was taken out of ${short(key)} while it was needed`);
      return;
    }
    const until = now - FIVE_MINUTES_MS;
    const from = ledger.givenAt.get(subject) ?? 0;
    // Of the time since it was put in, was there some before the five minutes in which it was not needed?
    const atFirst = turns.findLast(({ at }) => at <= from);
    const inBetween = turns.filter(({ at }) => at > from && at <= until);
    const wasFree = (from <= until && !atFirst?.needed) || inBetween.some(({ needed }) => !needed);
    if (!wasFree) {
      this.#broken("prune", `${short(subject)} was taken out of ${short(key)}, needed less than five minutes before`);
    }
  }
}

function missingIn(
  key: KeyArn,
  policy: Document,
  needed: ReadonlySet<string>,
  repairable: (subject: string) => boolean,
): ReadonlySet<string> {
  return new Set([...needed].filter((subject) => repairable(subject) && !isAllowed(key, policy, subject)));
}
