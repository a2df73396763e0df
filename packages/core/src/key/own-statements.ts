/**
 * The guard's own statements: one for all agents of a key, one for all their roles, one for grants. Known by Sid and by
 * shape: a statement with the guard's Sid but another shape was edited by hand, and is then nobody's but the editor's.
 */
import { type AgentArn, agentArn, type RoleArn, roleArn } from "../arn.ts";
import { sameStatement } from "../policy/canonical.ts";
import type { PolicyDocument, Statement } from "../policy/document.ts";
import { isObject, type Json, type JsonObject, listOf } from "../policy/json.ts";
import { isUniqueId } from "../policy/principal.ts";
import { requirement } from "../requirements/documented.ts";
import type { RequiredStatement } from "../requirements/requirement.ts";

export const OWN_SID_PREFIX = "BedrockKeyGuard";

const SIDS = {
  sessions: `${OWN_SID_PREFIX}ServiceSessions`,
  roles: `${OWN_SID_PREFIX}RoleSessions`,
  grants: `${OWN_SID_PREFIX}ServiceGrants`,
} as const;
type OwnKind = keyof typeof SIDS;

/** What the own statements allow, all of it. */
export interface OwnAccess {
  readonly agents: readonly AgentArn[];
  readonly roles: readonly RoleArn[];
  readonly grants: boolean;
}

export const NO_ACCESS: OwnAccess = { agents: [], roles: [], grants: false };

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

export function union(...parts: readonly OwnAccess[]): OwnAccess {
  return {
    agents: [...new Set(parts.flatMap((part) => part.agents))].sort(),
    roles: [...new Set(parts.flatMap((part) => part.roles))].sort(),
    grants: parts.some((part) => part.grants),
  };
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

function writtenStatements(access: OwnAccess): readonly { kind: OwnKind; statement: JsonObject }[] {
  const written: { kind: OwnKind; statement: JsonObject }[] = [];
  const add = (kind: OwnKind, needed: boolean) => {
    if (needed) written.push({ kind, statement: { Sid: SIDS[kind], ...template(kind, access) } });
  };
  add("sessions", access.agents.length > 0);
  add("roles", access.roles.length > 0);
  add("grants", access.grants);
  return written;
}

const REQUIREMENT = { sessions: "service-sessions", roles: "role-sessions", grants: "service-grants" } as const;

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
  return Object.fromEntries(
    Object.entries(condition).map(([operator, keys]) => [
      operator,
      Object.fromEntries(
        Object.entries(keys).map(([key, text]): [string, Json] => [key, text === "${agentArn}" ? access.agents : text]),
      ),
    ]),
  );
}

/** What a statement with an own Sid allows; undefined where it is not of the shape that the guard writes. */
function readAccess(kind: OwnKind, raw: JsonObject): OwnAccess | undefined {
  const access = listedAccess(kind, raw);
  if (!access) return undefined;
  const { Sid: _, ...rest } = raw;
  return sameStatement(withoutOrphans(rest), template(kind, access)) ? access : undefined;
}

function listedAccess(kind: OwnKind, raw: JsonObject): OwnAccess | undefined {
  if (kind === "grants") return { ...NO_ACCESS, grants: true };
  const place =
    kind === "roles" ? member(raw, "Principal", "AWS") : member(raw, "Condition", "StringEquals", SESSION_KEY);
  if (place === undefined) return undefined;
  const texts = listOf(place).filter((text) => typeof text === "string" && !isUniqueId(text)) as string[];
  const arns = texts.map((text) => (kind === "roles" ? roleArn(text) : agentArn(text)));
  if (arns.some((arn) => arn === undefined)) return undefined;
  return kind === "roles" ? { ...NO_ACCESS, roles: arns as RoleArn[] } : { ...NO_ACCESS, agents: arns as AgentArn[] };
}

const SESSION_KEY = "kms:EncryptionContext:aws:bedrock:arn";

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
