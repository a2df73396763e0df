/**
 * What AWS documents that whoever invokes an agent needs on its key, and what the two calls are known to carry: the
 * caller's InvokeAgent, and the KMS call that Bedrock makes with the caller's permissions.
 *
 * The page's Sid has spaces, which IAM refuses: the guard's own has none.
 */
import { type AgentArn, accountOf, partsOf } from "../arn.ts";
import {
  ABSENT,
  type ContextValue,
  type Request,
  type RequestContext,
  type Requester,
  value,
} from "../policy/request.ts";
import { aliasOf } from "../requirements/agent-aliases.ts";
import { contextOf, requestOf } from "../requirements/call-context.ts";
import { DOCUMENTED_PAGE } from "../requirements/documented.ts";
import type { KeyFacts } from "../requirements/instance.ts";
import type { ContextFact } from "../requirements/requirement.ts";
import type { Identity } from "./account.ts";

export const CALLER_ACTIONS = ["kms:GenerateDataKey", "kms:Decrypt"] as const;
export const CALLER_CONTEXT_KEY = "kms:EncryptionContext:aws:bedrock:arn";
/** Authorised on the alias. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonbedrock.html */
export const INVOKE = "bedrock:InvokeAgent";

const KEYS_PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html";

/** What each call of a role's session or of a user carries. */
const AS_CALLER: Readonly<Record<string, ContextFact>> = {
  "aws:PrincipalIsAWSService": { value: "false", because: "a role's session or a user is not a service principal" },
  "aws:PrincipalServiceName": { absent: true, because: "a role's session or a user is not a service principal" },
  "aws:PrincipalArn": { value: "${caller}", because: "for a session of a role it is the role's ARN" },
  "aws:PrincipalAccount": { value: "${callerAccount}", because: "the account of the caller" },
  "aws:PrincipalType": { value: "${callerType}", because: `${KEYS_PAGE}#condition-keys-principaltype` },
  "aws:SecureTransport": { value: "true", because: "AWS service endpoints take calls over TLS only" },
  "aws:RequestedRegion": {
    value: "${region}",
    because: "agent and key are in one Region, and both services are regional",
  },
};

const OF_THE_KMS_CALL: Readonly<Record<string, ContextFact>> = {
  ...AS_CALLER,
  "kms:CallerAccount": { value: "${callerAccount}", because: "the account of the caller" },
  [CALLER_CONTEXT_KEY]: { value: "${agentArn}", because: DOCUMENTED_PAGE },
  "kms:ViaService": {
    absentOr: "bedrock.${region}.amazonaws.com",
    because: "a request made through a service names that service; the page does not say who makes it",
  },
};

export function requesterFor(identity: Identity): Requester {
  return { kind: identity.kind, arn: identity.arn, account: accountIn(identity) };
}

function accountIn({ arn }: Identity): string {
  return arn.split(":")[4] ?? "";
}

/** The calls on the key that InvokeAgent leads to. */
export function keyRequests(identity: Identity, agent: AgentArn, key: KeyFacts): readonly Request[] {
  const filled = contextOf(OF_THE_KMS_CALL, filler(identity, agent), key, "as-known");
  const context = { ...filled, keys: new Map([...filled.keys, ...personal(identity)]) };
  const principal = requesterFor(identity);
  return CALLER_ACTIONS.map((action) => requestOf(principal, action, key, context));
}

/** InvokeAgent on one alias, by what is known of any such call. */
export function invokeRequest(identity: Identity, agent: AgentArn, alias: string, context: RequestContext): Request {
  return { principal: requesterFor(identity), action: INVOKE, resource: aliasOf(agent, alias), context };
}

export function invokeContext(identity: Identity, agent: AgentArn): RequestContext {
  const fill = filler(identity, agent);
  const keys = new Map<string, ContextValue>([["aws:resourceaccount", value(accountOf(agent))], ...personal(identity)]);
  for (const [name, fact] of Object.entries(AS_CALLER)) {
    keys.set(name.toLowerCase(), "value" in fact ? value(fill(fact.value)) : ABSENT);
  }
  return { keys, others: "unknown" };
}

/**
 * A user's name and tags. A role's tags say less: a session may bring tags of its own, in place of the role's.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
 */
function personal(identity: Identity): readonly (readonly [string, ContextValue])[] {
  if (identity.kind === "role") return [["aws:username", ABSENT]];
  const tags = [...identity.tags].map(([key, text]) => [`aws:principaltag/${key.toLowerCase()}`, value(text)] as const);
  return [["aws:username", value(identity.name)], ...tags];
}

function filler(identity: Identity, agent: AgentArn): (text: string) => string {
  const values: Readonly<Record<string, string>> = {
    caller: identity.arn,
    callerAccount: accountIn(identity),
    callerType: identity.kind === "role" ? "AssumedRole" : "User",
    region: partsOf(agent).region,
    agentArn: agent,
  };
  return (text) =>
    text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
      const filled = values[name];
      if (filled === undefined) throw new Error(`nothing to fill in for \`${name}\` in \`${text}\``);
      return filled;
    });
}
