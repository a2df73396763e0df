import type { NamedPolicy } from "../contract.ts";

/**
 * Reads a policy document of the graph. A document with a single statement object reads as a list of one.
 *
 * @param source who holds the policy, in the words that refusals and the record of usage show.
 * @throws when the JSON is no policy document.
 */
export function namedPolicy(source: string, json: unknown): NamedPolicy {
  const { Version, Statement } = isRecord(json) ? json : {};
  const statements = Array.isArray(Statement) ? Statement : [Statement];
  if (statements.length === 0 || !statements.every(isRecord)) {
    throw new Error(`the policy of ${source} has no statements: \`${JSON.stringify(json).slice(0, 80)}\``);
  }
  return { source, document: { ...(typeof Version === "string" ? { Version } : {}), Statement: statements } };
}

/** A role's trust policy has no `Resource`: it speaks of the role itself, which `*` says to the evaluator. */
export function trustPolicy(source: string, json: unknown): NamedPolicy {
  const policy = namedPolicy(source, json);
  const statements = policy.document.Statement.map((statement) => ({ Resource: "*", ...statement }));
  return { source, document: { ...policy.document, Statement: statements } };
}

/** One member or a list of members, as policies write `Action` and `Resource`. */
export function members(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((member) => typeof member === "string");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
