/** Reads the members of a request; a missing or mistyped one is a `ValidationException`, as the services answer. */
import { ServiceError } from "./errors.ts";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";

function invalid(name: string, want: string): ServiceError {
  return new ServiceError("ValidationException", `1 validation error detected: Value at '${name}' ${want}`);
}

export function optionalText(input: JsonObject, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw invalid(name, "failed to satisfy constraint: Member must be a string");
  return value;
}

export function requiredText(input: JsonObject, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined) throw invalid(name, "failed to satisfy constraint: Member must not be null");
  return value;
}

export function optionalBoolean(input: JsonObject, name: string): boolean | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "boolean") throw invalid(name, "failed to satisfy constraint: Member must be a boolean");
  return value;
}

export function optionalNumber(input: JsonObject, name: string, least: number, most: number): number | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || value < least || value > most) {
    throw invalid(name, `failed to satisfy constraint: Member must be a number from ${least} to ${most}`);
  }
  return value;
}

export function list(input: JsonObject, name: string): readonly Json[] {
  const value = input[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw invalid(name, "failed to satisfy constraint: Member must be a list");
  return value;
}

export function textList(input: JsonObject, name: string): readonly string[] {
  return list(input, name).map((member) => {
    if (typeof member !== "string") throw invalid(name, "failed to satisfy constraint: Member must hold strings");
    return member;
  });
}

export function objectList(input: JsonObject, name: string): readonly JsonObject[] {
  return list(input, name).map((member) => {
    if (!isJsonObject(member)) throw invalid(name, "failed to satisfy constraint: Member must hold structures");
    return member;
  });
}

export function optionalObject(input: JsonObject, name: string): JsonObject | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (!isJsonObject(value)) throw invalid(name, "failed to satisfy constraint: Member must be a structure");
  return value;
}

export function textMap(input: JsonObject, name: string): ReadonlyMap<string, string> {
  const entries = Object.entries(optionalObject(input, name) ?? {});
  return new Map(
    entries.map(([key, value]) => {
      if (typeof value !== "string") throw invalid(name, "failed to satisfy constraint: Member must hold strings");
      return [key, value] as const;
    }),
  );
}
