/**
 * A policy document, read once. Nothing is guessed: an element that is not understood is kept as such, and makes the
 * statement's match unknown instead of a match or a non-match.
 *
 * Grammar: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { isObject, type Json, type JsonObject, listOf } from "./json.ts";
import { jsonHazard } from "./json-hazards.ts";

export interface PolicyDocument {
  /** As it stands in the document; without one AWS applies 2008-10-17, which has no policy variables. */
  readonly version: "2012-10-17" | "2008-10-17";
  readonly statements: readonly Statement[];
  /** The document as parsed, for writing it back with its foreign statements untouched. */
  readonly raw: JsonObject;
}

export interface Statement {
  /** Its place in the document, from 0. */
  readonly index: number;
  readonly sid: string | undefined;
  readonly effect: "Allow" | "Deny";
  /** Absent in an identity policy. */
  readonly principal: PrincipalElement | undefined;
  /** A statement without Action or Resource is accepted by KMS and does nothing. */
  readonly action: StringSet | undefined;
  readonly resource: StringSet | undefined;
  readonly conditions: readonly Condition[];
  /**
   * Elements that are no part of the grammar, or not of its shape. With one of these, nothing is concluded from the
   * other elements either: an element that is read wrongly may be the one that decides.
   */
  readonly notUnderstood: readonly string[];
  readonly raw: JsonObject;
}

/** `Action`/`NotAction`, `Resource`/`NotResource`. */
export interface StringSet {
  readonly negated: boolean;
  readonly members: readonly string[];
}

export interface PrincipalElement {
  readonly negated: boolean;
  readonly members: readonly PrincipalMember[];
}

export type PrincipalMember =
  /** The bare string `"*"`. */
  | { readonly kind: "everyone" }
  | { readonly kind: "aws" | "service" | "federated" | "canonical"; readonly value: string };

export interface Condition {
  /** As written, such as `ForAnyValue:StringEqualsIfExists`. */
  readonly operator: string;
  readonly key: string;
  /** Undefined where the values are not strings, numbers, booleans or lists of them, or none at all. */
  readonly values: readonly string[] | undefined;
}

export type Parsed =
  | { readonly kind: "policy"; readonly policy: PolicyDocument }
  | { readonly kind: "malformed"; readonly reason: string };

/** KMS stores at most 32,768 bytes; its API model allows answers of this length. */
const MAX_TEXT = 131_072;

