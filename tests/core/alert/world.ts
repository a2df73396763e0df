/** A clock, findings as looks note them, and people who are told when the test says so. */
import { WAITS_MS } from "../../../packages/core/src/alert/pace.ts";
import type { Happening, Observation } from "../../../packages/core/src/finding/life.ts";
import { noteFindings, noteHappenings } from "../../../packages/core/src/finding/note.ts";
import type { FindingRecord } from "../../../packages/core/src/finding/record.ts";
import { ALICE, eventBy, iso, lookAt, type Problem, problem } from "../finding/records.ts";
import { MemoryAnnouncer, type Published } from "../support/announcer.ts";

export class TellingWorld {
  /** Milliseconds since the beginning of the test's time. */
  ms = 0;
  #made = 0;
  #drawn = 0;
  readonly clock = { now: () => iso(this.ms), sleep: async () => {}, random: () => (++this.#drawn % 1_000) / 1_000 };
  readonly people = new MemoryAnnouncer(this.clock);

  constructor({ paced = false }: { readonly paced?: boolean } = {}) {
    this.people.isPrompt = false;
    if (paced) this.people.settings = { ...this.people.settings, waits: WAITS_MS };
  }

  pass(ms: number): this {
    this.ms += ms;
    return this;
  }

  /** @param actor - whose call made the guard look */
  async look(problems: readonly Problem[], seen: Partial<Observation> = {}, actor = ALICE): Promise<void> {
    const causes = [eventBy(actor, iso(this.ms), `event-${++this.#made}`)] as const;
    await noteFindings({ ...lookAt(this.ms, problems), causes, ...seen }, this.people);
  }

  async repair(of: Problem = {}, seen: Partial<Observation> = {}, actor = ALICE): Promise<void> {
    const one: Happening = {
      finding: problem({ kind: "access-missing", severity: "medium", ...of }),
      occurrence: `write-${++this.#made}`,
      actor,
    };
    const causes = [eventBy(actor, iso(this.ms), `event-${this.#made}`)] as const;
    await noteHappenings([one], { ...lookAt(this.ms, []), causes, ...seen }, this.people);
  }

  /** @returns what was told then */
  async tell(daily = false): Promise<readonly Published[]> {
    const before = this.people.published.length;
    await this.people.run(daily);
    return this.people.published.slice(before);
  }

  silence(ref: string, ms = 30 * 24 * 3_600_000): void {
    this.people.silenced.push({ ref, until: iso(this.ms + ms), by: ALICE, reason: "known", at: iso(this.ms) });
  }

  record(kind: string): FindingRecord {
    const found = [...this.people.records.values()].filter((one) => one.kind === kind);
    const [record] = found;
    if (!record || found.length > 1) throw new Error(`${found.length} findings are \`${kind}\``);
    return record;
  }
}

/** Such as `problem: blocked-by-deny opened`. */
export function inShort(alerts: readonly Published[]): readonly string[] {
  return alerts.map(
    ({ kind, findings }) => `${kind}: ${findings.map((one) => `${one.kind} ${one.change}`).join(", ")}`,
  );
}
