/** `npm start`: the scenes on the running stack, or the user's own policy or event; see `--help`. */
import { parseArgs } from "node:util";
import { plain } from "@bedrock-key-guard/core/finding/render.ts";
import { InputError } from "./input/input-error.ts";
import { keepUp } from "./scenes/keep.ts";
import { playEvent } from "./scenes/own-event.ts";
import { playKeyPolicy } from "./scenes/own-policy.ts";
import { SCENES } from "./scenes/scenes.ts";
import { SceneFailed } from "./scenes/stage.ts";
import { openTheatre, type Theatre } from "./scenes/theatre.ts";
import { timeline } from "./scenes/timeline.ts";

const HELP = `npm start                          plays the scenes on the stack, on this machine
npm start -- --keep                plays them, stays up, and prints how to point the AWS CLI at it
npm start -- --key-policy FILE     plays "an agent is created" on a key with your policy
npm start -- --event FILE          puts your CloudTrail record on the event bus
`;

const write = (line: string) => console.log(line);

async function main(): Promise<number> {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const play = await script(options);
  write("bedrock-key-guard on this machine: the deployed stack, with an AWS account emulated around it.");
  // What the guard does minutes later by its clock is part of the scenes.
  const theatre = await openTheatre(timeline(write), { clock: "compressed" });
  try {
    await play(theatre);
    if (options.keep) await keepUp(theatre, write);
    return 0;
  } finally {
    await theatre.stop();
  }
}

interface Options {
  readonly help: boolean;
  readonly keep: boolean;
  readonly keyPolicy: string | undefined;
  readonly event: string | undefined;
}

function readOptions(): Options {
  try {
    const { values } = parseArgs({
      options: {
        help: { type: "boolean", short: "h", default: false },
        keep: { type: "boolean", default: false },
        "key-policy": { type: "string" },
        event: { type: "string" },
      },
    });
    return { help: values.help, keep: values.keep, keyPolicy: values["key-policy"], event: values.event };
  } catch (error) {
    throw new InputError(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
  }
}

/** What is to be played. The user's file is read and checked before anything is started. */
async function script(options: Options): Promise<(theatre: Theatre) => Promise<void>> {
  if (options.keyPolicy !== undefined && options.event !== undefined) {
    throw new InputError("give `--key-policy` or `--event`, not both");
  }
  if (options.keyPolicy !== undefined) return playKeyPolicy(options.keyPolicy);
  if (options.event !== undefined) return playEvent(options.event);
  return async (theatre) => {
    // The stack sweeps once after its deployment; that is over before the first scene.
    await theatre.settle();
    for (const scene of SCENES) {
      theatre.timeline.title(`${scene.letter}. ${scene.title}`);
      await scene.play(theatre);
    }
    write(`\n${SCENES.length} scenes played, each as it should.`);
  };
}

try {
  process.exitCode = await main();
} catch (error) {
  if (error instanceof InputError) {
    // Names and texts of files come from outside: an escape sequence could rewrite what the terminal shows.
    console.error(`error: ${error.message.split("\n").map(plain).join("\n")}`);
    process.exitCode = 2;
  } else {
    console.error(error instanceof SceneFailed ? `the scene failed: ${error.message}` : error);
    process.exitCode = 1;
  }
}
