/**
 * All that decides about one identity's calls: its own inline and managed policies, those of its groups, its boundary;
 * and apart from them the guard's own policy.
 *
 * What can't be read, or is not there to be read, may say anything: it is a document that perhaps allows and perhaps
 * denies whatever is asked.
 */
import type { PolicyDocument, Statement } from "../policy/document.ts";
import type { IamAccount, Identity, PolicyHolder, PolicyText } from "./account.ts";
import { OWN_POLICY, type OwnPolicy, readOwnPolicy } from "./own-policy.ts";

/** Where a policy comes from, to name it to a person. */
export type Origin =
  | { readonly kind: "inline"; readonly name: string }
  | { readonly kind: "managed"; readonly arn: string }
  | { readonly kind: "group"; readonly group: string; readonly policy: string }
  | { readonly kind: "boundary"; readonly arn: string }
  | { readonly kind: "key-policy"; readonly key: string };

export interface NamedPolicy {
  readonly origin: Origin;
  readonly document: PolicyDocument;
}

export interface Policies {
  /** Without the guard's own. */
  readonly identity: readonly NamedPolicy[];
  readonly boundary: NamedPolicy | undefined;
  readonly own: OwnPolicy;
  /** What the other inline policies take of the identity's limit. */
  readonly inlineCharacters: number;
}

export function policiesOf(account: IamAccount, identity: Identity): Policies {
  const own = readOwnPolicy(identity.inline.find(({ name }) => name === OWN_POLICY)?.policy);
  // A policy of the guard's name that is not the guard's work speaks like any other.
  const inline = own.kind === "ours" ? identity.inline.filter(({ name }) => name !== OWN_POLICY) : identity.inline;
  const boundary = identity.boundary;
  const groups = identity.kind === "user" ? identity.groups : [];
  return {
    identity: [
      ...inline.map(({ name, policy }) => named({ kind: "inline", name }, policy)),
      ...identity.attached.map((arn) => named({ kind: "managed", arn }, managed(account, arn))),
      ...groups.flatMap((group) => ofGroup(account, group)),
    ],
    boundary:
      boundary === undefined ? undefined : named({ kind: "boundary", arn: boundary }, managed(account, boundary)),
    own,
    inlineCharacters: inline.reduce((sum, { policy }) => sum + policy.characters, 0),
  };
}

function ofGroup(account: IamAccount, group: string): readonly NamedPolicy[] {
  const found: PolicyHolder | undefined = account.groups.get(group);
  if (!found) return [named({ kind: "group", group, policy: "its policies" }, NOT_GIVEN)];
  return [
    ...found.inline.map(({ name, policy }) => named({ kind: "group", group, policy: name }, policy)),
    ...found.attached.map((arn) => named({ kind: "group", group, policy: arn }, managed(account, arn))),
  ];
}

const NOT_GIVEN: PolicyText = {
  kind: "unreadable",
  reason: "it is not among the policies that were read",
  characters: 0,
};

function managed(account: IamAccount, arn: string): PolicyText {
  return account.managed.get(arn) ?? NOT_GIVEN;
}

function named(origin: Origin, policy: PolicyText): NamedPolicy {
  return { origin, document: policy.kind === "read" ? policy.document : opaque(policy, inWords(origin)) };
}

const OPAQUE = new WeakMap<PolicyText, Map<string, PolicyDocument>>();

/** A document that is not understood at all; one for all who hold it. */
export function opaque(policy: Extract<PolicyText, { kind: "unreadable" }>, name: string): PolicyDocument {
  const known = OPAQUE.get(policy) ?? new Map<string, PolicyDocument>();
  OPAQUE.set(policy, known);
  const former = known.get(name);
  if (former) return former;
  const statement = (index: number, effect: Statement["effect"]): Statement => ({
    index,
    sid: undefined,
    effect,
    principal: undefined,
    action: undefined,
    resource: undefined,
    conditions: [],
    notUnderstood: [`${name} (${policy.reason})`],
    raw: {},
  });
  const statements = [statement(0, "Allow"), statement(1, "Deny")];
  const made: PolicyDocument = { version: "2012-10-17", statements, raw: {} };
  known.set(name, made);
  return made;
}

export function inWords(origin: Origin): string {
  switch (origin.kind) {
    case "inline":
      return `inline policy ${origin.name}`;
    case "managed":
      return `managed policy ${origin.arn}`;
    case "group":
      return `policy ${origin.policy} of group ${origin.group}`;
    case "boundary":
      return `permissions boundary ${origin.arn}`;
    case "key-policy":
      return `key policy of ${origin.key}`;
    default:
      return origin satisfies never;
  }
}
