/**
 * One question to an identity's policies, with a key's policy or without. Each document is cut once, to the statements that
 * can speak of the actions that are asked about: most of an account's policies say nothing of Bedrock or KMS.
 *
 * INVARIANT: what is left out certainly does not match; what is not understood stays.
 */
import { type AccessDecision, decideAccess } from "../policy/access.ts";
import type { PolicyDocument, Statement } from "../policy/document.ts";
import { relevantPart } from "../policy/prepared.ts";
import type { Request } from "../policy/request.ts";
import { actionMatches } from "../policy/statement.ts";
import { asKeyPolicySees } from "../policy/worlds.ts";
import { CALLER_ACTIONS, INVOKE } from "./documented.ts";
import type { NamedPolicy, Origin, Policies } from "./policies.ts";

export type Topic = "invoke" | "key";

const ACTIONS: Readonly<Record<Topic, readonly string[]>> = { invoke: [INVOKE], key: CALLER_ACTIONS };

/** What of an identity's policies speaks of one topic. */
export interface Voices {
  readonly identity: readonly NamedPolicy[];
  readonly boundary: NamedPolicy | undefined;
}

export function voicesOn(topic: Topic, { identity, boundary }: Omit<Policies, "own" | "inlineCharacters">): Voices {
  return {
    identity: identity.flatMap((policy) => {
      const part = partOn(topic, policy.document);
      return part.statements.length === 0 ? [] : [{ ...policy, document: part }];
    }),
    // A boundary that says nothing allows nothing.
    boundary: boundary && { ...boundary, document: partOn(topic, boundary.document) },
  };
}

const PARTS: Readonly<Record<Topic, WeakMap<PolicyDocument, PolicyDocument>>> = {
  invoke: new WeakMap(),
  key: new WeakMap(),
};

function partOn(topic: Topic, document: PolicyDocument): PolicyDocument {
  const former = PARTS[topic].get(document);
  if (former) return former;
  const statements = document.statements.filter((statement) => speaksOf(statement, ACTIONS[topic]));
  const part = statements.length === document.statements.length ? document : { ...document, statements };
  PARTS[topic].set(document, part);
  return part;
}

function speaksOf({ notUnderstood, action }: Statement, actions: readonly string[]): boolean {
  return notUnderstood.length > 0 || actions.some((one) => actionMatches(action, one).kind !== "no");
}

/** A statement that decided, and the policy that it stands in. */
export interface Deciding {
  readonly origin: Origin;
  readonly statement: Statement;
}

export interface Answer {
  readonly kind: AccessDecision["kind"];
  readonly because: readonly Deciding[];
  readonly dependsOn: readonly string[];
}

export function ask(voices: Voices, request: Request, keyPolicy?: NamedPolicy): Answer {
  const { identity, boundary } = voices;
  const decision = decideAccess({
    identityPolicies: identity.map(({ document }) => document),
    ...(boundary ? { boundary: boundary.document } : {}),
    ...(keyPolicy ? { keyPolicy: relevantPart(keyPolicy.document, asKeyPolicySees(request)) } : {}),
    request,
  });
  const because = decision.because.flatMap(({ source, policy, statement }): readonly Deciding[] => {
    const from = source === "identity-policy" ? identity[policy] : source === "boundary" ? boundary : keyPolicy;
    if (!from) return [];
    // A key policy's statements may be cut; an answer names those of the policy.
    const whole = source === "key-policy" ? from.document.statements[statement.index] : statement;
    return whole ? [{ origin: from.origin, statement: whole }] : [];
  });
  return { kind: decision.kind, because, dependsOn: decision.dependsOn };
}