export function parsePolicy(text: string): Parsed {
  if (text.length > MAX_TEXT) return malformed(`it has ${text.length} characters, more than ${MAX_TEXT}`);
  let raw: Json;
  try {
    raw = JSON.parse(text) as Json;
  } catch (error) {
    return malformed(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!isObject(raw)) return malformed("it is not a JSON object");
  const hazard = jsonHazard(text, raw);
  if (hazard !== undefined) return malformed(hazard);
  const stray = Object.keys(raw).find((name) => !DOCUMENT_ELEMENTS.has(name));
  if (stray !== undefined) return malformed(`it has the element \`${stray}\`, which no policy has`);
  const version = raw.Version;
  if (version !== undefined && version !== "2012-10-17" && version !== "2008-10-17") {
    return malformed(`its Version is \`${JSON.stringify(version)}\`, not "2012-10-17" or "2008-10-17"`);
  }
  if (raw.Statement === undefined) return malformed("it has no Statement");
  const statements: Statement[] = [];
  for (const [index, item] of listOf(raw.Statement).entries()) {
    if (!isObject(item)) return malformed(`statement ${index + 1} is not an object`);
    const effect = item.Effect;
    if (effect !== "Allow" && effect !== "Deny") {
      return malformed(`statement ${index + 1} has the Effect \`${JSON.stringify(effect)}\`, not "Allow" or "Deny"`);
    }
    statements.push(readStatement(item, effect, index));
  }
  return { kind: "policy", policy: { version: version ?? "2008-10-17", statements, raw } };
}

function malformed(reason: string): Parsed {
  return { kind: "malformed", reason };
}

const DOCUMENT_ELEMENTS = new Set(["Version", "Id", "Statement"]);

const ELEMENTS = new Set(
  "Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition".split(" "),
);

function readStatement(raw: JsonObject, effect: "Allow" | "Deny", index: number): Statement {
  const notUnderstood = Object.keys(raw).filter((name) => !ELEMENTS.has(name));
  const sid = raw.Sid;
  return {
    index,
    sid: typeof sid === "string" ? sid : undefined,
    effect,
    principal: readPrincipal(raw, notUnderstood),
    action: readSet(raw, "Action", "NotAction", notUnderstood),
    resource: readSet(raw, "Resource", "NotResource", notUnderstood),
    conditions: readConditions(raw, notUnderstood),
    notUnderstood,
    raw,
  };
}

function readSet(raw: JsonObject, plain: string, negated: string, notUnderstood: string[]): StringSet | undefined {
  const name = raw[plain] !== undefined ? plain : negated;
  const value = raw[name];
  if (value === undefined) return undefined;
  if (raw[plain] !== undefined && raw[negated] !== undefined) notUnderstood.push(negated);
  const members = strings(value);
  // An empty list matches nothing; AWS does not say what "all but nothing" is.
  if (!members || (name === negated && members.length === 0)) notUnderstood.push(name);
  return { negated: name === negated, members: members ?? [] };
}

function readPrincipal(raw: JsonObject, notUnderstood: string[]): PrincipalElement | undefined {
  const name = raw.Principal !== undefined ? "Principal" : "NotPrincipal";
  const value = raw[name];
  if (value === undefined) return undefined;
  if (raw.Principal !== undefined && raw.NotPrincipal !== undefined) notUnderstood.push("NotPrincipal");
  const negated = name === "NotPrincipal";
  if (value === "*") return { negated, members: [{ kind: "everyone" }] };
  const members: PrincipalMember[] = [];
  if (!isObject(value)) {
    notUnderstood.push(name);
    return { negated, members };
  }
  for (const [type, list] of Object.entries(value)) {
    const kind = PRINCIPAL_TYPES.get(type);
    const values = strings(list);
    if (kind && values) members.push(...values.map((member) => ({ kind, value: member })));
    else notUnderstood.push(`${name}.${type}`);
  }
  if (negated && members.length === 0) notUnderstood.push(name);
  return { negated, members };
}

const PRINCIPAL_TYPES: ReadonlyMap<string, "aws" | "service" | "federated" | "canonical"> = new Map([
  ["AWS", "aws"],
  ["Service", "service"],
  ["Federated", "federated"],
  ["CanonicalUser", "canonical"],
]);

function readConditions(raw: JsonObject, notUnderstood: string[]): Condition[] {
  const block = raw.Condition;
  if (block === undefined) return [];
  if (!isObject(block)) {
    notUnderstood.push("Condition");
    return [];
  }
  const conditions: Condition[] = [];
  for (const [operator, keys] of Object.entries(block)) {
    if (!isObject(keys)) {
      notUnderstood.push(`Condition.${operator}`);
      continue;
    }
    const spellings = new Set<string>();
    for (const [key, value] of Object.entries(keys)) {
      // The names of condition keys are not case-sensitive: a key in two spellings is one key with two values.
      if (spellings.has(key.toLowerCase())) notUnderstood.push(`Condition.${operator}.${key}`);
      spellings.add(key.toLowerCase());
      conditions.push({ operator, key, values: scalars(value) });
    }
  }
  return conditions;
}

function strings(value: Json): readonly string[] | undefined {
  const list = listOf(value);
  return list.every((item) => typeof item === "string") ? list : undefined;
}

/** IAM reads `true`, `"true"` and `["true"]` alike, and numbers as their text. */
function scalars(value: Json): readonly string[] | undefined {
  const texts: string[] = [];
  for (const item of listOf(value)) {
    if (typeof item !== "string" && typeof item !== "number" && typeof item !== "boolean") return undefined;
    texts.push(String(item));
  }
  return texts.length === 0 ? undefined : texts;
}
