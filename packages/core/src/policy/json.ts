/** JSON as it was parsed, before it is read as anything. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** IAM's "a value or a list of values". */
export function listOf(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value as Exclude<Json, readonly Json[]>];
}

/**
 * The same text for documents that differ in white space and in the order of object keys only.
 * Lists keep their order: an order that a person chose is not the canonical form's business.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (isObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value);
}
