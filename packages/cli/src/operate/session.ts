/** One run of a command that writes: the guard, what was asked for, and how it ends. */
import type { Options } from "../options.ts";
import { harmless, harmlessJson } from "../output/terminal.ts";
import { consents } from "./consent.ts";
import type { Guard, Place, Terminal } from "./guard.ts";
import { paragraph } from "./lines.ts";

export interface Session {
  readonly guard: Guard;
  readonly place: Place;
  readonly options: Options;
  readonly terminal: Terminal;
}

/** Shows what would be done, and asks for a yes. See `consents`. */
export function agreed(plan: readonly string[], question: string, { options, terminal }: Session): Promise<boolean> {
  return consents(plan, question, options, terminal);
}

/**
 * Says how it ended: prose is broken into lines, lines that start with a space (commands) stay whole.
 *
 * @param done - whether what was asked for is so now
 * @returns the exit code
 */
export async function ended<T extends { readonly result: string; readonly says: string }>(
  result: T,
  done: boolean,
  { options, terminal }: Pick<Session, "options" | "terminal">,
): Promise<number> {
  if (options.has("json")) {
    await terminal.print(harmlessJson(result, 2));
    return done ? 0 : 1;
  }
  const lines = result.says.split("\n");
  const says = harmless(
    lines.map((line) => (line.startsWith(" ") ? line : paragraph(line, terminal.columns))).join("\n"),
  );
  if (done) await terminal.print(`\n${says}`);
  else await terminal.printError(says);
  return done ? 0 : 1;
}
