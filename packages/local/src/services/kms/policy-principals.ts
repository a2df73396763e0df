/**
 * KMS keeps a role or a user by its unique id, and prints its ARN for as long as it exists: after it is deleted,
 * the policy shows the bare id, and KMS takes no policy with it any more.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
import type { Delays } from "../emulation.ts";
import type { Identities, Identity } from "../iam/identities.ts";
import { isJsonObject, type Json, type JsonObject } from "../shared/json.ts";
import { malformed, statements, textsOf } from "./policy-grammar.ts";

export interface Directory {
  readonly identities: Identities;
  readonly now: Date;
  readonly delays: Delays;
}

const ACCOUNT = /^\d{12}$/;
const ROOT = /^arn:aws(?:-[a-z]+)*:iam::(\d{12}):root$/;
const SESSION = /^arn:aws(?:-[a-z]+)*:sts::(\d{12}):assumed-role\/([^/*?]+)\/[^/*?]+$/;
const FEDERATED_USER = /^arn:aws(?:-[a-z]+)*:sts::\d{12}:federated-user\/[^/*?]+$/;
const UNIQUE_ID = /^(?:AROA|AIDA)[A-Z0-9]+$/;
const HOST_NAME = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;
const FEDERATED =
  /^(?:arn:aws(?:-[a-z]+)*:iam::\d{12}:(?:saml-provider|oidc-provider)\/.+|[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/;

/** The document as it is kept. Throws `MalformedPolicyDocumentException` for a principal that KMS refuses. */
export function withUniqueIds(document: JsonObject, directory: Directory): JsonObject {
  return mapPrincipals(document, (kind, principal) => {
    switch (kind) {
      case "AWS":
        return kept(principal, directory);
      case "Service":
        return HOST_NAME.test(principal) ? principal : refuse();
      case "Federated":
        return FEDERATED.test(principal) ? principal : refuse();
      default:
        return refuse();
    }
  });
}

/** As it is kept, whatever KMS would say of it: a principal that IAM does not know stays as it stands. */
export function withKnownIds(document: JsonObject, identities: Identities): JsonObject {
  return mapPrincipals(document, (kind, principal) =>
    kind === "AWS" ? (identities.byArn(principal)?.id ?? principal) : principal,
  );
}

/** The document as it is printed, and as it is authorised by. */
export function withArns(document: JsonObject, identities: Identities): JsonObject {
  return mapPrincipals(document, (kind, principal) => {
    if (kind !== "AWS" || !UNIQUE_ID.test(principal)) return principal;
    return identities.byId(principal)?.arn ?? principal;
  });
}

function kept(principal: string, directory: Directory): string {
  if (principal === "*" || ROOT.test(principal) || FEDERATED_USER.test(principal)) return principal;
  if (ACCOUNT.test(principal)) return `arn:aws:iam::${principal}:root`;
  const session = SESSION.exec(principal);
  if (session) {
    const role = directory.identities.byName("role", session[1] ?? "", session[2] ?? "");
    return isVisible(role, directory) ? principal : refuse();
  }
  const identity = UNIQUE_ID.test(principal)
    ? directory.identities.byId(principal)
    : directory.identities.byArn(principal);
  return identity && isVisible(identity, directory) ? identity.id : refuse();
}

/** An identity that IAM has just made is not known to KMS yet. */
function isVisible(identity: Identity | undefined, { now, delays }: Directory): boolean {
  return identity !== undefined && identity.createdAt.getTime() + delays.principal <= now.getTime();
}

function refuse(): never {
  throw malformed("Policy contains a statement with one or more invalid principals.");
}

function mapPrincipals(document: JsonObject, change: (kind: string, principal: string) => string): JsonObject {
  const mapped = statements(document).map((statement) => {
    const result: Record<string, Json | undefined> = { ...statement };
    for (const element of ["Principal", "NotPrincipal"]) {
      const principal = statement[element];
      if (isJsonObject(principal)) result[element] = mapMembers(principal, change);
    }
    return result;
  });
  return { ...document, Statement: mapped };
}

function mapMembers(principal: JsonObject, change: (kind: string, principal: string) => string): JsonObject {
  return Object.fromEntries(
    Object.entries(principal).map(([kind, value]) => {
      const changed = (textsOf(value ?? null) ?? []).map((text) => change(kind, text));
      return [kind, Array.isArray(value) ? changed : (changed[0] ?? null)];
    }),
  );
}
