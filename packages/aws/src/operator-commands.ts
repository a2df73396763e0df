import { type CallerArn, callerArn, type KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { CallerJournalEntry } from "@bedrock-key-guard/core/callers/journal.ts";
import type { CallerCommands } from "@bedrock-key-guard/core/callers/ports.ts";
import type { JournalEntry } from "@bedrock-key-guard/core/key/journal.ts";
import type { OperatorCommands } from "@bedrock-key-guard/core/ports.ts";
import type { ActionsOf } from "./actions.ts";

/** Text only: the person who runs a command pays for its calls. */
export const operatorCommandsActions = {
  rollback: [],
  history: [],
  resumeKey: [],
  resumeGuard: [],
  silence: [],
  findings: [],
  resume: [],
} as const satisfies ActionsOf<OperatorCommands & CallerCommands>;

type EntryName = Pick<JournalEntry, "key" | "id"> | Pick<CallerJournalEntry, "caller" | "id">;

/**
 * The commands of `packages/cli` for one deployment, each as one line for a POSIX shell. A key's ARN says its Region; the
 * guard as a whole has none, and no role or user has one, so those commands name it.
 *
 * @param deployment - the name of the guard's table, and its Region
 */
export function operatorCommands(deployment: {
  readonly table: string;
  readonly region: string;
}): OperatorCommands & CallerCommands {
  const command = (...words: readonly string[]): string =>
    ["npx", "bedrock-key-guard", ...words, "--table", deployment.table].map(word).join(" ");
  const here = (text: string): string => `${text} --region ${word(deployment.region)}`;
  const about = (subject: KeyArn | CallerArn, text: string): string => (callerArn(subject) ? here(text) : text);
  return {
    rollback(entry: EntryName) {
      const subject = "caller" in entry ? entry.caller : entry.key;
      return about(subject, command("rollback", subject, "--entry", entry.id));
    },
    history: (subject: KeyArn | CallerArn) => about(subject, command("history", subject)),
    resumeKey: (key: KeyArn) => command("resume", key),
    resume: (caller: CallerArn) => here(command("resume", caller)),
    resumeGuard: () => here(command("resume")),
    silence: (refs: readonly string[]) => here(command("silence", ...refs)),
    findings: () => here(command("findings")),
  };
}

/** Characters that no POSIX shell treats in a special way, wherever they stand in a word. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-]+$/;

/** One word for a POSIX shell, whatever is in it: a copied command must not run what a name holds. */
function word(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
