/**
 * Whether a policy leaves somebody who can change it again. A key whose policy nobody can change is lost to its owner:
 * only AWS Support can help.
 *
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key
 */
import { type AccountId, accountId, accountOf, type KeyArn, partsOf } from "../arn.ts";
import { decideAccess } from "../policy/access.ts";
import { decide } from "../policy/decide.ts";
import type { PolicyDocument, PrincipalMember } from "../policy/document.ts";
import { ABSENT, type ContextValue, type Requester, requesterOf, value } from "../policy/request.ts";

export type Lockout =
  /** A principal is named, or the account's IAM is left to decide. Whether the principal exists is not asked. */
  | { readonly kind: "somebody" }
  /** Nobody for certain: it depends on these condition keys. */
  | { readonly kind: "perhaps"; readonly on: readonly string[] }
  | { readonly kind: "nobody" };

/** @param key - without it, each principal is taken to be of the key's account */
export function lockedOut(policy: PolicyDocument, key?: KeyArn): Lockout {
  const members = policy.statements
    .filter((statement) => statement.effect === "Allow")
    .flatMap((statement) => statement.principal?.members ?? []);
  const on = new Set<string>();
  for (const principal of candidates(members, key)) {
    for (const resource of key ? [key] : keysOf(policy, principal)) {
      const request = { principal, action: "kms:PutKeyPolicy", resource, context: contextOf(principal) };
      const decision = isNameless(principal)
        ? decideAccess({ keyPolicy: policy, identityPolicies: [EVERYTHING], request })
        : decide(policy, request);
      if (decision.kind === "allowed") return { kind: "somebody" };
      for (const name of decision.dependsOn) on.add(name);
    }
  }
  return on.size === 0 ? { kind: "nobody" } : { kind: "perhaps", on: [...on].sort() };
}

/** Where the key policy leaves it to IAM, somebody there may be let. */
const EVERYTHING: PolicyDocument = {
  version: "2012-10-17",
  statements: [
    {
      index: 0,
      sid: undefined,
      effect: "Allow",
      principal: undefined,
      action: { negated: false, members: ["*"] },
      resource: { negated: false, members: ["*"] },
      conditions: [],
      notUnderstood: [],
      raw: {},
    },
  ],
  raw: {},
};

type Person = Extract<Requester, { kind: "root" | "role" | "session" | "user" }>;

/** Those who are named, and who stands for an account: PutKeyPolicy takes no calls from other accounts. */
function candidates(members: readonly PrincipalMember[], key: KeyArn | undefined): readonly Person[] {
  const texts = new Set(members.map((member) => (member.kind === "everyone" ? "*" : member.value)));
  const people = [...texts].flatMap((text) => peopleOf(text, key));
  return key ? people.filter(({ account }) => account === accountOf(key)) : people;
}

/** Any account will do where none is given. */
const SOME_ACCOUNT = "111122223333" as AccountId;

function peopleOf(text: string, key: KeyArn | undefined): readonly Person[] {
  const partition = key ? partsOf(key).partition : "aws";
  const account = text === "*" ? (key ? accountOf(key) : SOME_ACCOUNT) : accountId(text);
  if (account) return anybodyOf(account, partition);
  const requester = requesterOf(text);
  switch (requester?.kind) {
    case "root":
      return anybodyOf(requester.account, requester.partition);
    case "role":
    case "session":
    case "user":
      return [requester];
  }
  return [];
}

/** The root user, and a role of whom no more is known: no role's name has a space in it. */
function anybodyOf(account: string, partition: string): readonly Person[] {
  const role = { kind: "role", arn: `arn:${partition}:iam::${account}:role/${NAMELESS}`, account } as const;
  return [{ kind: "root", partition, account }, role];
}

const NAMELESS = "some role";

function isNameless(principal: Person): boolean {
  return principal.kind === "role" && principal.arn.endsWith(NAMELESS);
}

/** Keys that the policy speaks of, and one of which it does not: a policy in a file does not say whose it is. */
function keysOf(policy: PolicyDocument, { account }: Person): readonly string[] {
  const named = policy.statements
    .flatMap((statement) => statement.resource?.members ?? [])
    .filter((resource) => resource.includes(":key/"))
    .map((pattern) => pattern.replaceAll(/[*?]/g, "0"));
  return [...new Set([...named, `arn:aws:kms:us-east-1:${account}:key/00000000-0000-0000-0000-000000000000`])];
}

/** What a call of a person carries for certain; whether they come with MFA, or from where, is not known. */
function contextOf(principal: Person) {
  const root = principal.kind === "root";
  const arn = root ? `arn:${principal.partition}:iam::${principal.account}:root` : principal.arn;
  const keys = new Map<string, ContextValue>([
    ["aws:principalisawsservice", value("false")],
    ["aws:principalservicename", ABSENT],
    ["aws:principalaccount", value(principal.account)],
    ["kms:calleraccount", value(principal.account)],
    ["aws:securetransport", value("true")],
    ["kms:bypasspolicylockoutsafetycheck", value("false")],
  ]);
  // For a session it is its role's ARN, whose path the session's does not tell.
  if (principal.kind !== "session" && !isNameless(principal)) keys.set("aws:principalarn", value(arn));
  return { keys, others: "unknown" as const };
}
