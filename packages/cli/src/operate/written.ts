/** The entries of a journal as `history` shows them: those of keys, and those of roles and users. */
import type { CallerJournalEntry, CallerJournalState } from "@bedrock-key-guard/core/callers/journal.ts";
import type { JournalEntry, JournalState } from "@bedrock-key-guard/core/key/journal.ts";
import { accessInWords, changeBetween, changeInWords } from "./change.ts";
import type { Guard } from "./guard.ts";
import type { Subject } from "./subject.ts";

export interface Written {
  readonly entry: Pick<JournalEntry | CallerJournalEntry, "at" | "action" | "id" | "by" | "state" | "causes">;
  /** What became of it. */
  readonly state: string;
  /** What it did, in one line. */
  readonly what: string;
  readonly diff: readonly string[];
  readonly json: object;
}

/** Newest first. */
export async function newestOf({ kind, arn }: Subject, limit: number, guard: Guard): Promise<readonly Written[]> {
  return kind === "key"
    ? (await guard.history.newest(arn, limit)).map(ofKey)
    : (await guard.callers.history.newest(arn, limit)).map(ofCaller);
}

function ofKey(entry: JournalEntry): Written {
  const { key: _, ...rest } = entry;
  const change = changeBetween(entry.before, entry.after);
  return {
    entry,
    state: STATES_OF_KEYS[entry.state],
    what: MAYBE[entry.state] + changeInWords(change),
    diff: entry.diff,
    json: { ...rest, change },
  };
}

function ofCaller(entry: CallerJournalEntry): Written {
  const { caller: _, before = null, after = null, ...rest } = entry;
  return {
    entry,
    state: STATES_OF_CALLERS[entry.state],
    what: MAYBE[entry.state] + accessInWords(entry.diff),
    diff: entry.diff,
    // In JSON, too, a policy that was not there is said to be none.
    json: { ...rest, before, after },
  };
}

const STATES_OF_KEYS: Readonly<Record<JournalState, string>> = {
  opened: "begun; whether KMS took it is not known yet",
  put: "KMS took it; not read back yet",
  abandoned: "never put",
  refused: "KMS refused it",
  verified: "KMS took it; not told yet",
  told: "KMS took it, and people were told",
};

const STATES_OF_CALLERS: Readonly<Record<CallerJournalState, string>> = {
  opened: "begun; whether IAM took it is not known yet",
  put: "IAM took it; not told yet",
  abandoned: "never written",
  refused: "IAM refused it",
  told: "IAM took it, and people were told",
};

/** In front of what an entry did, where it was not taken or that is not known. */
const MAYBE: Readonly<Record<JournalState | CallerJournalState, string>> = {
  opened: "may have ",
  put: "",
  abandoned: "would have ",
  refused: "would have ",
  verified: "",
  told: "",
};
