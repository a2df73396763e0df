/**
 * A policy prepared once and asked many times: for each request the statements that can match it at all, found by an
 * index, with long lists cut to the members that the request can be compared with.
 *
 * INVARIANT: what is left out certainly does not match, so the part decides as the whole does. What is not understood is
 * never left out.
 */
import type { Condition, PolicyDocument, PrincipalElement, PrincipalMember, Statement } from "./document.ts";
import { type ContextValue, lookUp, type Request, type Requester } from "./request.ts";

/** A policy's first question is put to the whole of it: to prepare it costs more than one decision. */
export function partToAsk(policy: PolicyDocument, request: Request): PolicyDocument {
  if (ASKED.has(policy)) return relevantPart(policy, request);
  ASKED.add(policy);
  return policy;
}

const ASKED = new WeakSet<PolicyDocument>();

/** The part of a policy that can matter for a request; its statements keep their `index` in the whole policy. */
export function relevantPart(policy: PolicyDocument, request: Request): PolicyDocument {
  const prepared = prepare(policy, request.principal.kind === "service");
  const candidates = [
    ...prepared.others,
    ...named(prepared, request.principal),
    ...[...prepared.byText].flatMap(([key, index]) => withText(index, lookUp(request.context, key))),
  ];
  const statements = candidates.flatMap((candidate) => cut(candidate, request) ?? []);
  return { ...policy, statements: statements.sort((a, b) => a.index - b.index) };
}

interface Prepared {
  /** By the name that a role's or user's ARN ends with, for statements that name nobody else. */
  readonly byName: ReadonlyMap<string, readonly PreparedStatement[]>;
  /** By condition key in lower case, for other statements that compare it with a list of texts. */
  readonly byText: ReadonlyMap<string, TextIndex>;
  readonly others: readonly PreparedStatement[];
}

interface TextIndex {
  readonly all: readonly PreparedStatement[];
  readonly byText: ReadonlyMap<string, readonly PreparedStatement[]>;
}

type GrowingIndex = { readonly all: PreparedStatement[]; readonly byText: Map<string, PreparedStatement[]> };

interface PreparedStatement {
  readonly statement: Statement;
  readonly principals: Principals | undefined;
  readonly texts: readonly Texts[];
}

/** The members of a Principal that can name a service, or one that is none. */
interface Principals {
  /** Plain ARNs of roles and users, by the name that they end with: they name nobody of another name, and no service. */
  readonly byName: ReadonlyMap<string, readonly PrincipalMember[]>;
  readonly others: readonly PrincipalMember[];
}

/** A condition that holds for one of its texts and for nothing else. */
interface Texts {
  readonly condition: Condition;
  readonly texts: ReadonlySet<string>;
}

const PREPARED = { services: new WeakMap<PolicyDocument, Prepared>(), others: new WeakMap<PolicyDocument, Prepared>() };

function prepare(policy: PolicyDocument, forService: boolean): Prepared {
  const known = forService ? PREPARED.services : PREPARED.others;
  const former = known.get(policy);
  if (former) return former;
  const byName = new Map<string, PreparedStatement[]>();
  const byText = new Map<string, GrowingIndex>();
  const others: PreparedStatement[] = [];
  for (const statement of policy.statements) {
    const prepared = prepareStatement(statement, forService);
    const { principals, texts } = prepared;
    const [first] = texts;
    if (principals && principals.others.length === 0) {
      for (const name of principals.byName.keys()) append(byName, name, prepared);
    } else if (first) {
      const key = first.condition.key.toLowerCase();
      const index: GrowingIndex = byText.get(key) ?? { all: [], byText: new Map() };
      byText.set(key, index);
      index.all.push(prepared);
      for (const text of first.texts) append(index.byText, text, prepared);
    } else {
      others.push(prepared);
    }
  }
  const made = { byName, byText, others };
  known.set(policy, made);
  return made;
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}

function prepareStatement(statement: Statement, forService: boolean): PreparedStatement {
  if (statement.notUnderstood.length > 0) return { statement, principals: undefined, texts: [] };
  const texts = statement.conditions.flatMap((condition) => textsOf(condition) ?? []);
  return { statement, principals: statement.principal && principalsOf(statement.principal, forService), texts };
}

