#!/usr/bin/env node
/** The `bedrock-key-guard` command: what it may be told to do is in `--help`. */
import { CALLERS_HELP, callers } from "./callers/callers.ts";
import { CHECK_HELP, check } from "./check/check.ts";
import { InputError } from "./input/input-error.ts";
import { nearest } from "./input/nearest.ts";
import { FINDINGS_HELP, HISTORY_HELP, PAUSE_HELP, RESUME_HELP, ROLLBACK_HELP, SILENCE_HELP } from "./operate/help.ts";
import { harmless, print, printError } from "./output/terminal.ts";
import { SIMULATE_HELP, simulate } from "./simulate/simulate.ts";

interface Command {
  readonly does: string;
  readonly help: string;
  run(args: readonly string[]): Promise<number>;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["check", { does: "checks a key's policy against what its Bedrock agents need", help: CHECK_HELP, run: check }],
  [
    "callers",
    {
      does: "says who may invoke agents, and who of them lacks the use of their key",
      help: CALLERS_HELP,
      run: callers,
    },
  ],
  ["simulate", { does: "says what policies answer to a request", help: SIMULATE_HELP, run: simulate }],
  // Loaded when they are asked for: they are more than the commands above need.
  [
    "findings",
    {
      does: "lists what is open, with what to do about each",
      help: FINDINGS_HELP,
      run: async (args) => (await import("./operate/findings.ts")).findings(args),
    },
  ],
  [
    "silence",
    {
      does: "has nobody told of findings for a while",
      help: SILENCE_HELP,
      run: async (args) => (await import("./operate/silence.ts")).silence(args),
    },
  ],
  [
    "history",
    {
      does: "shows what the guard wrote, for a key, role or user",
      help: HISTORY_HELP,
      run: async (args) => (await import("./operate/history.ts")).history(args),
    },
  ],
  [
    "rollback",
    {
      does: "puts the policy back that stood before a write of the guard",
      help: ROLLBACK_HELP,
      run: async (args) => (await import("./operate/rollback.ts")).rollback(args),
    },
  ],
  [
    "pause",
    {
      does: "keeps the guard from writing, to one key, role or user, or to all",
      help: PAUSE_HELP,
      run: async (args) => (await import("./operate/pause.ts")).pause(args),
    },
  ],
  [
    "resume",
    {
      does: "lets the guard write again",
      help: RESUME_HELP,
      run: async (args) => (await import("./operate/resume.ts")).resume(args),
    },
  ],
]);

const HELP = `bedrock-key-guard COMMAND [options]

${[...COMMANDS].map(([name, { does }]) => `  ${name.padEnd(10)}${does}`).join("\n")}

\`bedrock-key-guard COMMAND --help\` says more.`;

async function main([name, ...args]: readonly string[]): Promise<number> {
  if (name === undefined) throw new InputError(`there is no command\n\n${HELP}`);
  if (name === "--help" || name === "-h" || name === "help") {
    await print(COMMANDS.get(args[0] ?? "")?.help.trimEnd() ?? HELP);
    return 0;
  }
  const command = COMMANDS.get(name);
  if (command) return command.run(args);
  const meant = nearest(name, [...COMMANDS.keys()]);
  const way = meant === undefined ? "see `bedrock-key-guard --help`" : `did you mean \`${meant}\`?`;
  throw new InputError(`there is no command \`${name}\`; ${way}`);
}

// Whoever reads our answers may have read enough, as `head` does.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof InputError) {
    await printError(harmless(error.message));
    process.exitCode = 2;
  } else {
    console.error("this is a bug of bedrock-key-guard; please report it with what follows:", error);
    process.exitCode = 3;
  }
}
