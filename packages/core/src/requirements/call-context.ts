/** What a documented call, or a stranger's, is known to carry. */
import { accountOf } from "../arn.ts";
import {
  ABSENT,
  type ContextValue,
  oneOf,
  type Request,
  type RequestContext,
  type Requester,
  value,
} from "../policy/request.ts";
import type { KeyFacts } from "./instance.ts";
import { hasEncryptionContext } from "./kms-actions.ts";
import type { ContextFact } from "./requirement.ts";

/** Whether the calls name the resource that they are made for: what is not documented is open, or taken to be one way. */
export type Sources = "as-known" | "named" | "unnamed";

export function contextOf(
  facts: Readonly<Record<string, ContextFact>>,
  fill: (text: string) => string,
  key: KeyFacts,
  sources: Sources,
): RequestContext {
  const keys = new Map<string, ContextValue>([
    ["kms:keyspec", value(key.spec)],
    ["kms:keyusage", value(key.usage)],
    ["kms:keyorigin", value(key.origin)],
    ["aws:resourceaccount", value(accountOf(key.arn))],
    ["kms:bypasspolicylockoutsafetycheck", ABSENT],
  ]);
  for (const [name, fact] of Object.entries(facts)) {
    keys.set(name.toLowerCase(), contextValue(fact, fill, SOURCE_KEYS.has(name) ? sources : "as-known"));
  }
  return { keys, others: "unknown" };
}

export function requestOf(principal: Requester, action: string, key: KeyFacts, context: RequestContext): Request {
  const carried = hasEncryptionContext(action) ? context : withoutEncryptionContext(context);
  return { principal, action, resource: key.arn, context: carried };
}

/** A call that takes no encryption context can't carry one. */
function withoutEncryptionContext(context: RequestContext): RequestContext {
  const keys = new Map(context.keys);
  for (const name of ENCRYPTION_CONTEXT_KEYS) keys.set(name, ABSENT);
  return { ...context, keys };
}

/** The pair that Bedrock's pages name; another one stays unknown. */
const ENCRYPTION_CONTEXT_KEYS = ["kms:encryptioncontext:aws:bedrock:arn", "kms:encryptioncontextkeys"];

/** The confused-deputy keys: a statement that only adds these, naming this account and agent, is tighter than documented. */
const SOURCE_KEYS = new Set(["aws:SourceAccount", "aws:SourceArn"]);

function contextValue(fact: ContextFact, fill: (text: string) => string, sources: Sources): ContextValue {
  if ("absent" in fact || (sources === "unnamed" && "absentOr" in fact)) return ABSENT;
  if ("value" in fact) return value(fill(fact.value));
  const named = value(fill(fact.absentOr));
  return sources === "named" ? named : oneOf(ABSENT, named);
}
