import { optionalNumber, optionalText, requiredText } from "../shared/input.ts";
import type { JsonObject } from "../shared/json.ts";
import type { AgentSettings } from "./agents.ts";
import { invalid } from "./call.ts";

const NAME = /^([0-9a-zA-Z][_-]?){1,100}$/;
const ROLE = /^arn:aws(-[^:]+)?:iam::([0-9]{12})?:role\/.+$/;
// Of 36 characters, as the model has it: a multi-Region key's id is as long. An alias is not a key here.
const KEY = /^arn:aws(|-cn|-us-gov):kms:[a-zA-Z0-9-]*:[0-9]{12}:key\/[a-zA-Z0-9-]{36}$/;

const OTHERS = [
  "agentCollaboration",
  "customOrchestration",
  "description",
  "foundationModel",
  "guardrailConfiguration",
  "idleSessionTTLInSeconds",
  "instruction",
  "memoryConfiguration",
  "orchestrationType",
  "promptOverrideConfiguration",
];

/** What CreateAgent takes: only the name must be there. */
export function newSettings(input: JsonObject): AgentSettings {
  const name = requiredText(input, "agentName");
  if (!NAME.test(name)) throw mismatch("agentName", name);
  optionalNumber(input, "idleSessionTTLInSeconds", 60, 5400);
  const others = Object.fromEntries(
    OTHERS.flatMap((member) => (input[member] === undefined ? [] : [[member, input[member]]])),
  );
  return {
    name,
    roleArn: matching(input, "agentResourceRoleArn", ROLE),
    keyArn: matching(input, "customerEncryptionKeyArn", KEY),
    others,
  };
}

/** What UpdateAgent takes: the whole agent anew. What is left out is gone, the key too. */
export function replacedSettings(input: JsonObject): AgentSettings {
  for (const member of ["agentName", "foundationModel", "agentResourceRoleArn"]) requiredText(input, member);
  return newSettings(input);
}

function matching(input: JsonObject, member: string, pattern: RegExp): string | undefined {
  const text = optionalText(input, member);
  if (text !== undefined && !pattern.test(text)) throw mismatch(member, text);
  return text;
}

function mismatch(member: string, text: string): Error {
  return invalid(
    `1 validation error detected: Value '${text}' at '${member}' failed to satisfy constraint: Member must satisfy regular expression pattern`,
  );
}
