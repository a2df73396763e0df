/**
 * A key of which only some values are possible (`oneOf`) makes several possible requests. Two conditions on one such key
 * are not independent: "the source account is there" and "it is not ours" may each be open, and never hold together.
 */
import type { PolicyDocument, Statement } from "./document.ts";
import { type ContextValue, lookUp, type Request, UNKNOWN } from "./request.ts";
import { variablesIn } from "./variables.ts";

/** More keys than this are left as they are; the answer is then `depends` a little more often. */
const MAX_KEYS = 5;

/**
 * The possible requests, told apart by the keys that the policies ask for; the request alone where there is nothing to
 * tell apart.
 */
export function possibleRequests(policies: readonly PolicyDocument[], request: Request): readonly Request[] {
  const asked = [...ASKED_BY_PRINCIPALS, ...policies.flatMap((policy) => policy.statements.flatMap(keysAskedBy))];
  const open = [...new Set(asked)].flatMap((key) => {
    const possible = lookUp(request.context, key);
    return possible.kind === "oneOf" ? [{ key, values: possible.values }] : [];
  });
  if (open.length > MAX_KEYS) return [request];
  return open.reduce<readonly Request[]>(
    (worlds, { key, values }) => worlds.flatMap((world) => values.map((value) => withKey(world, key, value))),
    [request],
  );
}

/** A session is named by its role's whole ARN, or by its identity provider. */
const ASKED_BY_PRINCIPALS = ["aws:principalarn", "aws:federatedprovider"];

function keysAskedBy({ conditions, resource }: Statement): readonly string[] {
  return [
    ...conditions.flatMap(({ key, values = [] }) => [key.toLowerCase(), ...values.flatMap(variablesIn)]),
    ...(resource?.members ?? []).flatMap(variablesIn),
  ];
}

function withKey(request: Request, key: string, value: ContextValue): Request {
  const keys = new Map([...request.context.keys, [key, value] as const]);
  return { ...request, context: { ...request.context, keys } };
}

/**
 * The request as a key policy sees it. A key's tags and aliases are condition keys for IAM policies only; what a key
 * policy that asks for them gets, KMS does not say.
 * https://docs.aws.amazon.com/kms/latest/developerguide/abac.html
 */
export function asKeyPolicySees(request: Request): Request {
  const { context } = request;
  const hidden = [...context.keys].filter(([key, content]) => isHidden(key) && content.kind !== "absent");
  if (hidden.length === 0) return request;
  const keys = new Map([...context.keys, ...hidden.map(([key]) => [key, UNKNOWN] as const)]);
  return { ...request, context: { ...context, keys } };
}

function isHidden(key: string): boolean {
  return key.startsWith("aws:resourcetag/") || key === "kms:resourcealiases";
}
