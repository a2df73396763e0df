/** What became of the guard's last write to a caller: a function may have ended before IAM answered, or before people were told. */
import type { CallerJournalEntry } from "./journal.ts";
import type { CallerJournal } from "./ports.ts";
import { samePolicy } from "./write.ts";

export interface Settled {
  /** The newest entry, as it stands now. */
  readonly latest: CallerJournalEntry | undefined;
  /** IAM took it, and nobody was told. */
  readonly untold: CallerJournalEntry | undefined;
}

/** @param live - the guard's policy on the caller as it is; absent where there is none */
export async function settleFormerChange(
  latest: CallerJournalEntry | undefined,
  live: string | undefined,
  { callerJournal }: { readonly callerJournal: CallerJournal },
): Promise<Settled> {
  if (latest?.state === "put") return { latest, untold: latest };
  if (latest?.state !== "opened") return { latest, untold: undefined };
  const state = samePolicy(live, latest.after) ? "put" : "abandoned";
  await callerJournal.advance(latest, state);
  const settled = { ...latest, state } as const;
  return { latest: settled, untold: state === "put" ? settled : undefined };
}
