/** Roles, users and groups as calls name them: one set of rules, three spellings. */
import { ServiceError } from "../shared/errors.ts";
import { allow, type IamCall, noSuch, ownAccount, requiredName } from "./call.ts";
import type { Group } from "./groups.ts";
import type { HolderKind, PolicyHolder } from "./holders.ts";
import type { Identity } from "./identities.ts";

/** How operations and parameters spell the kind: `PutRolePolicy`, `RoleName`. */
export const SPELLING = { role: "Role", user: "User", group: "Group" } as const satisfies Record<HolderKind, string>;

type Context = Readonly<Record<string, readonly string[]>>;

/** The holder that the call names, once the caller is allowed to do this with it. */
export function requireHolder(call: IamCall, kind: HolderKind, action: string, context: Context = {}): PolicyHolder {
  return kind === "group" ? requireGroup(call, action, context) : requireIdentity(call, kind, action, context);
}

export function requireIdentity(call: IamCall, kind: "role" | "user", action: string, context: Context = {}): Identity {
  const name = requiredName(call, `${SPELLING[kind]}Name`);
  const identity = call.emulation.identities.byName(kind, ownAccount(call), name);
  const known = { ...(identity ? contextOf(identity) : {}), ...context };
  allow(call, action, identity?.arn ?? `arn:aws:iam::${ownAccount(call)}:${kind}/${name}`, known);
  if (!identity) throw noSuch(`The ${kind} with name ${name} cannot be found.`);
  return identity;
}

export function requireGroup(call: IamCall, action: string, context: Context = {}): Group {
  const name = requiredName(call, "GroupName");
  const group = call.emulation.groups.byName(ownAccount(call), name);
  allow(call, action, group?.arn ?? `arn:aws:iam::${ownAccount(call)}:group/${name}`, context);
  if (!group) throw noSuch(`The group with name ${name} cannot be found.`);
  return group;
}

/**
 * The condition keys that follow from the role or user that is called about.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
function contextOf({ account, tags, boundary }: Identity): Context {
  const byTag = [...tags].flatMap(([key, value]) =>
    ["aws", "iam"].map((prefix) => [`${prefix}:resourcetag/${key.toLowerCase()}`, [value]] as const),
  );
  return {
    "aws:resourceaccount": [account],
    ...(boundary === undefined ? {} : { "iam:permissionsboundary": [boundary] }),
    ...Object.fromEntries(byTag),
  };
}

/** AWS keeps its hands on the roles that it makes for its services and for permission sets. */
export function mustBeModifiable({ kind, path, name }: PolicyHolder): void {
  if (kind !== "role" || !/^\/aws-(?:reserved|service-role)\//.test(path)) return;
  throw new ServiceError(
    "UnmodifiableEntity",
    `Cannot perform the operation on the protected role '${name}' - this role is only modifiable by AWS`,
  );
}
