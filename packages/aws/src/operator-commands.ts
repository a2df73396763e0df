import type { KeyArn } from "@bedrock-key-guard/core/arn.ts";
import type { JournalEntry } from "@bedrock-key-guard/core/key/journal.ts";
import type { OperatorCommands } from "@bedrock-key-guard/core/ports.ts";
import type { ActionsOf } from "./actions.ts";

/** Text only: the person who runs a command pays for its calls. */
export const operatorCommandsActions = {
  rollback: [],
  history: [],
  resumeKey: [],
  resumeGuard: [],
} as const satisfies ActionsOf<OperatorCommands>;

/**
 * The commands of `packages/cli` for one deployment, each as one line for a POSIX shell. A key's ARN says its Region;
 * the guard as a whole has none, so that command names it.
 *
 * @param deployment - the name of the guard's table, and its Region
 */
export function operatorCommands(deployment: { readonly table: string; readonly region: string }): OperatorCommands {
  const command = (...words: readonly string[]): string =>
    ["npx", "bedrock-key-guard", ...words, "--table", deployment.table].map(word).join(" ");
  return {
    rollback: ({ key, id }: Pick<JournalEntry, "key" | "id">) => command("rollback", key, "--entry", id),
    history: (key: KeyArn) => command("history", key),
    resumeKey: (key: KeyArn) => command("resume", key),
    resumeGuard: () => `${command("resume")} --region ${word(deployment.region)}`,
  };
}

/** Characters that no POSIX shell treats in a special way, wherever they stand in a word. */
const PLAIN = /^[A-Za-z0-9_@%+:,./-]+$/;

/** One word for a POSIX shell, whatever is in it: a copied command must not run what a name holds. */
function word(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
