/**
 * A crash may have come between a write and its verification, or between that and the alert. The journal knows what was
 * begun: what KMS took is told, whatever became of it; what was never put is abandoned.
 */
import type { Agent, Clock, Keys } from "../ports.ts";
import type { JournalEntry } from "./journal.ts";
import { type TellPorts, type TellSettings, tellRepair } from "./tell.ts";
import { showsWrite } from "./write.ts";

/** How long KMS may go on showing the policy before a write. */
const CONSISTENT_AFTER_MS = 60_000;

export type FormerWrite = { readonly kind: "settled" } | { readonly kind: "not-visible-yet" };

/** @param entry - the key's newest entry */
export async function settleFormerWrite(
  entry: JournalEntry | undefined,
  agents: readonly Agent[],
  ports: TellPorts & { readonly keys: Keys; readonly clock: Clock },
  settings: TellSettings,
): Promise<FormerWrite> {
  if (!entry || (entry.state !== "opened" && entry.state !== "put" && entry.state !== "verified")) {
    return { kind: "settled" };
  }
  const read = await ports.keys.policy(entry.key);
  const visible = read.kind === "found" && showsWrite(read.text, entry);
  if (entry.state === "opened" && !visible) {
    await ports.journal.advance(entry, "abandoned");
    return { kind: "settled" };
  }
  if (entry.state === "put" && !visible && age(entry, ports.clock) < CONSISTENT_AFTER_MS) {
    return { kind: "not-visible-yet" };
  }
  await tellRepair(entry, agents, visible || entry.state === "verified" ? "stands" : "overwritten", ports, settings);
  return { kind: "settled" };
}

function age(entry: JournalEntry, clock: Clock): number {
  return Date.parse(clock.now()) - Date.parse(entry.at);
}
