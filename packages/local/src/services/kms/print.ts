import { isJsonObject, type Json } from "../shared/json.ts";

/** A document in the shape that KMS prints it in: a space on each side of the colon, lists on one line. */
export function print(value: Json, indent = ""): string {
  if (Array.isArray(value))
    return value.length === 0 ? "[ ]" : `[ ${value.map((each) => print(each, indent)).join(", ")} ]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const inner = `${indent}  `;
  const members = Object.entries(value).map(
    ([name, member]) => `${inner}${JSON.stringify(name)} : ${print(member ?? null, inner)}`,
  );
  return members.length === 0 ? "{ }" : `{\n${members.join(",\n")}\n${indent}}`;
}
