import { accountId, parseArn } from "../arn.ts";

/** A question to a policy: may this principal do this action on this resource, given what is known of the call? */
export interface Request {
  readonly principal: Requester;
  /** Such as `kms:Decrypt`. */
  readonly action: string;
  /** The resource's ARN. */
  readonly resource: string;
  readonly context: RequestContext;
}

export type Requester =
  /** An AWS service that calls for its own purposes, such as `bedrock.amazonaws.com`. */
  | { readonly kind: "service"; readonly name: string }
  /** The account itself (root user). */
  | { readonly kind: "root"; readonly partition: string; readonly account: string }
  /** Any session of a role; `arn` is the role's, with its path. */
  | { readonly kind: "role"; readonly arn: string; readonly account: string }
  /** One session of a role; `arn` is the session's (`arn:aws:sts::…:assumed-role/NAME/SESSION`), which has no path. */
  | {
      readonly kind: "session";
      readonly arn: string;
      readonly account: string;
      readonly roleName: string;
      readonly sessionName: string;
    }
  | { readonly kind: "user"; readonly arn: string; readonly account: string }
  /** A session that an IAM user opened by GetFederationToken (`arn:aws:sts::…:federated-user/NAME`). */
  | { readonly kind: "federated"; readonly arn: string; readonly account: string }
  /** Nobody in particular: a call without credentials. */
  | { readonly kind: "anonymous" };

/**
 * Reads who asks: the ARN of a root user, role, role session, user or federated user, the name of a service, or `*` for
 * anonymous.
 *
 * @returns undefined for a text that is none of these, such as the ARN of a group, which can't call anything.
 */
export function requesterOf(text: string): Requester | undefined {
  if (text === "*") return { kind: "anonymous" };
  if (SERVICE.test(text)) return { kind: "service", name: text };
  const parts = parseArn(text);
  if (parts?.region !== "" || !PARTITION.test(parts.partition) || !accountId(parts.account)) {
    return undefined;
  }
  const { account, partition, resource } = parts;
  const [type, ...names] = resource.split("/");
  const [first, second] = names;
  if (names.some((name) => name === "" || /\s/.test(name))) return undefined;
  switch (`${parts.service}:${type}`) {
    case "iam:root":
      return names.length === 0 ? { kind: "root", partition, account } : undefined;
    case "iam:role":
      return first === undefined ? undefined : { kind: "role", arn: text, account };
    case "iam:user":
      return first === undefined ? undefined : { kind: "user", arn: text, account };
    case "sts:assumed-role":
      return first === undefined || second === undefined || names.length > 2
        ? undefined
        : { kind: "session", arn: text, account, roleName: first, sessionName: second };
    case "sts:federated-user":
      return first === undefined || names.length > 1 ? undefined : { kind: "federated", arn: text, account };
  }
  return undefined;
}

const SERVICE = /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i;
const PARTITION = /^aws(-[a-z]+)*$/;

/** The account that the requester belongs to; a service and an anonymous caller belong to none. */
export function accountOfRequester(requester: Requester): string | undefined {
  return "account" in requester ? requester.account : undefined;
}

/**
 * What is known of one condition key at the call:
 * - `known`: present with these values
 * - `absent`: certainly not in the request
 * - `oneOf`: one of these, no more is known (a documented call may or may not carry `aws:SourceArn`)
 * - `unknown`
 */
export type ContextValue =
  | { readonly kind: "known"; readonly values: readonly string[] }
  | { readonly kind: "absent" }
  | { readonly kind: "oneOf"; readonly values: readonly ContextValue[] }
  | { readonly kind: "unknown" };

export interface RequestContext {
  /** Condition keys in lower case: their names are not case-sensitive. */
  readonly keys: ReadonlyMap<string, ContextValue>;
  /** What holds for keys that are not listed. */
  readonly others: "absent" | "unknown";
}

export const ABSENT: ContextValue = { kind: "absent" };
export const UNKNOWN: ContextValue = { kind: "unknown" };

export function value(...values: string[]): ContextValue {
  return { kind: "known", values };
}

export function oneOf(...values: ContextValue[]): ContextValue {
  return { kind: "oneOf", values };
}

export function lookUp(context: RequestContext, key: string): ContextValue {
  return context.keys.get(key.toLowerCase()) ?? (context.others === "absent" ? ABSENT : UNKNOWN);
}
