import { newUniqueId } from "../shared/ids.ts";

export type HolderKind = "role" | "user" | "group";

/** What policies are put on: a role, a user or a group. */
export interface PolicyHolder {
  readonly kind: HolderKind;
  /** With its path. */
  readonly arn: string;
  readonly name: string;
  /** Starts and ends with `/`. */
  readonly path: string;
  readonly account: string;
  /** `AROA…`, `AIDA…` or `AGPA…`: a deleted one's successor of the same name has another one. */
  readonly id: string;
  readonly createdAt: Date;
  /** Inline policies by name, as they were given. */
  readonly policies: Map<string, string>;
  /** ARNs of managed policies. */
  readonly attached: Set<string>;
}

const PREFIX = { role: "AROA", user: "AIDA", group: "AGPA" } as const;

export function newHolder<Kind extends HolderKind>(
  kind: Kind,
  arn: string,
  createdAt: Date,
): PolicyHolder & { kind: Kind } {
  const id = newUniqueId(PREFIX[kind]);
  return { kind, arn, ...nameParts(arn), id, createdAt, policies: new Map(), attached: new Set() };
}

/** What an ARN of IAM says: `arn:aws:iam::ACCOUNT:role/path/name`. */
export function nameParts(arn: string): { readonly account: string; readonly path: string; readonly name: string } {
  const [, , , , account = "", resource = ""] = arn.split(":");
  const parts = resource.split("/");
  const path = parts.slice(1, -1).map((part) => `${part}/`);
  return { account, path: `/${path.join("")}`, name: parts.at(-1) ?? "" };
}

/** Names are unique within an account, whatever the path and the letters' size. */
export function named<Holder extends Pick<PolicyHolder, "account" | "name">>(
  holders: Iterable<Holder>,
  account: string,
  name: string,
): Holder | undefined {
  for (const one of holders) {
    if (one.account === account && one.name.toLowerCase() === name.toLowerCase()) return one;
  }
  return undefined;
}
