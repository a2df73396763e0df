/** What the guard keeps in its table, besides the inventory. Each call is atomic, as each of DynamoDB's is. */
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import type { JournalEntry, JournalState } from "../../../packages/core/src/key/journal.ts";
import type { ForeignWrite, Hold, Pause, SweepState } from "../../../packages/core/src/ports.ts";
import { InventoryModel } from "./inventory.ts";
import { TellingModel } from "./telling.ts";

export class StateModel {
  readonly inventory = new InventoryModel();
  readonly telling = new TellingModel();
  /** By key, sorted by id: an entry's id begins with its time. */
  readonly entries = new Map<KeyArn, JournalEntry[]>();
  readonly holds = new Map<string, Hold>();
  readonly absences = new Map<KeyArn, ReadonlyMap<string, string>>();
  readonly foreignWrites = new Map<string, ForeignWrite>();
  readonly reserved = new Map<string, number>();
  pause: Pause = { kind: "off" };
  sweep: SweepState | undefined;
  everFinished = false;

  allEntries(): readonly JournalEntry[] {
    return [...this.entries.values()].flat();
  }

  openEntry(entry: JournalEntry): void {
    const known = this.entries.get(entry.key) ?? [];
    if (known.some(({ id }) => id === entry.id)) throw new Error(`the journal already has an entry \`${entry.id}\``);
    this.entries.set(
      entry.key,
      [...known, entry].sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
  }

  advanceEntry({ key, id }: JournalEntry, state: JournalState, at: string): void {
    const known = this.entries.get(key) ?? [];
    const index = known.findIndex((one) => one.id === id);
    const old = known[index];
    if (!old) throw new Error(`the journal has no entry \`${id}\``);
    known[index] = { ...old, state, putAt: state === "put" ? (old.putAt ?? at) : old.putAt };
  }

  latestEntry(key: KeyArn): JournalEntry | undefined {
    return this.entries.get(key)?.at(-1);
  }

  entriesSince(key: KeyArn, since: string): readonly JournalEntry[] {
    return (this.entries.get(key) ?? []).filter(({ id }) => id >= since);
  }

  reserve(scope: string, hour: string, limit: number): "reserved" | "spent" {
    const name = `${scope} ${hour}`;
    const used = this.reserved.get(name) ?? 0;
    if (used >= limit) return "spent";
    this.reserved.set(name, used + 1);
    return "reserved";
  }

  recordForeign(write: ForeignWrite): void {
    if (!this.foreignWrites.has(write.eventId)) this.foreignWrites.set(write.eventId, write);
  }

  foreignSince(key: KeyArn, since: string): readonly ForeignWrite[] {
    const from = Math.floor(Date.parse(since) / 1000) * 1000;
    return [...this.foreignWrites.values()]
      .filter((write) => write.key === key && Date.parse(write.at) >= from)
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.eventId < b.eventId ? -1 : 1));
  }

  settleForeign({ eventId }: ForeignWrite): void {
    const known = this.foreignWrites.get(eventId);
    if (known) this.foreignWrites.set(eventId, { ...known, settled: true });
  }

  startSweep(sweepId: string, at: string): void {
    if (this.sweep?.sweepId !== sweepId) this.sweep = { sweepId, startedAt: at, finishedAt: undefined };
  }

  finishSweep(sweepId: string, at: string): void {
    this.everFinished = true;
    if (this.sweep?.sweepId === sweepId) this.sweep = { ...this.sweep, finishedAt: at };
  }
}
