/**
 * Reads the variables that a function is deployed with. Called once, when the module loads: a function that lacks
 * one fails before it takes a message.
 *
 * @returns every name with its value.
 * @throws when one is missing or empty; the error names all of them, and no values.
 */
export function readEnvironment<Name extends string>(
  names: readonly Name[],
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<Name, string>> {
  const missing = names.filter((name) => !environment[name]);
  if (missing.length > 0) {
    throw new Error(
      `the function has no \`${missing.join("`, `")}\`; set it in the stack's environment and deploy again`,
    );
  }
  return Object.fromEntries(names.map((name) => [name, environment[name]])) as Record<Name, string>;
}

/**
 * Reads variables that belong together and may be absent together: what a setting leaves out.
 *
 * @returns every name with its value; undefined when all are missing or empty.
 * @throws when some are there and others are not; the error names those that are missing.
 */
export function readAllOrNone<Name extends string>(
  names: readonly Name[],
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<Name, string>> | undefined {
  return names.some((name) => environment[name]) ? readEnvironment(names, environment) : undefined;
}

/** @throws when `read` doesn't make a value of the variable's text. */
export function readVariable<T>(name: string, text: string, read: (text: string) => T | undefined, what: string): T {
  const value = read(text);
  if (value === undefined)
    throw new Error(`\`${name}\` is \`${text}\`, which is not ${what}; set it in the stack and deploy again`);
  return value;
}
