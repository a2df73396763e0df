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
  | { readonly kind: "user"; readonly arn: string; readonly account: string };

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
