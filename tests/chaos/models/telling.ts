/** What the guard's table keeps of findings and of telling people. Each call is atomic, as each of DynamoDB's is. */
import type { AnnouncerMemory, Dispatch } from "../../../packages/core/src/alert/ports.ts";
import type { FindingRecord, Subject } from "../../../packages/core/src/finding/record.ts";

export class TellingModel {
  readonly #records = new Map<string, FindingRecord>();
  readonly #dispatches = new Map<string, Dispatch>();
  #memory: AnnouncerMemory = { paces: {}, digestAt: undefined, doubtful: [] };
  #running: { readonly id: string; readonly until: string } | undefined;

  of(subject: Subject): readonly FindingRecord[] {
    return this.all().filter((record) => record.subject === subject);
  }

  all(): readonly FindingRecord[] {
    return [...this.#records.values()];
  }

  put(record: FindingRecord): "put" | "conflict" {
    if ((this.#records.get(record.id)?.revision ?? 0) !== record.revision) return "conflict";
    this.#records.set(record.id, { ...record, revision: record.revision + 1 });
    return "put";
  }

  pending(): readonly Dispatch[] {
    return [...this.#dispatches.values()].sort((a, b) => (a.alert.at < b.alert.at ? -1 : 1));
  }

  save(dispatch: Dispatch): void {
    this.#dispatches.set(dispatch.alert.id, dispatch);
  }

  remove({ alert }: Dispatch): void {
    this.#dispatches.delete(alert.id);
  }

  get doubtful(): readonly string[] {
    return this.#memory.doubtful;
  }

  begin(
    id: string,
    at: string,
    until: string,
  ): { readonly kind: "begun"; readonly memory: AnnouncerMemory } | { readonly kind: "busy" } {
    if (this.#running && this.#running.id !== id && this.#running.until > at) return { kind: "busy" };
    this.#running = { id, until };
    return { kind: "begun", memory: this.#memory };
  }

  remember(id: string, memory: AnnouncerMemory): void {
    if (this.#running?.id !== id) throw new Error(`another one has begun to tell people, not \`${id}\``);
    this.#memory = memory;
  }

  end(id: string): void {
    if (this.#running?.id === id) this.#running = undefined;
  }
}