/** `StringEquals` in no other spelling, without a policy variable in its key or its values. */
function textsOf(condition: Condition): Texts | undefined {
  const { operator, key, values } = condition;
  if (operator !== "StringEquals" || !values || [key, ...values].some((text) => text.includes("$"))) return undefined;
  return { condition, texts: new Set(values) };
}

function principalsOf(element: PrincipalElement, forService: boolean): Principals | undefined {
  if (element.negated) return undefined;
  const byName = new Map<string, PrincipalMember[]>();
  const others: PrincipalMember[] = [];
  for (const member of element.members) {
    if (member.kind === "service" && !forService) continue;
    const name = member.kind === "aws" ? PLAIN_ARN.exec(member.value)?.[1] : undefined;
    if (name === undefined) others.push(member);
    else if (!forService) append(byName, name, member);
  }
  return { byName, others };
}

const PLAIN_ARN = /^arn:aws[a-z-]*:iam::\d{12}:(?:role|user)\/(?:[\w+=,.@/-]*\/)?([\w+=,.@-]+)$/;

/** Statements that name a requester of this name; services and the account itself have no ARN of a role or user. */
function named(prepared: Prepared, requester: Requester): readonly PreparedStatement[] {
  const name = nameOf(requester);
  switch (name.kind) {
    case "name":
      return prepared.byName.get(name.name) ?? [];
    case "none":
      return [];
    case "any":
      return [...new Set([...prepared.byName.values()].flat())];
    default:
      return name satisfies never;
  }
}

type Name = { readonly kind: "name"; readonly name: string } | { readonly kind: "none" } | { readonly kind: "any" };

/** The name that the ARN of a role or user must end with to name the requester. */
function nameOf(requester: Requester): Name {
  switch (requester.kind) {
    case "role":
    case "user":
      return { kind: "name", name: requester.arn.slice(requester.arn.lastIndexOf("/") + 1) };
    case "session":
      return { kind: "name", name: requester.roleName };
    case "service":
    case "root":
      return { kind: "none" };
    case "federated":
    case "anonymous":
      return { kind: "any" };
    default:
      return requester satisfies never;
  }
}

function withText(index: TextIndex, present: ContextValue): readonly PreparedStatement[] {
  const possible = possibleTexts(present);
  if (!possible) return index.all;
  return [...new Set(possible.flatMap((text) => index.byText.get(text) ?? []))];
}

/** The texts that a key can have, none where it is absent; undefined where it may have any, or several at a time. */
function possibleTexts(present: ContextValue): readonly string[] | undefined {
  switch (present.kind) {
    case "known":
      return present.values.length === 1 ? present.values : undefined;
    case "absent":
      return [];
    case "oneOf": {
      const texts = present.values.map(possibleTexts);
      return texts.every((list) => list !== undefined) ? texts.flat() : undefined;
    }
    case "unknown":
      return undefined;
    default:
      return present satisfies never;
  }
}

/** The statement with what the request can be compared with; undefined where it certainly does not match. */
function cut(prepared: PreparedStatement, request: Request): Statement | undefined {
  const { statement, principals, texts } = prepared;
  let conditions = statement.conditions;
  for (const { condition, texts: listed } of texts) {
    const possible = possibleTexts(lookUp(request.context, condition.key));
    if (!possible) continue;
    const values = possible.filter((text) => listed.has(text));
    if (values.length === 0) return undefined;
    conditions = conditions.map((other) => (other === condition ? { ...other, values } : other));
  }
  const principal = statement.principal && principals ? cutPrincipal(principals, request.principal) : undefined;
  return { ...statement, conditions, ...(principal ? { principal } : {}) };
}

/** Undefined where nothing is to be cut. */
function cutPrincipal({ byName, others }: Principals, requester: Requester): PrincipalElement | undefined {
  const name = nameOf(requester);
  if (name.kind === "any") return undefined;
  const members = name.kind === "name" ? (byName.get(name.name) ?? []) : [];
  return { negated: false, members: [...members, ...others] };
}
