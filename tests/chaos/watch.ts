/**
 * Looks on while the guard works, and judges each write at the moment that KMS takes it, by what is really so: who
 * exists, what is live, what people set. What the guard believes does not count.
 */
import type { KeyArn } from "../../packages/core/src/arn.ts";
import type { JournalEntry } from "../../packages/core/src/key/journal.ts";
import type { ReconcileSettings } from "../../packages/core/src/key/look.ts";
import type { Handler } from "./calls.ts";
import { ForeignWatch } from "./foreign-watch.ts";
import { Ledger } from "./ledger.ts";
import { givenBy, parse, samePolicy } from "./models/document.ts";
import type { Version } from "./models/kms.ts";
import { RailsWatch } from "./rails-watch.ts";
import { TellingWatch } from "./telling-watch.ts";
import type { Invariant, Violation } from "./violation.ts";
import type { World } from "./world.ts";

/** What one invocation did at one key since it opened a journal entry. */
interface Attempt {
  readonly entry: JournalEntry;
  /** KMS's latest answer since then, and which version it showed. */
  reread: { readonly text: string; readonly version: Version } | undefined;
}

export class Watch {
  readonly violations: Violation[] = [];
  /** Entries whose policy KMS took, with the version that it became. */
  readonly put = new Map<string, { readonly entry: JournalEntry; readonly version: Version }>();
  readonly counts = { puts: 0, staleBase: 0, unknowable: 0 };
  readonly foreign: ForeignWatch;
  readonly ledger: Ledger;
  readonly rails: RailsWatch;
  readonly telling: TellingWatch;
  readonly #world: () => World;
  readonly #attempts = new Map<string, Attempt>();

  /** @param world - made together with this: asked for when something happens */
  constructor(world: () => World, settings: ReconcileSettings) {
    this.#world = world;
    const broken = (invariant: Invariant, message: string) => this.broken(invariant, message);
    this.foreign = new ForeignWatch(world, broken);
    this.ledger = new Ledger(world, broken);
    this.rails = new RailsWatch(world, settings, broken);
    this.telling = new TellingWatch(broken);
  }

  broken(invariant: Invariant, message: string): void {
    const { engine, trace } = this.#world();
    this.violations.push({ invariant, message, at: engine.iso });
    trace.add("VIOLATION", () => `${invariant}: ${message}`);
    engine.stop();
  }

  railsChanged(): void {
    this.rails.changed();
  }

  budgetAsked(handler: Handler): void {
    this.rails.budgetAsked(handler);
  }

  journalOpened(handler: Handler, entry: JournalEntry): void {
    this.#attempts.set(`${handler.name} ${entry.key}`, { entry, reread: undefined });
  }

  /** Whether the invocation has opened a journal entry, and KMS has not taken its policy yet. */
  isWriting(handler: Handler, key: KeyArn): boolean {
    return this.#attempts.has(`${handler.name} ${key}`);
  }

  policyRead(handler: Handler, key: KeyArn, text: string, version: Version): void {
    const attempt = this.#attempts.get(`${handler.name} ${key}`);
    if (attempt) attempt.reread = { text, version };
  }

  /** @param replaced - what was live until now */
  guardPut(handler: Handler, key: KeyArn, text: string, replaced: Version): void {
    const { kms } = this.#world();
    this.counts.puts++;
    const attempt = this.#attempts.get(`${handler.name} ${key}`);
    this.#attempts.delete(`${handler.name} ${key}`);
    const isStale = attempt?.reread !== undefined && attempt.reread.version !== replaced;
    if (isStale) this.counts.staleBase++;
    this.#judgeJournal(key, text, attempt);
    this.rails.guardPut(handler, key);
    const { entry, reread } = attempt ?? {};
    const calls = this.foreign.guardPut({ key, text, action: entry?.action, replaced, reread });
    const base = attempt?.reread ? parse(attempt.reread.text) : kms.printed(replaced);
    this.rails.regains(key, givenBy(base), givenBy(parse(text)), entry?.id);
    this.ledger.guardPut(handler, key, givenBy(base), givenBy(parse(text)), isStale || calls);
  }

  #judgeJournal(key: KeyArn, text: string, attempt: Attempt | undefined): void {
    const { state } = this.#world();
    const entry = attempt && state.entries.get(key)?.find(({ id }) => id === attempt.entry.id);
    if (!entry || entry.after !== text || entry.state !== "opened" || this.put.has(entry.id)) {
      this.broken("journal", `a policy of ${key} was put, and no open journal entry has it`);
      return;
    }
    this.put.set(entry.id, { entry, version: this.#world().kms.live(key) });
    if (attempt.reread && !samePolicy(parse(entry.before), parse(attempt.reread.text))) {
      this.broken("journal", `entry ${entry.id} has another policy before the write than the guard last read`);
    }
  }
}
