/**
 * An account's IAM as data, as `iam:GetAccountAuthorizationDetails` tells of it: who there is, and their policies, read or
 * said not to be readable.
 *
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
import type { AccountId } from "../arn.ts";
import { type Parsed, type PolicyDocument, parsePolicy } from "../policy/document.ts";

export interface IamAccount {
  readonly id: AccountId;
  readonly roles: readonly Role[];
  readonly users: readonly User[];
  /** By name. */
  readonly groups: ReadonlyMap<string, Group>;
  /** The default version of each managed policy, the account's and AWS's own, by ARN. */
  readonly managed: ReadonlyMap<string, PolicyText>;
}

/** What policies are put on. */
export interface PolicyHolder {
  readonly arn: string;
  readonly name: string;
  readonly inline: readonly InlinePolicy[];
  /** ARNs of managed policies. */
  readonly attached: readonly string[];
}

interface Entity extends PolicyHolder {
  /** `AROA…`, `AIDA…`: another one under the same name has another. Absent where it was not told. */
  readonly uniqueId?: string | undefined;
  /** Begins and ends with a slash. */
  readonly path: string;
  readonly tags: ReadonlyMap<string, string>;
  /** The ARN of the managed policy that is the permissions boundary. */
  readonly boundary: string | undefined;
}

export interface Role extends Entity {
  readonly kind: "role";
}

export interface User extends Entity {
  readonly kind: "user";
  /** Names of groups. */
  readonly groups: readonly string[];
}

/** Who can call: a role by its sessions, or a user. */
export type Identity = Role | User;

export type Group = PolicyHolder;

export interface InlinePolicy {
  readonly name: string;
  readonly policy: PolicyText;
}

/** A policy's document; `characters` is how IAM measures it: without white space. */
export type PolicyText =
  | { readonly kind: "read"; readonly document: PolicyDocument; readonly characters: number }
  | { readonly kind: "unreadable"; readonly reason: string; readonly characters: number };

/**
 * Reads a document as IAM's API gives it (URL-encoded as in RFC 3986) or as the AWS CLI prints it (decoded).
 *
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyVersion.html
 */
export function readPolicyText(text: string): PolicyText {
  const decoded = decode(text);
  if (decoded === undefined) {
    return { kind: "unreadable", reason: "it is neither JSON nor URL-encoded JSON", characters: text.length };
  }
  const parsed = parsePolicy(decoded);
  const characters = charactersOf(decoded, parsed);
  return parsed.kind === "policy"
    ? { kind: "read", document: parsed.policy, characters }
    : { kind: "unreadable", reason: parsed.reason, characters };
}

/** Whether white space within a text counts, AWS does not say: it is counted, so that nothing is planned that may not fit. */
function charactersOf(text: string, parsed: Parsed): number {
  const bare = text.replaceAll(/\s/g, "").length;
  return parsed.kind === "policy" ? Math.max(bare, JSON.stringify(parsed.policy.raw).length) : bare;
}

function decode(text: string): string | undefined {
  if (!text.trimStart().startsWith("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Why AWS, and not the account, decides about a role's policies; undefined for a role that is the account's own. */
export type Reserved = "service-linked" | "permission-set" | "reserved";

/**
 * Told by the path, which the account can't choose for its own roles.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html
 */
export function reservedBy({ kind, path }: Pick<Identity, "kind" | "path">): Reserved | undefined {
  if (kind !== "role") return undefined;
  if (path.startsWith("/aws-service-role/")) return "service-linked";
  if (path.startsWith("/aws-reserved/sso.amazonaws.com/")) return "permission-set";
  return path.startsWith("/aws-reserved/") ? "reserved" : undefined;
}
