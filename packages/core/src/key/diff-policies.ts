import { parsePolicy } from "../policy/document.ts";
import type { JsonObject } from "../policy/json.ts";
import { diffStatements } from "./diff.ts";

/** From one policy's text to another's, as lines of a diff; a text that is no policy counts as one without statements. */
export function diffPolicies(before: string, after: string): readonly string[] {
  return diffStatements(statementsOf(before), statementsOf(after));
}

function statementsOf(text: string): readonly JsonObject[] {
  const parsed = parsePolicy(text);
  return parsed.kind === "policy" ? parsed.policy.statements.map(({ raw }) => raw) : [];
}
