/** A case: policies and a request, in one JSON document. */
import type { AccessQuestion } from "@bedrock-key-guard/core/policy/access.ts";
import type { PolicyDocument } from "@bedrock-key-guard/core/policy/document.ts";
import type { Json } from "@bedrock-key-guard/core/policy/json.ts";
import { nearest } from "../input/nearest.ts";
import { policyAt } from "../input/policy.ts";
import { member, objectAt, wrong } from "../input/shape.ts";
import { readRequest, strayMember } from "./read-request.ts";

const WANTED = 'a case: {"policy": …, "identityPolicies": [ … ], "boundary": …, "request": { … }}';
const MEMBERS = ["policy", "identityPolicies", "boundary", "request"];

/**
 * Members that a case does not take are its writer's own (a name, what is expected), but one that is nearly a member of a
 * case is a misspelt one.
 *
 * @throws InputError naming the member
 */
export function readCase(value: Json): AccessQuestion {
  const given = objectAt("", value, WANTED);
  const misspelt = Object.keys(given).find((name) => !MEMBERS.includes(name) && nearest(name, MEMBERS) !== undefined);
  if (misspelt !== undefined) throw strayMember(misspelt, misspelt, MEMBERS);
  const policy = member(given, "policy");
  const boundary = member(given, "boundary");
  return {
    ...(policy === undefined ? {} : { keyPolicy: policyAt("policy", policy) }),
    identityPolicies: identityPoliciesAt(member(given, "identityPolicies")),
    ...(boundary === undefined ? {} : { boundary: policyAt("boundary", boundary) }),
    request: readRequest("request", member(given, "request")),
  };
}

function identityPoliciesAt(given: Json | undefined): readonly PolicyDocument[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw wrong("identityPolicies", given, "a list of policy documents");
  return given.map((policy: Json, index) => policyAt(`identityPolicies[${index}]`, policy));
}
