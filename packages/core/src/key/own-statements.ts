/**
 * The guard's own statements: one for all agents of a key, one for all their roles, one for grants, one for the memory of
 * all agents that have one. Known by Sid and by shape: a statement with the guard's Sid but another shape was edited by
 * hand, and is then nobody's but the editor's.
 */
import { accountOf, agentArn, roleArn } from "../arn.ts";
import { sameStatement } from "../policy/canonical.ts";
import type { PolicyDocument, Statement } from "../policy/document.ts";
import { isObject, type Json, type JsonObject, listOf } from "../policy/json.ts";
import { isUniqueId } from "../policy/principal.ts";
import { agentOfAliases, aliasesOf } from "../requirements/agent-aliases.ts";
import { requirement } from "../requirements/documented.ts";
import type { RequiredStatement, RequirementId } from "../requirements/requirement.ts";
import { NO_ACCESS, type OwnAccess, union } from "./own-access.ts";

export const OWN_SID_PREFIX = "BedrockKeyGuard";

const SIDS = {
  sessions: `${OWN_SID_PREFIX}ServiceSessions`,
  roles: `${OWN_SID_PREFIX}RoleSessions`,
  grants: `${OWN_SID_PREFIX}ServiceGrants`,
  memory: `${OWN_SID_PREFIX}ServiceMemory`,
} as const;
type OwnKind = keyof typeof SIDS;

export interface OwnStatements {
  readonly access: OwnAccess;
  /** Where they stand, by kind. */
  readonly at: ReadonlyMap<OwnKind, Statement>;
  /** Statements with an own Sid that the guard would not have written. */
  readonly edited: readonly Statement[];
}

export function readOwnStatements(policy: PolicyDocument): OwnStatements {
  const at = new Map<OwnKind, Statement>();
  const edited: Statement[] = [];
  let access: OwnAccess = NO_ACCESS;
  for (const statement of policy.statements) {
    if (!statement.sid?.startsWith(OWN_SID_PREFIX)) continue;
    const kind = (Object.keys(SIDS) as OwnKind[]).find((k) => SIDS[k] === statement.sid && !at.has(k));
    const read = kind && readAccess(kind, statement.raw);
    if (!kind || !read) {
      edited.push(statement);
      continue;
    }
    at.set(kind, statement);
    access = union(access, read);
  }
  return { access, at, edited };
}

/**
 * The statements of a policy with the own ones saying `access`: replaced where they stand, new ones at the end.
 * INVARIANT: foreign statements keep their place and their content.
 */
export function withOwnStatements(
  policy: PolicyDocument,
  own: OwnStatements,
  access: OwnAccess,
): readonly JsonObject[] {
  const wanted = new Map(writtenStatements(access).map((w) => [w.kind, w.statement]));
  const kindAt = new Map([...own.at].map(([kind, statement]) => [statement.index, kind]));
  const kept = policy.statements.flatMap((statement): JsonObject[] => {
    const kind = kindAt.get(statement.index);
    if (!kind) return [statement.raw];
    const replacement = wanted.get(kind);
    wanted.delete(kind);
    if (!replacement) return [];
    return [sameStatement(replacement, statement.raw) ? statement.raw : replacement];
  });
  return [...kept, ...wanted.values()];
}

/** The statements that give exactly this access, as the guard writes them. */
export function statementsFor(access: OwnAccess): readonly JsonObject[] {
  return writtenStatements(access).map(({ statement }) => statement);
}

function writtenStatements(access: OwnAccess): readonly { kind: OwnKind; statement: JsonObject }[] {
  const written: { kind: OwnKind; statement: JsonObject }[] = [];
  const add = (kind: OwnKind, needed: boolean) => {
    if (needed) written.push({ kind, statement: { Sid: SIDS[kind], ...template(kind, access) } });
  };
  add("sessions", access.agents.length > 0);
  add("roles", access.roles.length > 0);
  add("grants", access.grants);
  add("memory", access.memory.length > 0);
  return written;
}

