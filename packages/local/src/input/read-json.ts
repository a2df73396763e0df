import { readFileSync, statSync } from "node:fs";
import { InputError } from "./input-error.ts";

const MAX_BYTES = 1_048_576;

export type JsonObject = { readonly [key: string]: unknown };

/**
 * A JSON object from a user's file.
 *
 * @param wanted what the file is to hold, for the error: "give …".
 * @throws InputError naming the file, the place where the parser tells it, and the way out.
 */
export function readJsonObject(file: string, wanted: string): JsonObject {
  const text = readText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(
      `\`${file}\` is not JSON: ${error instanceof Error ? error.message : String(error)}; give ${wanted}`,
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputError(
      `\`${file}\` holds no JSON object; it starts with \`${text.trim().slice(0, 20)}\`; give ${wanted}`,
    );
  }
  return value as JsonObject;
}

export function readText(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  // npm runs its scripts in the project's root, wherever it was called.
  if (!found) throw new InputError(`there is no file \`${file}\`; a relative path starts from \`${process.cwd()}\``);
  if (found.isDirectory()) throw new InputError(`\`${file}\` is a directory; give a file`);
  const bytes = found.size;
  if (bytes > MAX_BYTES) throw new InputError(`\`${file}\` has ${bytes} bytes; give a file of at most ${MAX_BYTES}`);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(`\`${file}\` can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
