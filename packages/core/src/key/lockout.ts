/**
 * Whether a policy leaves somebody who can change it again. A key whose policy nobody can change is lost to its owner:
 * only AWS Support can help.
 *
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key
 */
import { type AccountId, accountId, accountOf, type KeyArn, parseArn } from "../arn.ts";
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
      const decision = decide(policy, {
        principal,
        action: "kms:PutKeyPolicy",
        resource,
        context: contextOf(principal),
      });
      if (decision.kind === "allowed") return { kind: "somebody" };
      for (const name of decision.dependsOn) on.add(name);
    }
  }
  return on.size === 0 ? { kind: "nobody" } : { kind: "perhaps", on: [...on].sort() };
}

type Person = Extract<Requester, { kind: "root" | "role" | "session" | "user" }>;

/** Those who are named, and the root user for who is not: PutKeyPolicy takes no calls from other accounts. */
function candidates(members: readonly PrincipalMember[], key: KeyArn | undefined): readonly Person[] {
  const texts = new Set(members.flatMap((member) => (member.kind === "service" ? [] : [textOf(member)])));
  const people = [...texts].flatMap((text) => personOf(text, key) ?? []);
  return key ? people.filter(({ account }) => account === accountOf(key)) : people;
}

function textOf(member: PrincipalMember): string {
  return member.kind === "everyone" ? "*" : member.value;
}

/** Any account will do where none is given. */
const SOME_ACCOUNT = "111122223333";

function personOf(text: string, key: KeyArn | undefined): Person | undefined {
  const partition = (key && parseArn(key)?.partition) ?? "aws";
  if (text === "*") return { kind: "root", partition, account: key ? accountOf(key) : SOME_ACCOUNT };
  const account: AccountId | undefined = accountId(text);
  if (account) return { kind: "root", partition, account };
  const requester = requesterOf(text);
  switch (requester?.kind) {
    case "root":
    case "role":
    case "session":
    case "user":
      return requester;
    default:
      return undefined;
  }
}

/** The keys that the policy names, and one that it does not: a policy in a file does not say whose it is. */
function keysOf(policy: PolicyDocument, { account }: Person): readonly string[] {
  const named = policy.statements
    .flatMap((statement) => statement.resource?.members ?? [])
    .filter((resource) => resource.includes(":key/") && !/[*?$]/.test(resource));
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
  if (principal.kind !== "session") keys.set("aws:principalarn", value(arn));
  return { keys, others: "unknown" as const };
}
