/** What is written to findings while people are told: what was passed on, and what was told. Whoever looks at keys writes to them too. */
import type { FindingRecord } from "../finding/record.ts";
import type { FindingLog } from "../ports.ts";
import type { Alert } from "./alert.ts";
import { findingOf, type Place } from "./compose.ts";
import { isSettledByTime } from "./digest.ts";
import type { Dispatch, Events, FindingEvent } from "./ports.ts";
import { toldOf } from "./telling.ts";

export interface FindingPorts {
  readonly findings: FindingLog;
  /** Absent where the deployment has no events of its own. */
  readonly events: Events | undefined;
}

export interface Passed {
  readonly records: readonly FindingRecord[];
  readonly changes: readonly FindingEvent[];
}

/** Programs are told of each change, before it is decided what people are told. */
export async function emit(
  records: readonly FindingRecord[],
  { events, findings }: FindingPorts,
  { account, region, modes }: Omit<Place, "account"> & { readonly account: Alert["account"]["id"] },
): Promise<Passed> {
  const after: FindingRecord[] = [];
  const changes: FindingEvent[] = [];
  for (const first of records) {
    let record = first;
    // What others note meanwhile is passed on too: nothing is told, and so forgotten, before.
    for (let fresh = freshOf(record); fresh.length > 0; fresh = freshOf(record)) {
      const mode = record.subject === "callers" ? modes.callers : modes.keys;
      const of = record;
      const made = fresh.map((news): FindingEvent => {
        const finding = { ...findingOf(of, news.change), severity: news.severity };
        const id = `${of.ref}-${news.sequence}`;
        return { id, at: news.at, finding, causes: news.causes, account, region, mode };
      });
      await events?.emit(made);
      const last = fresh.at(-1)?.sequence ?? 0;
      changes.push(...made);
      const next = await change(record, (one) => (one.emitted >= last ? one : { ...one, emitted: last }), findings);
      // It is gone: remembered for long enough.
      if (next === record) break;
      record = next;
    }
    after.push(record);
  }
  return { records: after, changes };
}

function freshOf({ news, emitted }: FindingRecord): FindingRecord["news"] {
  return news.filter(({ sequence }) => sequence > emitted);
}

/** Notes on the records what the stored alerts tell of. @returns all records as they are then */
export async function noted(
  dispatches: readonly Dispatch[],
  records: readonly FindingRecord[],
  { findings }: Pick<FindingPorts, "findings">,
): Promise<readonly FindingRecord[]> {
  const byId = new Map(records.map((record) => [record.id, record]));
  for (const { alert, tells } of dispatches) {
    for (const { id, sequence } of tells) {
      const record = byId.get(id);
      if (record) byId.set(id, await change(record, (one) => toldOf(one, sequence, alert), findings));
    }
  }
  return [...byId.values()];
}

/** Whoever looks at keys writes to the same records. */
async function change(
  record: FindingRecord,
  how: (record: FindingRecord) => FindingRecord,
  findings: FindingLog,
): Promise<FindingRecord> {
  let current: FindingRecord | undefined = record;
  for (let tries = 0; current && tries < MOST_TRIES; tries++) {
    const next = how(current);
    if (next === current) return current;
    if ((await findings.put(next)) === "put") return { ...next, revision: next.revision + 1 };
    current = (await findings.of(record.subject)).find(({ id }) => id === record.id);
  }
  if (!current) return record;
  throw new Error(`the finding \`${record.ref}\` was changed by others ${MOST_TRIES} times in a row; try again`);
}

const MOST_TRIES = 8;

/** Up to where it was decided of each finding's news, but for those that wait: what came since is news still. */
export function unheld(records: readonly FindingRecord[], held: ReadonlySet<string>): ReadonlyMap<string, number> {
  return new Map(records.flatMap(({ id, sequence }) => (held.has(id) ? [] : [[id, sequence] as const])));
}

/** News that nobody is told at once are none any more, and what nobody acknowledges is over after a week. */
export async function settle(
  records: readonly FindingRecord[],
  decided: ReadonlyMap<string, number>,
  now: string,
  daily: boolean,
  { findings }: Pick<FindingPorts, "findings">,
): Promise<readonly FindingRecord[]> {
  const all: FindingRecord[] = [];
  for (const record of records) {
    const quiet = (one: FindingRecord) => toldOf(one, decided.get(one.id) ?? 0, undefined);
    const how = (one: FindingRecord): FindingRecord =>
      daily && isSettledByTime(one, now)
        ? { ...quiet(one), state: "resolved", resolved: { at: now, by: "others" } }
        : quiet(one);
    all.push(await change(record, how, findings));
  }
  return all;
}

/** As the records are once the alerts are noted: the day's telling does not repeat them. */
export function asTold(
  records: readonly FindingRecord[],
  told: readonly Pick<Dispatch, "alert" | "tells">[],
): readonly FindingRecord[] {
  const by = new Map(
    told.flatMap(({ alert, tells }) => tells.map(({ id, sequence }) => [id, { alert, sequence }] as const)),
  );
  return records.map((record) => {
    const of = by.get(record.id);
    return of ? toldOf(record, of.sequence, of.alert) : record;
  });
}
