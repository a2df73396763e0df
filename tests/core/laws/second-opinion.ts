/** The naive evaluator of the local AWS asked the engine's questions: it shares no code with the engine. */
import type { AccessQuestion } from "../../../packages/core/src/policy/access.ts";
import { type PolicyDocument, parsePolicy } from "../../../packages/core/src/policy/document.ts";
import type { ContextValue, Request, Requester } from "../../../packages/core/src/policy/request.ts";
import type { Caller, NamedPolicy } from "../../../packages/local/src/contract.ts";
import { authorize } from "../../../packages/local/src/evaluator/authorize.ts";
import type { PolicyJson } from "./policies.ts";
import { possibleValues, roleOfSession } from "./requests.ts";

/** The policies of a question, as JSON. */
export interface Policies {
  readonly keyPolicy: PolicyJson;
  readonly identityPolicies: readonly PolicyJson[];
  readonly boundary?: PolicyJson | undefined;
}

export type Opinion = "allowed" | "denied" | "not-allowed";

/** What the evaluator says to a request of which everything is known. */
export function opinion({ keyPolicy, identityPolicies, boundary }: Policies, request: Request): Opinion {
  const answer = authorize({
    caller: callerOf(
      request.principal,
      identityPolicies.map((document, i) => ({ source: `policy ${i}`, document })),
    ),
    action: request.action,
    resource: request.resource,
    context: plain(request),
    resourcePolicy: { source: "the key's policy", document: keyPolicy },
    ...(boundary ? { boundary: { source: "the boundary", document: boundary } } : {}),
  });
  if (answer.kind === "allowed") return "allowed";
  return answer.explicit ? "denied" : "not-allowed";
}

/** The same question for the engine. */
export function questionOf({ keyPolicy, identityPolicies, boundary }: Policies, request: Request): AccessQuestion {
  return {
    keyPolicy: parsed(keyPolicy),
    identityPolicies: identityPolicies.map(parsed),
    ...(boundary ? { boundary: parsed(boundary) } : {}),
    request,
  };
}

export function parsed(json: PolicyJson): PolicyDocument {
  const read = parsePolicy(JSON.stringify(json));
  if (read.kind === "malformed") throw new Error(`the arbitrary policy is malformed: ${read.reason}`);
  return read.policy;
}

/**
 * All that a partly known request can turn out to be, as far as the policies ask; undefined where that is more than
 * `most`.
 */
export function allFillings(policies: Policies, request: Request, most: number): readonly Request[] | undefined {
  const text = JSON.stringify(policies).toLowerCase();
  let contexts: readonly ReadonlyMap<string, ContextValue>[] = [request.context.keys];
  for (const [name, content] of request.context.keys) {
    if (content.kind !== "unknown" && content.kind !== "oneOf") continue;
    // A key that no policy asks for may as well hold the first thing that it can.
    const possible = possibleValues(name, content).slice(0, text.includes(name) ? undefined : 1);
    contexts = contexts.flatMap((keys) => possible.map((value) => new Map([...keys, [name, value] as const])));
    if (contexts.length > most) return undefined;
  }
  return contexts.map((keys) => ({ ...request, context: { ...request.context, keys } }));
}

function callerOf(requester: Requester, policies: readonly NamedPolicy[]): Caller {
  switch (requester.kind) {
    case "service":
      return { kind: "service", name: requester.name };
    case "role":
      return { kind: "role", roleArn: requester.arn, sessionName: "s1", account: requester.account, policies };
    case "session": {
      const { sessionName, account } = requester;
      return { kind: "role", roleArn: roleOfSession(requester.arn), sessionName, account, policies };
    }
    case "user":
      return { kind: "user", arn: requester.arn, account: requester.account, policies };
    case "root": {
      const arn = `arn:${requester.partition}:iam::${requester.account}:root`;
      return { kind: "user", arn, account: requester.account, policies };
    }
    case "federated":
    case "anonymous":
      throw new Error(`the evaluator has no caller like \`${requester.kind}\``);
    default:
      return requester satisfies never;
  }
}

function plain(request: Request): Readonly<Record<string, readonly string[]>> {
  const present = [...request.context.keys].flatMap(([key, content]) =>
    content.kind === "known" ? [[key, content.values] as const] : [],
  );
  return Object.fromEntries(present);
}
