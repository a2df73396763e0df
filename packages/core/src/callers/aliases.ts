/**
 * What the Resource elements of policies say about agents' aliases: which agents an Allow can be about at all, and which
 * aliases of an agent have to be asked about one by one.
 */
import type { PolicyDocument, Statement } from "../policy/document.ts";
import { globMatches } from "../policy/glob.ts";
import { splitTemplate } from "../policy/variables.ts";
import { aliasExamples } from "./alias-examples.ts";

/** The ids of the agents that the documents' Allow statements can be about, or `any`; each document is read once. */
export function agentsAllowed(documents: readonly PolicyDocument[]): ReadonlySet<string> | "any" {
  const ids = new Set<string>();
  for (const document of documents) {
    const allowed = ALLOWED.get(document) ?? allowedBy(document);
    ALLOWED.set(document, allowed);
    if (allowed === "any") return "any";
    for (const id of allowed) ids.add(id);
  }
  return ids;
}

const ALLOWED = new WeakMap<PolicyDocument, ReadonlySet<string> | "any">();

function allowedBy({ statements }: PolicyDocument): ReadonlySet<string> | "any" {
  const ids = new Set<string>();
  for (const statement of statements) {
    if (statement.effect === "Deny") continue;
    if (statement.notUnderstood.length > 0 || statement.resource?.negated) return "any";
    for (const member of statement.resource?.members ?? []) {
      const id = OF_ONE_AGENT.exec(member)?.[1];
      if (id !== undefined) ids.add(id);
      // A plain text that is no alias's ARN is somebody else's resource.
      else if (/[*?$]/.test(member)) return "any";
    }
  }
  return ids;
}

const OF_ONE_AGENT = /^arn:[^:]*:bedrock:[^:]*:[^:]*:agent-alias\/([0-9a-zA-Z]{10})\//;

/** Aliases of an agent that stand for all, as far as any statement tells aliases apart. */
export function aliasesNamed(documents: readonly PolicyDocument[], agentId: string): readonly string[] {
  const patterns = documents.flatMap((document) => {
    const known = PATTERNS.get(document) ?? aliasPatterns(document.statements);
    PATTERNS.set(document, known);
    return known.flatMap(({ agent, alias }) => (globMatches(agent, agentId) ? [alias] : []));
  });
  return aliasExamples(patterns);
}

interface AliasPattern {
  readonly agent: string;
  readonly alias: string;
}

const PATTERNS = new WeakMap<PolicyDocument, readonly AliasPattern[]>();

function aliasPatterns(statements: readonly Statement[]): readonly AliasPattern[] {
  const members = statements.flatMap(({ resource }) => resource?.members ?? []);
  return members.flatMap((member) => {
    const [, , , , , ...rest] = splitTemplate(member);
    const [, path] = /^agent-alias\/(.*)$/s.exec(rest.join(":")) ?? [];
    if (path === undefined) return [];
    const slash = path.lastIndexOf("/");
    // Where the agent's own `*` reaches into the alias, what comes after it is the alias's end.
    const alias = slash < 0 ? path.slice(path.lastIndexOf("*")) : path.slice(slash + 1);
    return /^\**$/.test(alias) ? [] : [{ agent: slash < 0 ? "*" : path.slice(0, slash), alias }];
  });
}
