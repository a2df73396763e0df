/** Whether the journal explains a PutKeyPolicy that CloudTrail tells of. */
import type { KeyArn } from "../arn.ts";
import type { JournalSummary } from "../key/journal.ts";
import { policyDigest } from "../policy/canonical.ts";
import type { Journal } from "../ports.ts";
import type { EventCause } from "./event.ts";

export type Explanation =
  /** The journal has it, and people were told of it. */
  | { readonly kind: "told"; readonly entry: string }
  /** The journal has it, and it is not done with. */
  | { readonly kind: "not-told"; readonly entry: string }
  | { readonly kind: "foreign" };

/** An event's time has whole seconds, and two machines' clocks differ. */
const SAME_TIME_MS = 60_000;

/** An entry is opened before its policy is put, by no more than a function takes, and by no more than clocks differ. */
const OPENED_BEFORE_MS = 120_000;

/**
 * An entry explains the event when it is about the same document at the same time. The same document at another time was
 * put by someone else, who may have restored an older state; and so was one that KMS refused to the guard.
 *
 * INVARIANT: among entries that explain it, one that is not told yet wins: the event is the chance to finish it.
 */
export async function explainWrite(
  key: KeyArn,
  { at }: Pick<EventCause, "at">,
  policy: string,
  { journal }: { readonly journal: Journal },
): Promise<Explanation> {
  const happened = Date.parse(at);
  const entries = await journal.since(key, new Date(happened - OPENED_BEFORE_MS).toISOString());
  const digest = policyDigest(policy);
  const mine = entries.filter((entry) => entry.afterDigest === digest && mayHavePut(entry, happened));
  const open = mine.find(({ state }) => state !== "told");
  const [told] = mine;
  if (open) return { kind: "not-told", entry: open.id };
  return told ? { kind: "told", entry: told.id } : { kind: "foreign" };
}

function mayHavePut({ at, putAt, state }: JournalSummary, happened: number): boolean {
  if (state === "refused") return false;
  const earliest = Date.parse(at) - SAME_TIME_MS;
  const latest = Date.parse(putAt ?? at) + SAME_TIME_MS;
  return earliest <= happened && happened <= latest;
}
