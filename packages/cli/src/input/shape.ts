/** Reads parsed JSON as what it is to be; what is not, is named by its path in the document. */
import { isObject, type Json, type JsonObject } from "@bedrock-key-guard/core/policy/json.ts";
import { InputError } from "./input-error.ts";
import { excerpt } from "./parse-json.ts";

/** @param path such as `request.action`; empty for the document itself */
export function wrong(path: string, value: Json | undefined, wanted: string): InputError {
  const what = path === "" ? "it" : `\`${path}\``;
  if (value === undefined) return new InputError(`${what} is missing; give ${wanted}`);
  return new InputError(`${what} is \`${excerpt(JSON.stringify(value))}\`; give ${wanted}`);
}

export function objectAt(path: string, value: Json | undefined, wanted: string): JsonObject {
  if (!isObject(value)) throw wrong(path, value, wanted);
  return value;
}

export function textAt(path: string, value: Json | undefined, wanted: string): string {
  if (typeof value !== "string" || value === "") throw wrong(path, value, wanted);
  return value;
}

/** A member of its own: what every object inherits is not the document's. `null` says "none", as some tools print it. */
export function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
}

export function joined(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
