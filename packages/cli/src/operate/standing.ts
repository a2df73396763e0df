/** What stands in the table before `pause` and `resume` replace it. A person may also replace what can't be read. */
import type { CallerArn, KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { Hold, Pause } from "@bedrock-key-guard/core/ports.ts";
import type { Guard } from "./guard.ts";
import { labelled } from "./lines.ts";

/** `text`: why the item can't be read; the guard writes nothing while it stands. */
export type Unreadable = { readonly kind: "unreadable"; readonly text: string };

export function holdNow(subject: KeyArn | CallerArn, guard: Guard): Promise<Hold | Unreadable | undefined> {
  return guard.holds.of(subject).catch(unreadable);
}

export function killSwitchNow(guard: Guard): Promise<Pause | Unreadable> {
  return guard.killSwitch.read().catch(unreadable);
}

/** Known by name: the class can't be imported without loading the AWS SDK. */
function unreadable(error: unknown): Unreadable {
  if (error instanceof Error && error.name === "UnreadableItemError")
    return { kind: "unreadable", text: error.message };
  throw error;
}

export function holdLines(hold: Hold | Unreadable | undefined, columns: number): readonly string[] {
  if (hold === undefined || hold.kind === "lifted") return [];
  if (hold.kind === "unreadable") return labelled("on hold", hold.text, columns);
  return labelled("on hold", `since ${hold.at} (${hold.kind}), by ${hold.by}: ${hold.reason}`, columns);
}

export function killSwitchLines(pause: Pause | Unreadable, columns: number): readonly string[] {
  switch (pause.kind) {
    case "off":
      return [];
    case "paused":
      return labelled("paused", `by ${pause.by}: ${pause.reason}`, columns);
    case "unreadable":
      return labelled("paused", pause.text, columns);
    default:
      return pause satisfies never;
  }
}

/** A table that no sweep was ever started from may be another one: whoever pauses the wrong guard pauses none. */
export async function doubtAboutTable(guard: Guard): Promise<readonly string[]> {
  if (await guard.sweepLog.latest()) return [];
  return ["No sweep was ever started with this table: is it the guard's?"];
}
