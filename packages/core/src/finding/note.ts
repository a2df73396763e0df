/** Writes down what a look saw, and wakes who tells people of it. */
import type { AlertQueue, FindingLog } from "../ports.ts";
import { type Happening, happen, type Observation, observe } from "./life.ts";
import type { FindingRecord } from "./record.ts";

export interface NotePorts {
  readonly findings: FindingLog;
  readonly alertQueue: AlertQueue;
}

/** Whoever tells people writes to the same records: after so many conflicts it is something else. */
const MOST_TRIES = 8;
/** Of the records that one look changes; more writes at once would be throttled. */
const AT_ONCE = 16;

/** What stands: findings open, worsen and are resolved. */
export function noteFindings(seen: Observation, ports: NotePorts): Promise<void> {
  return note(seen, (known) => observe(known, seen), ports);
}

/** What happened, such as a write. Noted again, each occurrence counts once. */
export function noteHappenings(
  happenings: readonly Happening[],
  seen: Pick<Observation, "subject" | "at" | "causes" | "names">,
  ports: NotePorts,
): Promise<void> {
  return note(
    seen,
    (known) =>
      happenings.flatMap((one) => {
        const former = known.find(({ id }) => id === one.finding.id);
        const next = happen(former, one, seen);
        return next === former ? [] : [next];
      }),
    ports,
  );
}

async function note(
  { subject }: Pick<Observation, "subject">,
  changed: (known: readonly FindingRecord[]) => readonly FindingRecord[],
  { findings, alertQueue }: NotePorts,
): Promise<void> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const known = await findings.of(subject);
    const records = changed(known);
    const written = await putAll(records, findings);
    if (!written) continue;
    // Also for what an earlier look noted, which may have ended before it woke anyone.
    if ([...known, ...records].some(({ news }) => news.length > 0)) await alertQueue.wake(0);
    return;
  }
  throw new Error(`the findings of \`${subject}\` were changed by others ${MOST_TRIES} times in a row; try again`);
}

async function putAll(records: readonly FindingRecord[], findings: FindingLog): Promise<boolean> {
  let isWritten = true;
  for (let from = 0; from < records.length; from += AT_ONCE) {
    const answers = await Promise.all(records.slice(from, from + AT_ONCE).map((record) => findings.put(record)));
    if (answers.includes("conflict")) isWritten = false;
  }
  return isWritten;
}
