/** Policies written otherwise. */
import type { PolicyJson, StatementJson } from "./policies.ts";

/** With a further statement, at a place or at the end. */
export function withStatement(policy: PolicyJson, added: StatementJson, at: number): PolicyJson {
  return { ...policy, Statement: [...policy.Statement.slice(0, at), added, ...policy.Statement.slice(at)] };
}

/** Every list and every object's members the other way round. */
export function reversed<T>(json: T): T;
export function reversed(json: unknown): unknown {
  if (Array.isArray(json)) return json.map((member) => reversed(member)).reverse();
  if (typeof json !== "object" || json === null) return json;
  return Object.fromEntries(
    Object.entries(json)
      .map(([name, member]) => [name, reversed(member)] as const)
      .reverse(),
  );
}
