/** What the commands that look after a deployed guard are told: which guard, which key. */
import { type KeyArn, partsOf } from "@bedrock-key-guard/core/arn.ts";
import { InputError } from "../input/input-error.ts";
import { type Options, readOptions } from "../options.ts";
import type { Desk, Place } from "./guard.ts";
import { readKey } from "./key-argument.ts";

export const TABLE_VARIABLE = "BEDROCK_KEY_GUARD_TABLE";

export interface Spec {
  readonly command: string;
  /** Options with a value, beside `--table`; each at most once. */
  readonly values: readonly string[];
  /** Flags, beside `--json`. */
  readonly flags: readonly string[];
}

export interface Told {
  readonly options: Options;
  readonly key: KeyArn | undefined;
}

/** @throws InputError where an option or the key is wrong */
export function readCommand(args: readonly string[], { command, values, flags }: Spec): Told {
  const options = readOptions(args, {
    command,
    values: Object.fromEntries(["table", ...values].map((name) => [name, "once"])),
    flags: ["json", ...flags],
    words: 1,
  });
  const [word] = options.words;
  return { options, key: word === undefined || options.has("help") ? undefined : readKey(word) };
}

export function needKey({ key }: Told, command: string): KeyArn {
  if (key !== undefined) return key;
  throw new InputError(`\`${command}\` needs a key's ARN; see \`bedrock-key-guard ${command} --help\``);
}

/** The guard of a key's Region, or of the Region that is named. */
export function placeOf({ options, key }: Told, command: string, environment: Desk["environment"]): Place {
  const table = options.one("table") ?? environment[TABLE_VARIABLE];
  if (!table) {
    throw new InputError(
      `\`${command}\` needs \`--table\`, the name of the guard's table (an output of its deployment), or ${TABLE_VARIABLE}`,
    );
  }
  const given = options.one("region");
  if (key !== undefined) {
    const { region } = partsOf(key);
    if (given === undefined || given === region) return { table, region };
    throw new InputError(`\`--region\` is \`${given}\`, and the key is in \`${region}\`; leave \`--region\` out`);
  }
  const region = given ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
  if (!region) throw new InputError(`\`${command}\` without a key needs \`--region\`, or AWS_REGION`);
  if (!REGION.test(region)) throw new InputError(`\`${region}\` is not a Region; give one such as \`eu-west-1\``);
  return { table, region };
}

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** Alerts have to stay readable. */
const LONGEST_REASON = 500;

/** What people read in alerts: why. */
export function reasonIn(options: Options): string | undefined {
  const reason = options.one("reason")?.trim();
  if (reason === undefined) return undefined;
  if (reason === "") throw new InputError("`--reason` is empty; say why, for those who read it in alerts");
  if (reason.length > LONGEST_REASON) {
    throw new InputError(`\`--reason\` has ${reason.length} characters; say it in ${LONGEST_REASON}`);
  }
  return reason;
}
