/** IAM's answers as its protocol has them: XML, with policy documents URL-encoded as in RFC 3986. */
import type { WireAnswer } from "./wire.ts";

const XMLNS = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"';

export function iamAnswer(operation: string, result: string): WireAnswer {
  return {
    status: 200,
    body: `<${operation}Response ${XMLNS}><${operation}Result>${result}</${operation}Result></${operation}Response>`,
  };
}

export function iamRefusal(code: string, status = 400): WireAnswer {
  const error = `<Type>Sender</Type><Code>${code}</Code><Message>the message of ${code}</Message>`;
  return { status, body: `<ErrorResponse ${XMLNS}><Error>${error}</Error><RequestId>r</RequestId></ErrorResponse>` };
}

/** As `encodeURIComponent`, and with the characters that it leaves and RFC 3986 doesn't. */
export function encoded(document: unknown): string {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** As moto gives some documents: plain, with XML's own escapes. */
export function plain(document: unknown): string {
  return escaped(JSON.stringify(document));
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

export interface EntityXml {
  readonly arn: string;
  /** Of the ARN, if absent. */
  readonly name?: string;
  readonly id?: string;
  readonly inline?: Readonly<Record<string, string>>;
  readonly attached?: readonly string[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly boundary?: string;
  readonly groups?: readonly string[];
}

export interface PageXml {
  readonly roles?: readonly EntityXml[];
  readonly users?: readonly EntityXml[];
  readonly groups?: readonly EntityXml[];
  /** ARN → the documents of its versions, the first one the default. */
  readonly managed?: Readonly<Record<string, readonly string[]>>;
  readonly marker?: string;
  readonly truncated?: boolean;
}

export function page(content: PageXml): WireAnswer {
  const { marker, truncated = marker !== undefined } = content;
  return iamAnswer(
    "GetAccountAuthorizationDetails",
    [
      list("RoleDetailList", content.roles, (one) => entity("Role", one)),
      list("UserDetailList", content.users, (one) => entity("User", one)),
      list("GroupDetailList", content.groups, (one) => entity("Group", one)),
      list("Policies", Object.entries(content.managed ?? {}), ([arn, versions]) => managed(arn, versions)),
      `<IsTruncated>${truncated}</IsTruncated>`,
      marker === undefined ? "" : tag("Marker", marker),
    ].join(""),
  );
}

function entity(
  kind: string,
  { arn, name, id, inline = {}, attached = [], tags = {}, boundary, groups }: EntityXml,
): string {
  return [
    tag(`${kind}Name`, name ?? arn.slice(arn.lastIndexOf("/") + 1)),
    tag("Arn", arn),
    id === undefined ? "" : tag(`${kind}Id`, id),
    tag("CreateDate", "2026-11-01T10:00:00Z"),
    kind === "Role" ? tag("AssumeRolePolicyDocument", encoded({ Version: "2012-10-17", Statement: [] })) : "",
    list(`${kind}PolicyList`, Object.entries(inline), ([policy, document]) => {
      return tag("PolicyName", policy) + tag("PolicyDocument", document);
    }),
    list("AttachedManagedPolicies", attached, (policy) => tag("PolicyName", "p") + tag("PolicyArn", policy)),
    tagList(tags),
    boundary === undefined
      ? ""
      : tag("PermissionsBoundary", tag("PermissionsBoundaryType", "Policy") + tag("PermissionsBoundaryArn", boundary)),
    groups ? tag("GroupList", groups.map((group) => tag("member", group)).join("")) : "",
  ].join("");
}

function managed(arn: string, versions: readonly string[]): string {
  const versionXml = (document: string, index: number) =>
    tag("Document", document) +
    tag("VersionId", `v${versions.length - index}`) +
    tag("IsDefaultVersion", String(index === 0));
  return (
    tag("Arn", arn) +
    tag("DefaultVersionId", `v${versions.length}`) +
    // The default one last: its place says nothing.
    tag(
      "PolicyVersionList",
      versions
        .map(versionXml)
        .reverse()
        .map((one) => tag("member", one))
        .join(""),
    )
  );
}

export function tagList(tags: Readonly<Record<string, string>>): string {
  return list("Tags", Object.entries(tags), ([key, value]) => tag("Key", escaped(key)) + tag("Value", escaped(value)));
}

function list<T>(name: string, items: readonly T[] | undefined, item: (one: T) => string): string {
  return items ? tag(name, items.map((one) => tag("member", item(one))).join("")) : "";
}

function tag(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}
