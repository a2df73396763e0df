/** Writes of a review that broke off before it could tell. */
import { callerArn } from "../arn.ts";
import type { CallerJournalEntry } from "./journal.ts";
import type { CallerIdentities, CallerJournal } from "./ports.ts";
import { settleFormerChange } from "./settle.ts";
import type { TellCallersPorts } from "./tell.ts";

export interface Unfinished {
  /** IAM took them, and nobody was told. */
  readonly untold: readonly CallerJournalEntry[];
  /** Callers of which it is known what became of the write to them; the others can't be read. */
  readonly settled: readonly string[];
}

export async function unfinished(
  ports: Pick<TellCallersPorts, "writing"> & {
    readonly callerJournal: CallerJournal;
    readonly identities: CallerIdentities;
  },
): Promise<Unfinished> {
  const untold: CallerJournalEntry[] = [];
  const settled: string[] = [];
  for (const text of await ports.writing.of()) {
    const caller = callerArn(text);
    const latest = caller && (await ports.callerJournal.latest(caller));
    const live = caller && latest?.state === "opened" ? await ports.identities.read(caller) : undefined;
    if (live?.kind === "denied") continue;
    const former = await settleFormerChange(latest, live?.kind === "found" ? live.ownPolicy : undefined, ports);
    if (former.untold) untold.push(former.untold);
    settled.push(text);
  }
  return { untold, settled };
}
