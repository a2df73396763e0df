/**
 * A crash may have come between a write and its verification, or between that and the alert. The journal knows what was
 * begun: what KMS took is told, whatever became of it; what was never put is abandoned.
 */
import { policyDigest } from "../policy/canonical.ts";
import type { Agent, Clock, Keys } from "../ports.ts";
import type { JournalEntry, JournalState } from "./journal.ts";
import { CONSISTENT_AFTER_MS } from "./last-put.ts";
import { type Fate, type TellPorts, tellWrite } from "./tell.ts";
import { showsWrite } from "./write.ts";

/** States of which something is still to be done. */
const OPEN: ReadonlySet<JournalState> = new Set<JournalState>(["opened", "put", "verified"]);

export type FormerWrite =
  /** `latest`: the entry as it stands now. */
  { readonly kind: "settled"; readonly latest: JournalEntry | undefined } | { readonly kind: "not-visible-yet" };

/**
 * @param entry - the key's newest entry
 * @param isProved - whether CloudTrail has told of its put: then KMS took it, whatever KMS shows by now
 */
export async function settleFormerWrite(
  entry: JournalEntry | undefined,
  agents: readonly Agent[],
  ports: TellPorts & { readonly keys: Keys; readonly clock: Clock },
  isProved = false,
): Promise<FormerWrite> {
  if (!entry || !(OPEN.has(entry.state) || (isProved && entry.state === "abandoned"))) {
    return { kind: "settled", latest: entry };
  }
  const former = entry;
  const read = await ports.keys.policy(entry.key);
  const visible = read.kind === "found" && showsWrite(read.text, entry);
  const now = ports.clock.now();
  if (!visible && entry.state !== "verified" && age(entry, now) < CONSISTENT_AFTER_MS) {
    return { kind: "not-visible-yet" };
  }
  if (entry.state === "opened" || entry.state === "abandoned") {
    // Whoever opened it crashed before or after the put: what KMS shows tells which.
    const isUntouched = read.kind === "found" && policyDigest(read.text) === entry.beforeDigest;
    if (isUntouched && !isProved) {
      await ports.journal.advance(entry, "abandoned", now);
      return { kind: "settled", latest: { ...entry, state: "abandoned" } };
    }
    // Neither what was there before nor what was to be put: it may have been put, and is told rather than not.
    await ports.journal.advance(entry, "put", now);
    if (!visible && !isProved) return tellEnd("unknown");
  }
  return tellEnd(visible || entry.state === "verified" ? "stands" : "overwritten");

  async function tellEnd(fate: Fate): Promise<FormerWrite> {
    const told = { ...former, putAt: former.putAt ?? now };
    await tellWrite(told, agents, fate, ports);
    return { kind: "settled", latest: { ...told, state: "told" } };
  }
}

function age(entry: JournalEntry, now: string): number {
  return Date.parse(now) - Date.parse(entry.at);
}
