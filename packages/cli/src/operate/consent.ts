/** A person's yes, before anything is written. */
import { InputError } from "../input/input-error.ts";
import type { Options } from "../options.ts";
import { harmless } from "../output/terminal.ts";
import type { Terminal } from "./guard.ts";

/**
 * Shows what would be done, and asks whether to do it; where the answer is for a program, both on standard error.
 *
 * @param question - such as "put the former policy back"
 * @returns whether to go on; `false` has been told
 * @throws InputError where nobody can be asked and `--yes` was not given
 */
export async function consents(
  plan: readonly string[],
  question: string,
  options: Options,
  terminal: Terminal,
): Promise<boolean> {
  const where = options.has("json") ? "note" : "print";
  await terminal[where](harmless(plan.join("\n")));
  if (options.has("yes")) return true;
  if (!terminal.isManned(where)) {
    throw new InputError("nothing was written: there is no terminal to ask on; add `--yes` to do it without asking");
  }
  const answer = await terminal.ask(`\ntype yes to ${question}: `, where);
  if (answer?.trim().toLowerCase() === "yes") return true;
  await terminal.note(`${answer === undefined ? "\n" : ""}nothing was written`);
  return false;
}
