import { ServiceError } from "./errors.ts";

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json | undefined;
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Throws `SyntaxError` for a text that is not JSON. */
export function parseJson(text: string): Json {
  return JSON.parse(text);
}

/** A request's body: empty counts as an object without members. */
export function parseBody(body: string): JsonObject {
  let value: Json;
  try {
    value = parseJson(body === "" ? "{}" : body);
  } catch {
    throw new ServiceError("SerializationException", "the request's body is not JSON");
  }
  if (!isJsonObject(value)) throw new ServiceError("SerializationException", "the request's body is not a JSON object");
  return value;
}

/** Without the members that are absent, as JSON would print it. */
export function compact(value: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}
