/**
 * Key policies as the simulation reads them. It shares no code with the guard: what is whose statement, what it gives and
 * whether two say the same is found out anew, so that a mistake of the guard's reading can't hide itself here.
 */
export type Statement = Readonly<Record<string, unknown>>;
export interface Document {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: readonly Statement[];
}

const OWN = "BedrockKeyGuard";

export function parse(text: string): Document {
  return JSON.parse(text) as Document;
}

export function isOwn(statement: Statement): boolean {
  return typeof statement.Sid === "string" && statement.Sid.startsWith(OWN);
}

export function foreignOf(document: Document): readonly Statement[] {
  return document.Statement.filter((statement) => !isOwn(statement));
}

/** One text for one meaning: lists of one as their member, members sorted by name, lists of texts sorted. */
export function normal(value: unknown): string {
  if (Array.isArray(value)) {
    const members = value.map(normal);
    if (value.every((member) => typeof member === "string")) members.sort();
    return members.length === 1 ? (members[0] ?? "") : `[${members.join(",")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${normal(member)}`).join(",")}}`;
  }
  return JSON.stringify(value);
}

/** Statements keep their order: the order is a person's. */
export function sameStatements(a: readonly Statement[], b: readonly Statement[]): boolean {
  return a.length === b.length && a.every((statement, at) => normal(statement) === normal(b[at]));
}

export function samePolicy(a: Document, b: Document): boolean {
  return a.Version === b.Version && a.Id === b.Id && sameStatements(a.Statement, b.Statement);
}

/**
 * What the guard's statements of a policy give, by subject: an agent's or a role's ARN, `grants`, `memory:` and an agent's
 * ARN. Found by Sid; principals that no longer exist give nothing.
 */
export function givenBy(document: Document): ReadonlySet<string> {
  const given = new Set<string>();
  for (const statement of document.Statement) {
    if (!isOwn(statement)) continue;
    switch (String(statement.Sid).slice(OWN.length)) {
      case "ServiceSessions":
        for (const arn of conditionOf(statement, "StringEquals", "kms:EncryptionContext:aws:bedrock:arn"))
          given.add(arn);
        break;
      case "RoleSessions":
        for (const arn of texts(memberOf(statement.Principal, "AWS"))) if (arn.startsWith("arn:")) given.add(arn);
        break;
      case "ServiceGrants":
        given.add("grants");
        break;
      case "ServiceMemory":
        for (const alias of conditionOf(statement, "ArnLike", "aws:SourceArn")) {
          given.add(`memory:${alias.replace(":agent-alias/", ":agent/").replace(/\/\*$/, "")}`);
        }
        break;
      default:
        throw new Error(`a statement of the guard that the simulation does not know: \`${String(statement.Sid)}\``);
    }
  }
  return given;
}

function conditionOf(statement: Statement, operator: string, key: string): readonly string[] {
  return texts(memberOf(memberOf(statement.Condition, operator), key));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

export function texts(value: unknown): readonly string[] {
  const list = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.filter((one) => typeof one === "string");
}
