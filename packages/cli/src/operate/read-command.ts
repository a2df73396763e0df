/** What the commands that look after a deployed guard are told: which guard, and which key, role or user. */
import { partsOf } from "@bedrock-key-guard/core/arn.ts";
import { InputError } from "../input/input-error.ts";
import { type Options, readOptions } from "../options.ts";
import type { Desk, Place } from "./guard.ts";
import { readSubject, type Subject } from "./subject.ts";

export const TABLE_VARIABLE = "BEDROCK_KEY_GUARD_TABLE";

export interface Spec {
  readonly command: string;
  /** Options with a value, beside `--table` and `--region`; each at most once. */
  readonly values: readonly string[];
  /** Flags, beside `--json`. */
  readonly flags: readonly string[];
}

export interface Told {
  readonly options: Options;
  readonly subject: Subject | undefined;
}

/** @throws InputError where an option or the ARN is wrong */
export function readCommand(args: readonly string[], { command, values, flags }: Spec): Told {
  const options = readOptions(args, {
    command,
    values: Object.fromEntries(["table", "region", ...values].map((name) => [name, "once"])),
    flags: ["json", ...flags],
    words: 1,
  });
  const [word] = options.words;
  return { options, subject: word === undefined || options.has("help") ? undefined : readSubject(word) };
}

export function needSubject({ subject }: Told, command: string): Subject {
  if (subject !== undefined) return subject;
  throw new InputError(
    `\`${command}\` needs the ARN of a key, role or user; see \`bedrock-key-guard ${command} --help\``,
  );
}

/** The guard of a key's Region, or of the Region that is named: roles and users belong to none. */
export function placeOf({ options, subject }: Told, command: string, environment: Desk["environment"]): Place {
  const table = options.one("table") ?? environment[TABLE_VARIABLE];
  if (!table) {
    throw new InputError(
      `\`${command}\` needs \`--table\`, the name of the guard's table (an output of its deployment), or ${TABLE_VARIABLE}`,
    );
  }
  const given = options.one("region");
  if (subject?.kind === "key") {
    const { region } = partsOf(subject.arn);
    if (given === undefined || given === region) return { table, region };
    throw new InputError(`\`--region\` is \`${given}\`, and the key is in \`${region}\`; leave \`--region\` out`);
  }
  const region = given ?? environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION;
  const without = subject === undefined ? "without a key" : "of a role or user";
  if (!region) throw new InputError(`\`${command}\` ${without} needs \`--region\`, or AWS_REGION`);
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
