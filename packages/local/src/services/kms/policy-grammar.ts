/**
 * What KMS takes for a key policy. It demands less than one would think: a statement without `Action` or
 * `Resource` is stored and does nothing. https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
 */
import { isConditionOperator } from "../../evaluator/condition.ts";
import { ServiceError } from "../shared/errors.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../shared/json.ts";

const BYTES = 32_768;
/** What the model lets through at all, before the service's own limit is looked at. */
const CHARACTERS = 131_072;
const ALLOWED = /^[\t\n\r\u0020-\u00FF]+$/;
const ELEMENTS = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

export function malformed(why: string): ServiceError {
  return new ServiceError("MalformedPolicyDocumentException", why);
}

/** Throws the error that KMS answers with; the principals' existence is looked at elsewhere. */
export function readPolicy(text: string): JsonObject {
  if (text === "" || text.length > CHARACTERS || !ALLOWED.test(text)) {
    throw new ServiceError(
      "ValidationException",
      "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
    );
  }
  if (Buffer.byteLength(text, "utf8") > BYTES) {
    throw new ServiceError("LimitExceededException", `The key policy is longer than the limit of ${BYTES} bytes.`);
  }
  const document = parsed(text);
  if (!isJsonObject(document)) throw malformed("The policy is not a JSON object.");
  for (const name of Object.keys(document)) {
    if (!["Version", "Id", "Statement"].includes(name)) throw malformed(`Unknown policy element: ${name}`);
  }
  const { Version, Id } = document;
  if (Version !== undefined && Version !== "2012-10-17" && Version !== "2008-10-17") {
    throw malformed("The policy has an unknown version.");
  }
  if (Id !== undefined && typeof Id !== "string") throw malformed("The policy's Id must be a string.");
  for (const statement of statements(document)) checkStatement(statement);
  return document;
}

/** The statements of a document, one without a list around it too. */
export function statements(document: JsonObject): readonly JsonObject[] {
  const list = document.Statement;
  if (list === undefined) throw malformed("The policy has no statement.");
  const members = Array.isArray(list) ? list : [list];
  if (members.length === 0) throw malformed("The policy has no statement.");
  return members.map((statement: Json) => {
    if (!isJsonObject(statement)) throw malformed("A statement is not a JSON object.");
    return statement;
  });
}

function parsed(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw malformed("The policy is not in the valid JSON format.");
  }
}

function checkStatement(statement: JsonObject): void {
  for (const name of Object.keys(statement)) {
    if (!ELEMENTS.has(name)) throw malformed(`Unknown statement element: ${name}`);
  }
  if (statement.Sid !== undefined && typeof statement.Sid !== "string") throw malformed("A Sid must be a string.");
  if (statement.Effect !== "Allow" && statement.Effect !== "Deny") {
    throw malformed("Each statement must have an Effect of Allow or Deny.");
  }
  checkPrincipal(statement);
  checkPair(statement, "Action", "NotAction", isAction, () => malformed("Policy contains an invalid action."));
  checkPair(statement, "Resource", "NotResource", isResource, invalidResource);
  if (statement.Condition !== undefined) checkCondition(statement.Condition);
}

function checkPrincipal(statement: JsonObject): void {
  const both = statement.Principal !== undefined && statement.NotPrincipal !== undefined;
  if (both) throw malformed("A statement has both Principal and NotPrincipal.");
  const principal = statement.Principal ?? statement.NotPrincipal;
  if (principal === undefined) throw malformed("Policy contains a statement with no principal.");
  if (principal === "*") return;
  if (!isJsonObject(principal)) throw malformed("Policy contains a statement with one or more invalid principals.");
  const named = Object.values(principal).map((value) => textsOf(value ?? null));
  if (named.includes(undefined)) throw malformed("Policy contains a statement with one or more invalid principals.");
  if (named.flat().length === 0) throw malformed("Policy contains a statement with no principal.");
}

function checkPair(
  statement: JsonObject,
  name: string,
  not: string,
  fits: (text: string) => boolean,
  error: () => ServiceError,
): void {
  if (statement[name] !== undefined && statement[not] !== undefined) {
    throw malformed(`A statement has both ${name} and ${not}.`);
  }
  const value = statement[name] ?? statement[not];
  if (value === undefined) return;
  const members = textsOf(value);
  if (!members) throw malformed(`${name} must be a string or a list of strings.`);
  if (!members.every(fits)) throw error();
}

function isAction(text: string): boolean {
  return text === "*" || /^[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+$/.test(text);
}

function isResource(text: string): boolean {
  return text === "*" || /^arn:[^:]+:[^:]+:/.test(text);
}

function invalidResource(): ServiceError {
  return new ServiceError("InvalidArnException", "The key policy contains an invalid ARN.");
}

function checkCondition(condition: Json): void {
  if (!isJsonObject(condition)) throw malformed("A Condition must be a JSON object.");
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isConditionOperator(operator)) throw malformed(`Invalid condition operator: ${operator}`);
    if (!isJsonObject(keys)) throw malformed(`The condition ${operator} must be a JSON object.`);
    for (const [key, value] of Object.entries(keys)) {
      if (operator.startsWith("ForAllValues:") && key.toLowerCase().startsWith("kms:encryptioncontext:")) {
        throw malformed(`OverlyPermissiveCondition: ForAllValues with the condition key ${key}`);
      }
      const members = Array.isArray(value) ? value : [value];
      const plain = members.every((member: Json) => ["string", "number", "boolean"].includes(typeof member));
      if (!plain) throw malformed(`The condition key ${key} has an invalid value.`);
    }
  }
}

/** `undefined` for anything but a text or a list of texts. */
export function textsOf(value: Json): readonly string[] | undefined {
  const members: readonly Json[] = Array.isArray(value) ? value : [value];
  const texts = members.filter((member) => typeof member === "string");
  return texts.length === members.length ? texts : undefined;
}