const REQUIREMENT = {
  sessions: "service-sessions",
  roles: "role-sessions",
  grants: "service-grants",
  memory: "service-memory",
} as const satisfies Readonly<Record<OwnKind, RequirementId>>;

/** The documented statement, with all agents or roles in the place of the one. */
function template(kind: OwnKind, access: OwnAccess): JsonObject {
  const { statement } = requirement(REQUIREMENT[kind]);
  return {
    Effect: "Allow",
    Principal: fillPrincipal(statement, access),
    Action: statement.Action,
    Resource: "*",
    ...(statement.Condition ? { Condition: fillCondition(statement.Condition, access) } : {}),
  };
}

function fillPrincipal(statement: RequiredStatement, access: OwnAccess): JsonObject {
  return "AWS" in statement.Principal ? { AWS: access.roles } : { Service: statement.Principal.Service };
}

function fillCondition(condition: NonNullable<RequiredStatement["Condition"]>, access: OwnAccess): JsonObject {
  const lists: Readonly<Record<string, Json>> = {
    "${agentArn}": access.agents,
    "${agentAliases}": access.memory.map(aliasesOf),
    "${account}": oneOrMore([...new Set(access.memory.map(accountOf))]),
  };
  return Object.fromEntries(
    Object.entries(condition).map(([operator, keys]) => [
      operator,
      Object.fromEntries(Object.entries(keys).map(([key, text]): [string, Json] => [key, lists[text] ?? text])),
    ]),
  );
}

/** The agents of a key are of one account; an own statement that names several could still be read. */
function oneOrMore(texts: readonly string[]): Json {
  const [only] = texts;
  return texts.length === 1 && only !== undefined ? only : texts;
}

/** What a statement with an own Sid allows; undefined where it is not of the shape that the guard writes. */
function readAccess(kind: OwnKind, raw: JsonObject): OwnAccess | undefined {
  const access = listedAccess(kind, raw);
  if (!access) return undefined;
  const { Sid: _, ...rest } = raw;
  return sameStatement(withoutOrphans(rest), template(kind, access)) ? access : undefined;
}

function listedAccess(kind: OwnKind, raw: JsonObject): OwnAccess | undefined {
  switch (kind) {
    case "grants":
      return { ...NO_ACCESS, grants: true };
    case "sessions": {
      const agents = listed(member(raw, "Condition", "StringEquals", SESSION_KEY), agentArn);
      return agents && { ...NO_ACCESS, agents };
    }
    case "roles": {
      const roles = listed(member(raw, "Principal", "AWS"), roleArn);
      return roles && { ...NO_ACCESS, roles };
    }
    case "memory": {
      const memory = listed(member(raw, "Condition", "ArnLike", "aws:SourceArn"), agentOfAliases);
      return memory && { ...NO_ACCESS, memory };
    }
    default:
      return kind satisfies never;
  }
}

const SESSION_KEY = "kms:EncryptionContext:aws:bedrock:arn";

/** One text or a list, less the principals that no longer exist; undefined where one is not what is to be listed. */
function listed<T>(place: Json | undefined, read: (text: string) => T | undefined): readonly T[] | undefined {
  if (place === undefined) return undefined;
  const texts = listOf(place).filter((text) => typeof text === "string" && !isUniqueId(text)) as string[];
  const found = texts.flatMap((text) => read(text) ?? []);
  return found.length === texts.length ? found : undefined;
}

/** A role that was deleted stands in the policy as its unique id: still the guard's statement, and dropped at the next write. */
function withoutOrphans(statement: JsonObject): JsonObject {
  const principals = member(statement, "Principal", "AWS");
  if (principals === undefined) return statement;
  const living = listOf(principals).filter((text) => typeof text !== "string" || !isUniqueId(text));
  return { ...statement, Principal: { ...(isObject(statement.Principal) ? statement.Principal : {}), AWS: living } };
}

function member(object: JsonObject, ...path: readonly string[]): Json | undefined {
  let at: Json | undefined = object;
  for (const name of path) at = isObject(at) ? at[name] : undefined;
  return at;
}
