/** Telling people of callers: one message for all that a review wrote, one for all that it newly found. */
import type { CallerArn } from "../arn.ts";
import type { Alerts, OperatorCommands, ToldFindings } from "../ports.ts";
import { type Place, problemAlert, writtenAlert } from "./alerts.ts";
import type { CallersJob } from "./job.ts";
import type { CallerJournalEntry } from "./journal.ts";
import { type CallerFinding, newsAmong, toldWith } from "./news.ts";
import type { CallerCommands, CallerJournal } from "./ports.ts";

export interface TellCallersPorts {
  readonly alerts: Alerts;
  readonly told: ToldFindings;
  readonly callerJournal: CallerJournal;
  readonly commands: OperatorCommands & CallerCommands;
}

/** What `told` holds beside what was told: callers that are being written to, and whose journal is to be looked at. */
const WRITING = "writing|";
const isNote = (one: string) => one.startsWith(WRITING);

/** Before the writes: after a crash, the next review knows whom to tell of. */
export async function noteWriting(
  callers: readonly CallerArn[],
  at: string,
  { told }: Pick<TellCallersPorts, "told">,
): Promise<void> {
  if (callers.length === 0) return;
  const before = await told.of("callers");
  const notes = callers.map((caller) => `${WRITING}${caller}`);
  await told.set("callers", [...new Set([...before, ...notes])].sort(), at);
}

export async function notedWriting({ told }: Pick<TellCallersPorts, "told">): Promise<readonly string[]> {
  return (await told.of("callers")).filter(isNote).map((one) => one.slice(WRITING.length));
}

export interface Seen {
  /** Whether the review looked at all callers: a problem that it does not see is then gone. */
  readonly isComplete: boolean;
  /** Callers that were noted: what became of the write to them is known, and told. */
  readonly settled: readonly string[];
}

/** Publishes what people have not been told yet, and remembers what now stands. */
export async function tellFindingsOfCallers(
  job: CallersJob,
  findings: readonly CallerFinding[],
  { isComplete, settled }: Seen,
  place: Place,
  ports: TellCallersPorts,
): Promise<void> {
  const before = await ports.told.of("callers");
  const told = before.filter((one) => !isNote(one));
  const fresh = newsAmong(findings, told);
  if (fresh.length > 0) await ports.alerts.publish(problemAlert(job, fresh, place));
  const notes = before.filter((one) => isNote(one) && !settled.includes(one.slice(WRITING.length)));
  const now = [...toldWith(findings, isComplete ? [] : told), ...notes];
  // After publishing: a crash between the two tells twice rather than never.
  if (now.join("\n") !== before.join("\n")) await ports.told.set("callers", now, place.at);
}

/** Publishes what was written, then notes that it was told. */
export async function tellWritten(
  entries: readonly CallerJournalEntry[],
  place: Place,
  ports: TellCallersPorts,
): Promise<void> {
  for (const action of ["rollback", "give"] as const) {
    const [first, ...others] = entries.filter((entry) => entry.action === action);
    if (!first) continue;
    await ports.alerts.publish(writtenAlert([first, ...others], place, ports.commands));
    for (const entry of [first, ...others]) await ports.callerJournal.advance(entry, "told");
  }
}
