/**
 * What IAM refuses of an identity policy's text.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { isConditionOperator } from "../../evaluator/condition.ts";
import { textsOf } from "../kms/policy-grammar.ts";
import { ServiceError } from "../shared/errors.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../shared/json.ts";
import { type IamCall, required } from "./call.ts";

const ALLOWED = /^[\t\n\r\u0020-\u00FF]+$/;
const ELEMENTS = new Set(["Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition"]);
const SYNTAX = "Syntax errors in policy.";

/** The text of an identity policy. */
export function identityPolicyText(call: IamCall, parameter: string): string {
  const text = required(call, parameter);
  const document = parsed(text);
  const names = Object.keys(document);
  if (!names.every((name) => ["Version", "Id", "Statement"].includes(name))) throw malformed(SYNTAX);
  if (document.Version !== undefined && document.Version !== "2012-10-17" && document.Version !== "2008-10-17") {
    throw malformed(SYNTAX);
  }
  const statements = statementsOf(document);
  for (const statement of statements) checkStatement(statement);
  const sids = statements.map(({ Sid }) => Sid).filter((sid) => sid !== undefined && sid !== "");
  if (new Set(sids).size < sids.length) throw malformed("Statement IDs (SID) in a single policy must be unique.");
  return text;
}

/** The text of a role's trust policy: no more than that there are statements is looked at. */
export function trustPolicyText(call: IamCall, parameter: string): string {
  const text = required(call, parameter);
  if (!("Statement" in parsed(text))) throw malformed(SYNTAX);
  return text;
}

/** As IAM measures a policy: without white space. */
export function policySize(text: string): number {
  return text.replaceAll(/\s/g, "").length;
}

function malformed(why: string): ServiceError {
  return new ServiceError("MalformedPolicyDocument", why);
}

function parsed(text: string): JsonObject {
  if (!ALLOWED.test(text)) throw malformed(SYNTAX);
  try {
    const document = parseJson(text);
    if (isJsonObject(document)) return document;
  } catch {
    // Falls through to the same refusal.
  }
  throw malformed(SYNTAX);
}

function statementsOf({ Statement }: JsonObject): readonly JsonObject[] {
  const list: readonly Json[] = Array.isArray(Statement) ? Statement : [Statement ?? null];
  const statements = list.filter(isJsonObject);
  if (statements.length === 0 || statements.length < list.length) throw malformed(SYNTAX);
  return statements;
}

function checkStatement(statement: JsonObject): void {
  const { Sid, Effect, Condition } = statement;
  if (statement.Principal !== undefined || statement.NotPrincipal !== undefined) {
    throw malformed("Policy document should not specify a principal.");
  }
  if (!Object.keys(statement).every((name) => ELEMENTS.has(name))) throw malformed(SYNTAX);
  if (Sid !== undefined && (typeof Sid !== "string" || !/^[0-9A-Za-z]*$/.test(Sid))) {
    throw malformed(
      "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
    );
  }
  if (Effect !== "Allow" && Effect !== "Deny") throw malformed(SYNTAX);
  const actions = oneOf(statement, "Action", "NotAction", "Policy statement must contain actions.");
  if (!actions.every(isAction)) {
    throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  }
  const resources = oneOf(statement, "Resource", "NotResource", "Policy statement must contain resources.");
  const stranger = resources.find((resource) => resource !== "*" && !/^arn:[^:]*:[^:]*:/.test(resource));
  if (stranger !== undefined) throw malformed(`Resource ${stranger} must be in ARN format or "*".`);
  if (Condition !== undefined) checkCondition(Condition);
}

function oneOf(statement: JsonObject, name: string, not: string, lacking: string): readonly string[] {
  const [value, other] = [statement[name], statement[not]];
  if (value !== undefined && other !== undefined) throw malformed(SYNTAX);
  const members = textsOf(value ?? other ?? []);
  if (!members) throw malformed(SYNTAX);
  if (members.length === 0) throw malformed(lacking);
  return members;
}

function isAction(text: string): boolean {
  return text === "*" || /^[a-zA-Z0-9-]+:[a-zA-Z0-9*?]+$/.test(text);
}

function checkCondition(condition: Json): void {
  if (!isJsonObject(condition)) throw malformed(SYNTAX);
  for (const [operator, keys] of Object.entries(condition)) {
    if (!isConditionOperator(operator)) throw malformed(`Invalid Condition type : ${operator}.`);
    if (!isJsonObject(keys ?? null)) throw malformed(SYNTAX);
    for (const [key, value] of Object.entries(keys as JsonObject)) {
      if (!key.includes(":")) throw malformed(SYNTAX);
      const members: readonly (Json | undefined)[] = Array.isArray(value) ? value : [value];
      if (!members.every((member) => ["string", "number", "boolean"].includes(typeof member))) throw malformed(SYNTAX);
    }
  }
}
