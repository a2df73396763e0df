import { ServiceError } from "../shared/errors.ts";
import { attachable } from "./attachment-operations.ts";
import {
  allow,
  type IamCall,
  type IamOperation,
  type NamedOperation,
  newArn,
  ownAccount,
  requiredName,
} from "./call.ts";
import { mustBeModifiable, requireIdentity, SPELLING } from "./holder-calls.ts";
import type { Identity } from "./identities.ts";
import { trustPolicyText } from "./policy-grammar.ts";
import { printRole, printUser } from "./print.ts";
import { putTags, requestContext, requestedTags } from "./tag-operations.ts";

const createRole: IamOperation = {
  writes: true,
  run(call) {
    const role = create(call, "role", () => {
      const description = call.input.get("Description");
      const trust = trustPolicyText(call, "AssumeRolePolicyDocument");
      return { trust, ...(description === null ? {} : { description }) };
    });
    return { Role: printRole(role) };
  },
};

const getRole: IamOperation = {
  writes: false,
  run(call) {
    return { Role: printRole(requireIdentity(call, "role", "iam:GetRole")) };
  },
};

const deleteRole: IamOperation = {
  writes: true,
  run(call) {
    const role = requireIdentity(call, "role", "iam:DeleteRole");
    mustBeModifiable(role);
    remove(call, role);
    return undefined;
  },
};

const createUser: IamOperation = {
  writes: true,
  run(call) {
    return { User: printUser(create(call, "user", () => ({}))) };
  },
};

const getUser: IamOperation = {
  writes: false,
  run(call) {
    return { User: printUser(requireIdentity(call, "user", "iam:GetUser")) };
  },
};

const deleteUser: IamOperation = {
  writes: true,
  run(call) {
    const user = requireIdentity(call, "user", "iam:DeleteUser");
    if (call.emulation.groups.of(user).length > 0) {
      throw new ServiceError("DeleteConflict", "Cannot delete entity, must remove users from group first.");
    }
    remove(call, user);
    return undefined;
  },
};

export const roleOperations: readonly NamedOperation[] = [
  ["CreateRole", createRole],
  ["GetRole", getRole],
  ["DeleteRole", deleteRole],
  ["CreateUser", createUser],
  ["GetUser", getUser],
  ["DeleteUser", deleteUser],
];

function create(
  call: IamCall,
  kind: "role" | "user",
  more: () => { readonly trust?: string; readonly description?: string },
): Identity {
  const { identities } = call.emulation;
  const name = requiredName(call, `${SPELLING[kind]}Name`);
  const arn = newArn(call, kind, name);
  const tags = requestedTags(call);
  const boundary = call.input.get("PermissionsBoundary");
  allow(call, `iam:Create${SPELLING[kind]}`, arn, {
    ...requestContext(tags),
    ...(boundary === null ? {} : { "iam:permissionsboundary": [boundary] }),
  });
  if (identities.byName(kind, ownAccount(call), name)) {
    throw new ServiceError("EntityAlreadyExists", `${SPELLING[kind]} with name ${name} already exists.`);
  }
  const given = more();
  const bound = boundary === null ? undefined : attachable(call, boundary, "Scope").arn;
  const identity = identities.add(kind, arn, given);
  identity.boundary = bound;
  putTags(identity, tags);
  return identity;
}

function remove(call: IamCall, identity: Identity): void {
  const conflict = (what: string) => new ServiceError("DeleteConflict", `Cannot delete entity, must ${what} first.`);
  if (identity.policies.size > 0) throw conflict("delete policies");
  if (identity.attached.size > 0) throw conflict("detach all policies");
  call.emulation.identities.remove(identity);
}
