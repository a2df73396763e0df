import { type PolicyDocument, parsePolicy } from "@bedrock-key-guard/core/policy/document.ts";
import { isObject, type Json } from "@bedrock-key-guard/core/policy/json.ts";
import { InputError, inPlace } from "./input-error.ts";
import { parseJson } from "./parse-json.ts";
import { member, wrong } from "./shape.ts";

const WANTED = 'a policy document: {"Version": "2012-10-17", "Statement": [ … ]}';

export interface PolicyFile {
  readonly policy: PolicyDocument;
  /** The document's own text: without what `aws kms get-key-policy` prints around it. */
  readonly text: string;
}

/** A policy from its own file: the document, or what `aws kms get-key-policy` prints around it. */
export function policyInFile(text: string): PolicyFile {
  const value = parseJson(text);
  const wrapped = isObject(value) && member(value, "Statement") === undefined ? member(value, "Policy") : undefined;
  // The document's own text says more than a parsed one: a member that stands in it twice.
  if (wrapped !== undefined) {
    return {
      policy: policyAt("Policy", wrapped),
      text: typeof wrapped === "string" ? wrapped : JSON.stringify(wrapped),
    };
  }
  if (!isObject(value)) throw wrong("", value, WANTED);
  return { policy: understood("it", text), text };
}

/** A policy inside another document: an object, or its text in a string. */
export function policyAt(path: string, value: Json): PolicyDocument {
  if (typeof value === "string") {
    inPlace(`\`${path}\``, () => parseJson(value));
    return understood(`\`${path}\``, value);
  }
  if (!isObject(value)) throw wrong(path, value, WANTED);
  return understood(`\`${path}\``, JSON.stringify(value));
}

function understood(what: string, text: string): PolicyDocument {
  const parsed = parsePolicy(text);
  if (parsed.kind === "malformed") {
    throw new InputError(`${what} is no policy that can be understood: ${parsed.reason}; give ${WANTED}`);
  }
  return parsed.policy;
}
