/** Judges what people and programs are told, at the moment that they are. */
import type { Alert } from "../../packages/core/src/alert/alert.ts";
import type { FindingEvent } from "../../packages/core/src/alert/ports.ts";
import { MOST_AT_ONCE } from "../../packages/core/src/alert/telling.ts";
import type { Invariant } from "./violation.ts";

/** Two digests are further apart than this. */
const NEARLY_A_DAY_MS = 20 * 3_600_000;

export class TellingWatch {
  /** What people were told. */
  readonly alerts: Alert[] = [];
  /** The ids of what programs were told. */
  readonly events = new Set<string>();
  /** By a finding's short name, how often it was told at once since it last opened. */
  readonly #atOnce = new Map<string, number>();
  readonly #broken: (invariant: Invariant, message: string) => void;

  constructor(broken: (invariant: Invariant, message: string) => void) {
    this.#broken = broken;
  }

  told(alert: Alert): void {
    const former = this.alerts.find(({ id }) => id === alert.id);
    if (former && !alert.perhapsAgain) this.#broken("told-once", `alert ${alert.id} came twice, and does not say so`);
    this.alerts.push(alert);
    if (former) return;
    if (alert.kind === "digest" || alert.kind === "reminder") this.#judgeDay(alert);
    else this.#count(alert);
  }

  #judgeDay({ id, kind, at }: Alert): void {
    const close = this.alerts.find(
      (one) => one.kind === kind && one.id !== id && Math.abs(Date.parse(one.at) - Date.parse(at)) < NEARLY_A_DAY_MS,
    );
    if (close) this.#broken("at-once", `${kind}s ${close.id} and ${id} are of one day`);
  }

  #count({ id, findings }: Alert): void {
    for (const { refs, change } of findings) {
      for (const ref of refs) {
        const count = change === "opened" ? 1 : (this.#atOnce.get(ref) ?? 0) + 1;
        this.#atOnce.set(ref, count);
        if (count > MOST_AT_ONCE) this.#broken("at-once", `alert ${id} tells of ${ref} for the ${count}th time`);
      }
    }
  }

  emitted(events: readonly FindingEvent[]): void {
    for (const { id } of events) this.events.add(id);
  }
}
