import { harmless } from "../output/terminal.ts";
import { awsFailure } from "./aws-failure.ts";
import type { Terminal } from "./guard.ts";

/**
 * Runs what talks to AWS.
 *
 * @returns the command's exit code; 1 where AWS refused or could not be reached, which has been told
 */
export async function reachingAws(terminal: Terminal, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    const told = awsFailure(error);
    if (told === undefined) throw error;
    await terminal.printError(harmless(told));
    return 1;
  }
}
