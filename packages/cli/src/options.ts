/** A command's options, read strictly: what is not known is refused with the way out. */
import { parseArgs } from "node:util";
import { InputError } from "./input/input-error.ts";
import { nearest } from "./input/nearest.ts";
import { STDIN } from "./input/read-text.ts";

export interface OptionsSpec {
  readonly command: string;
  /** Options with a value, and how often they may be given. */
  readonly values: Readonly<Record<string, "once" | "often">>;
  readonly flags: readonly string[];
  /** How many words may stand by themselves; none by default. */
  readonly words?: number;
}

export interface Options {
  /** The values of an option, in the order that they were given. */
  all(name: string): readonly string[];
  one(name: string): string | undefined;
  has(flag: string): boolean;
  /** What belongs to no option, in order. */
  readonly words: readonly string[];
}

export function readOptions(args: readonly string[], spec: OptionsSpec): Options {
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    // What is wrong is told below, in our words.
    strict: false,
    tokens: true,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(
        Object.keys(spec.values).map((name) => [name, { type: "string", multiple: true } as const]),
      ),
      ...Object.fromEntries(spec.flags.map((name) => [name, { type: "boolean" } as const])),
      help: { type: "boolean", short: "h" },
    },
  });
  const help = `see \`bedrock-key-guard ${spec.command} --help\``;
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const known = [...Object.keys(spec.values), ...spec.flags, "help"];
    if (!known.includes(token.name)) {
      const meant = nearest(token.name, known);
      throw new InputError(
        `there is no option \`${token.rawName}\`; ${meant === undefined ? help : `did you mean \`--${meant}\`? ${help}`}`,
      );
    }
    const takesValue = Object.hasOwn(spec.values, token.name);
    if (!takesValue && token.value !== undefined) throw new InputError(`\`${token.rawName}\` takes no value; ${help}`);
    if (takesValue && !token.value) throw new InputError(`\`${token.rawName}\` needs a value; ${help}`);
    if (takesValue && !token.inlineValue && token.value?.startsWith("--")) {
      throw new InputError(`\`${token.rawName}\` needs a value, and \`${token.value}\` is an option; ${help}`);
    }
  }
  const stray = positionals[spec.words ?? 0];
  if (stray !== undefined) throw new InputError(`\`${stray}\` belongs to no option; ${help}`);

  const all = (name: string) => {
    const given = values[name];
    return Array.isArray(given) ? given.map(String) : [];
  };
  for (const [name, often] of Object.entries(spec.values)) {
    if (often === "once" && all(name).length > 1) throw new InputError(`\`--${name}\` is given twice; give it once`);
  }
  if (
    Object.keys(spec.values)
      .flatMap(all)
      .filter((value) => value === STDIN).length > 1
  ) {
    throw new InputError(`the standard input (\`${STDIN}\`) is given twice; give the others as files`);
  }
  return { all, one: (name) => all(name)[0], has: (flag) => values[flag] === true, words: positionals };
}

/** @throws InputError where an option that the command can't do without is left out */
export function need(options: Options, name: string, command: string): string {
  const value = options.one(name);
  if (value === undefined) {
    throw new InputError(`\`${command}\` needs \`--${name}\`; see \`bedrock-key-guard ${command} --help\``);
  }
  return value;
}
