/**
 * A key of which only some values are possible (`oneOf`) makes several possible requests. Two conditions on one such key
 * are not independent: "the source account is there" and "it is not ours" may each be open, and never hold together.
 */
import type { PolicyDocument } from "./document.ts";
import { type ContextValue, lookUp, type Request } from "./request.ts";

/** More keys than this are left as they are; the answer is then `depends` a little more often. */
const MAX_KEYS = 5;

/**
 * The possible requests, told apart by the keys that the policy asks for; the request alone where there is nothing to
 * tell apart.
 */
export function possibleRequests(policy: PolicyDocument, request: Request): readonly Request[] {
  const asked = policy.statements.flatMap((statement) => statement.conditions.map((c) => c.key.toLowerCase()));
  const open = [...new Set(asked)].filter((key) => lookUp(request.context, key).kind === "oneOf");
  if (open.length > MAX_KEYS) return [request];
  let worlds: readonly Request[] = [request];
  for (const key of open) {
    const possible = lookUp(request.context, key);
    if (possible.kind !== "oneOf") continue;
    worlds = worlds.flatMap((world) => possible.values.map((value) => withKey(world, key, value)));
  }
  return worlds;
}

function withKey(request: Request, key: string, value: ContextValue): Request {
  const keys = new Map([...request.context.keys, [key, value] as const]);
  return { ...request, context: { ...request.context, keys } };
}
