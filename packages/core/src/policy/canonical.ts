/**
 * One form for policies that say the same in other words: KMS may print a policy differently from how it was put
 * (white space, order of keys, a list of one as a plain string). Statements keep their order.
 */
import { createHash } from "node:crypto";
import { canonicalJson, isObject, type Json, type JsonObject } from "./json.ts";

/** Elements whose lists are sets: their order and a list of one mean nothing. */
const SETS = new Set(["Action", "NotAction", "Resource", "NotResource"]);

/** Canonical text of a policy document; `undefined` when the text is no JSON object. */
export function canonicalPolicy(text: string): string | undefined {
  try {
    const raw = JSON.parse(text) as Json;
    return isObject(raw) ? canonicalJson(canonicalDocument(raw)) : undefined;
  } catch {
    return undefined;
  }
}

/** SHA-256 of the canonical text, hex; of the text itself when it is no JSON object. */
export function policyDigest(text: string): string {
  return createHash("sha256")
    .update(canonicalPolicy(text) ?? text)
    .digest("hex");
}

export function sameStatement(a: JsonObject, b: JsonObject): boolean {
  return canonicalJson(canonicalStatement(a)) === canonicalJson(canonicalStatement(b));
}

function canonicalDocument(raw: JsonObject): JsonObject {
  const statement = raw.Statement;
  if (statement === undefined) return raw;
  const list = Array.isArray(statement) ? statement : [statement];
  return withMember(
    raw,
    "Statement",
    list.map((item) => (isObject(item) ? canonicalStatement(item) : item)),
  );
}

function canonicalStatement(statement: JsonObject): JsonObject {
  const entries = Object.entries(statement).map(([name, value]): [string, Json] => {
    if (SETS.has(name)) return [name, asSet(value)];
    if (name === "Principal" || name === "NotPrincipal") return [name, mapMembers(value, asSet)];
    if (name === "Condition") return [name, mapMembers(value, (keys) => mapMembers(keys, asTextSet))];
    return [name, value];
  });
  return Object.fromEntries(entries);
}

function mapMembers(value: Json, change: (member: Json) => Json): Json {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(member)]));
}

function asSet(value: Json): Json {
  if (!Array.isArray(value)) return value;
  if (!value.every((member) => typeof member === "string")) return value;
  const members = [...new Set(value)].sort();
  const [only] = members;
  return members.length === 1 && only !== undefined ? only : members;
}

/** Condition values: `true` and `"true"` mean the same. */
function asTextSet(value: Json): Json {
  const text = (member: Json) => (typeof member === "boolean" || typeof member === "number" ? String(member) : member);
  return asSet(Array.isArray(value) ? value.map(text) : text(value));
}

function withMember(object: JsonObject, name: string, value: Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, old]) => [key, key === name ? value : old]));
}
