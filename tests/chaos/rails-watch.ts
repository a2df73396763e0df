/** Whether the guard wrote where it had been told not to, or more often than it may. */
import type { KeyArn } from "../../packages/core/src/arn.ts";
import type { ReconcileSettings } from "../../packages/core/src/key/look.ts";
import type { Handler } from "./calls.ts";
import { MODE_TAG } from "./names.ts";
import { short } from "./trace.ts";
import type { Invariant } from "./violation.ts";
import type { World } from "./world.ts";

const DAY_MS = 24 * 3_600_000;
/** A write that was under way when a person let the guard write again, or a day ago, counts on neither side. */
const UNDER_WAY_MS = 60_000;
/** The third removal is the last straw: what was taken out is given again at most this often within a day. */
const MOST_REGAINS = 2;

export class RailsWatch {
  readonly #world: () => World;
  readonly #settings: ReconcileSettings;
  readonly #broken: (invariant: Invariant, message: string) => void;
  /** By what stands in the way of writing to a key: since when. */
  readonly #since = new Map<KeyArn, Map<string, number>>();
  readonly #askedAt = new Map<string, number>();
  readonly #puts = new Map<string, number>();
  readonly #lastGiven = new Map<KeyArn, { readonly given: ReadonlySet<string>; readonly entry: string | undefined }>();
  readonly #regains = new Map<KeyArn, number[]>();
  readonly #liftedAt = new Map<KeyArn, number>();

  constructor(
    world: () => World,
    settings: ReconcileSettings,
    broken: (invariant: Invariant, message: string) => void,
  ) {
    this.#world = world;
    this.#settings = settings;
    this.#broken = broken;
  }

  /** What keeps the guard from writing to a key, as it really is. */
  inTheWay(key: KeyArn): readonly string[] {
    const { state, kms } = this.#world();
    const { state: keyState, tags } = kms.key(key);
    const hold = state.holds.get(key);
    const mode = tags.get(MODE_TAG);
    return [
      ...(state.pause.kind === "paused" ? ["paused"] : []),
      ...(hold && hold.kind !== "lifted" ? ["on hold"] : []),
      ...(keyState === "Enabled" ? [] : ["disabled"]),
      ...(mode === undefined || mode === "enforce" ? [] : ["its mode lowered"]),
    ];
  }

  /** To be called whenever one of these changed. */
  changed(): void {
    const { kms, engine } = this.#world();
    for (const key of kms.keys.keys()) {
      const before = this.#since.get(key);
      this.#since.set(key, new Map(this.inTheWay(key).map((why) => [why, before?.get(why) ?? engine.now])));
    }
  }

  lifted(key: KeyArn): void {
    this.#liftedAt.set(key, this.#world().engine.now);
  }

  budgetAsked(handler: Handler): void {
    this.#askedAt.set(handler.name, this.#world().engine.now);
  }

  guardPut(handler: Handler, key: KeyArn): void {
    for (const [why, since] of this.#since.get(key) ?? []) {
      // Whoever steps in while a look is under way may come too late for this one write.
      if (since < handler.startedAt) this.#broken("pause", `the policy of ${short(key)} was put while it was ${why}`);
    }
    const hour = new Date(this.#askedAt.get(handler.name) ?? this.#world().engine.now).toISOString().slice(0, 13);
    const { keyPerHour, accountPerHour } = this.#settings.budgets;
    for (const [scope, limit] of [[key, keyPerHour] as const, ["account", accountPerHour] as const]) {
      const puts = (this.#puts.get(`${scope} ${hour}`) ?? 0) + 1;
      this.#puts.set(`${scope} ${hour}`, puts);
      if (puts > limit)
        this.#broken("budget", `${puts} policies of ${short(scope)} were put in hour ${hour}, of ${limit}`);
    }
  }

  /**
   * What the guard's last write gave, is gone before this one, and is given again by it.
   *
   * @param entry - the id of the write's journal entry
   */
  regains(key: KeyArn, before: ReadonlySet<string>, after: ReadonlySet<string>, entry: string | undefined): void {
    const { engine, state } = this.#world();
    const { now } = engine;
    const last = this.#lastGiven.get(key);
    this.#lastGiven.set(key, { given: after, entry });
    const again = after.difference(before).intersection(last?.given ?? new Set());
    if (again.size === 0) return;
    // A put that seemed to have failed, and was overwritten before anyone looked: nobody knows what it gave.
    const known = state.entries.get(key)?.find(({ id }) => id === last?.entry);
    if (known?.state === "abandoned") return;
    const from = Math.max(now - DAY_MS, this.#liftedAt.get(key) ?? 0) + UNDER_WAY_MS;
    const recent = [...(this.#regains.get(key) ?? []).filter((at) => at > from), now];
    this.#regains.set(key, recent);
    if (recent.length > MOST_REGAINS) {
      this.#broken(
        "contest",
        `what others took out of ${short(key)} was given again ${recent.length} times within a day`,
      );
    }
  }
}
