/** What a write changed, in one line: statements by Sid, or the access of a caller. */

import { sameStatement } from "@bedrock-key-guard/core/policy/canonical.ts";
import { parsePolicy, type Statement } from "@bedrock-key-guard/core/policy/document.ts";

export interface Change {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** A statement without a Sid is called by its place in its policy, such as `statement 3`. */
export function changeBetween(before: string, after: string): Change {
  const gone = notIn(statementsOf(before), statementsOf(after));
  const came = notIn(statementsOf(after), statementsOf(before));
  const sids = new Set(gone.flatMap(({ sid }) => sid ?? []));
  const changed = new Set(came.flatMap(({ sid }) => (sid !== undefined && sids.has(sid) ? [sid] : [])));
  const names = (list: readonly Named[]) =>
    list.filter(({ sid }) => sid === undefined || !changed.has(sid)).map(({ name }) => name);
  return { added: names(came), changed: [...changed], removed: names(gone) };
}

interface Named {
  readonly sid: string | undefined;
  readonly name: string;
  readonly statement: Statement;
}

function statementsOf(text: string): readonly Named[] {
  const parsed = parsePolicy(text);
  if (parsed.kind !== "policy") return [];
  return parsed.policy.statements.map((statement, index) => ({
    sid: statement.sid,
    name: statement.sid ?? `statement ${index + 1}`,
    statement,
  }));
}

function notIn(list: readonly Named[], others: readonly Named[]): readonly Named[] {
  return list.filter(({ statement }) => !others.some((other) => sameStatement(other.statement.raw, statement.raw)));
}

export function changeInWords({ added, changed, removed }: Change): string {
  const parts = [
    ["added", added],
    ["changed", changed],
    ["removed", removed],
  ] as const;
  const said = parts.filter(([, names]) => names.length > 0).map(([what, names]) => `${what} ${names.join(", ")}`);
  return said.length === 0 ? "no statement differs" : said.join("; ");
}

/** What was given (`+`) and taken away (`-`) of a caller, a line each, in one line. */
export function accessInWords(diff: readonly string[]): string {
  const parts = [
    ["+", "added"],
    ["-", "removed"],
  ] as const;
  const said = parts.flatMap(([sign, what]) => {
    const [first, ...others] = diff.flatMap((line) => (line.startsWith(`${sign} `) ? [line.slice(2)] : []));
    if (first === undefined) return [];
    return [`${what} ${first}${others.length > 0 ? `, and ${others.length} more` : ""}`];
  });
  return said.length === 0 ? "no access differs" : said.join("; ");
}
