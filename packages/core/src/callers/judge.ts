/**
 * Whether a caller of an agent can use the agent's key: what the key policy, the caller's policies and its boundary say
 * together to the calls that InvokeAgent leads to. There is no false "able": what can't be proved depends, or is refused.
 */
import type { AgentArn } from "../arn.ts";
import { parsePolicy } from "../policy/document.ts";
import type { Request } from "../policy/request.ts";
import type { KeyFacts } from "../requirements/instance.ts";
import type { Identity } from "./account.ts";
import { type Answer, ask, type Deciding, type Voices } from "./ask.ts";
import { keyRequests } from "./documented.ts";
import { OWN_POLICY, ownDocument } from "./own-policy.ts";
import type { NamedPolicy } from "./policies.ts";

export interface KnownKey {
  readonly facts: KeyFacts;
  /** Of the key that can't be read: a document that is not understood (`opaque`). */
  readonly policy: NamedPolicy;
}

export type CallerVerdict =
  /** Each call is proved allowed. */
  | { readonly kind: "able"; readonly by: readonly Deciding[] }
  /** No policy of the caller's allows it; one that did would be enough. */
  | { readonly kind: "lacks"; readonly actions: readonly string[] }
  | { readonly kind: "denied"; readonly actions: readonly string[]; readonly by: Denial }
  | {
      readonly kind: "depends";
      readonly actions: readonly string[];
      /** Condition keys, or what is not understood. */
      readonly on: readonly string[];
      readonly by: readonly Deciding[];
    }
  /** The key policy neither names the caller nor leaves it to IAM: no policy of the caller's changes that. */
  | { readonly kind: "stopped"; readonly actions: readonly string[] };

export type Denial =
  | { readonly kind: "statements"; readonly statements: readonly Deciding[] }
  /** Nobody said no; the caller's boundary does not say yes. */
  | { readonly kind: "boundary"; readonly arn: string };

/** @param voices what the caller's policies say of keys */
export function judgeCaller(identity: Identity, voices: Voices, agent: AgentArn, key: KnownKey): CallerVerdict {
  const requests = keyRequests(identity, agent, key.facts);
  const asked = requests.map((request) => ({ request, answer: ask(voices, request, key.policy) }));
  const of = (kind: Answer["kind"]) => asked.filter(({ answer }) => answer.kind === kind);

  const denied = of("denied");
  if (denied.length > 0) {
    return { kind: "denied", actions: actionsOf(denied), by: { kind: "statements", statements: statementsOf(denied) } };
  }
  const missing = of("not-allowed");
  const given = missing.map(({ request }) => ({ request, answer: askWithGrant(voices, request, agent, key) }));
  const vain = given.filter(({ answer }) => answer.kind === "not-allowed" || answer.kind === "denied");
  if (vain.length > 0) return whyInVain(vain, voices, agent, key);
  // Where a condition or a Deny may still decide, an addition would not settle it: that is for a person.
  const open = [...of("depends"), ...given.filter(({ answer }) => answer.kind === "depends")];
  if (open.length > 0) {
    const on = [...new Set(open.flatMap(({ answer }) => answer.dependsOn))].sort();
    return { kind: "depends", actions: actionsOf(open), on, by: statementsOf(open) };
  }
  if (missing.length > 0) return { kind: "lacks", actions: actionsOf(missing) };
  return { kind: "able", by: statementsOf(asked) };
}

type Asked = { readonly request: Request; readonly answer: Answer };

function askWithGrant(voices: Voices, request: Request, agent: AgentArn, key: KnownKey): Answer {
  return ask({ ...voices, identity: [...voices.identity, grantFor(agent, key)] }, request, key.policy);
}

function whyInVain(vain: readonly Asked[], voices: Voices, agent: AgentArn, key: KnownKey): CallerVerdict {
  const actions = actionsOf(vain);
  const { boundary } = voices;
  const free = { ...voices, boundary: undefined };
  const bounded = vain.every(({ request }) => askWithGrant(free, request, agent, key).kind !== "not-allowed");
  return boundary && bounded && boundary.origin.kind === "boundary"
    ? { kind: "denied", actions, by: { kind: "boundary", arn: boundary.origin.arn } }
    : { kind: "stopped", actions };
}

const GRANTS = new WeakMap<KnownKey, Map<AgentArn, NamedPolicy>>();

/** What the guard would give to the caller, and no more. */
function grantFor(agent: AgentArn, key: KnownKey): NamedPolicy {
  const known = GRANTS.get(key) ?? new Map<AgentArn, NamedPolicy>();
  GRANTS.set(key, known);
  const former = known.get(agent);
  if (former) return former;
  const parsed = parsePolicy(JSON.stringify(ownDocument(new Map([[key.facts.arn, [agent]]]))));
  if (parsed.kind === "malformed") throw new Error(`the guard's own policy is malformed: ${parsed.reason}`);
  const made: NamedPolicy = { origin: { kind: "inline", name: OWN_POLICY }, document: parsed.policy };
  known.set(agent, made);
  return made;
}

function actionsOf(asked: readonly Asked[]): readonly string[] {
  return [...new Set(asked.map(({ request }) => request.action))];
}

function statementsOf(asked: readonly Asked[]): readonly Deciding[] {
  const all = asked.flatMap(({ answer }) => answer.because);
  return all.filter((one, i) => all.findIndex(({ statement }) => statement === one.statement) === i);
}
