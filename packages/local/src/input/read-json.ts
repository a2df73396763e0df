import { readFileSync, statSync } from "node:fs";
import { InputError } from "./input-error.ts";

const MAX_BYTES = 1_048_576;

export type JsonObject = { readonly [key: string]: unknown };

/**
 * A JSON object from a user's file.
 *
 * @throws InputError naming the file and, where the parser tells, the place.
 */
export function readJsonObject(file: string): JsonObject {
  const text = readText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`\`${file}\` is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InputError(`\`${file}\` holds no JSON object; it starts with \`${text.trim().slice(0, 20)}\``);
  }
  return value as JsonObject;
}

export function readText(file: string): string {
  let bytes: number;
  try {
    bytes = statSync(file).size;
  } catch {
    throw new InputError(`there is no file \`${file}\``);
  }
  if (bytes > MAX_BYTES) throw new InputError(`\`${file}\` has ${bytes} bytes; give a file of at most ${MAX_BYTES}`);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new InputError(`\`${file}\` can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
