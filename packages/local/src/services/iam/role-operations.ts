import { ServiceError } from "../shared/errors.ts";
import type { Xml } from "../shared/query-protocol.ts";
import { allow, type IamOperation, invalid, ownAccount, policyDocument, requiredName, requireRole } from "./call.ts";
import type { Identity } from "./identities.ts";

const PATH = /^\/([\u0021-\u007e]+\/)?$/;

const createRole: IamOperation = {
  writes: true,
  run(call) {
    const { identities } = call.emulation;
    const name = requiredName(call, "RoleName");
    const arn = newArn(call.input.get("Path") ?? "/", ownAccount(call), "role", name);
    allow(call, "iam:CreateRole", arn);
    if (identities.byName("role", ownAccount(call), name)) {
      throw new ServiceError("EntityAlreadyExists", `Role with name ${name} already exists.`);
    }
    const trust = policyDocument(call, "AssumeRolePolicyDocument");
    const description = call.input.get("Description");
    return {
      Role: printRole(identities.add("role", arn, { trust, ...(description === null ? {} : { description }) })),
    };
  },
};

const getRole: IamOperation = {
  writes: false,
  run(call) {
    return { Role: printRole(requireRole(call, "iam:GetRole")) };
  },
};

const deleteRole: IamOperation = {
  writes: true,
  run(call) {
    const role = requireRole(call, "iam:DeleteRole");
    if (role.policies.size > 0) {
      throw new ServiceError("DeleteConflict", "Cannot delete entity, must delete policies first.");
    }
    call.emulation.identities.remove(role);
    return undefined;
  },
};

const createUser: IamOperation = {
  writes: true,
  run(call) {
    const { identities } = call.emulation;
    const name = requiredName(call, "UserName");
    const arn = newArn(call.input.get("Path") ?? "/", ownAccount(call), "user", name);
    allow(call, "iam:CreateUser", arn);
    if (identities.byName("user", ownAccount(call), name)) {
      throw new ServiceError("EntityAlreadyExists", `User with name ${name} already exists.`);
    }
    return { User: printUser(identities.add("user", arn)) };
  },
};

const deleteUser: IamOperation = {
  writes: true,
  run(call) {
    const { identities } = call.emulation;
    const name = requiredName(call, "UserName");
    const user = identities.byName("user", ownAccount(call), name);
    allow(call, "iam:DeleteUser", user?.arn ?? newArn("/", ownAccount(call), "user", name));
    if (!user) throw new ServiceError("NoSuchEntity", `The user with name ${name} cannot be found.`);
    identities.remove(user);
    return undefined;
  },
};

export const roleOperations: readonly (readonly [string, IamOperation])[] = [
  ["CreateRole", createRole],
  ["GetRole", getRole],
  ["DeleteRole", deleteRole],
  ["CreateUser", createUser],
  ["DeleteUser", deleteUser],
];

function newArn(path: string, account: string, kind: "role" | "user", name: string): string {
  if (!PATH.test(path)) throw invalid(`The specified value for Path is invalid: \`${path}\``);
  return `arn:aws:iam::${account}:${kind}${path}${name}`;
}

function printRole(role: Identity): Xml {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: role.createdAt.toISOString(),
    // IAM answers its documents URL-encoded.
    AssumeRolePolicyDocument: encodeURIComponent(role.trust),
    Description: role.description,
    MaxSessionDuration: "3600",
  };
}

function printUser(user: Identity): Xml {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: user.arn,
    CreateDate: user.createdAt.toISOString(),
  };
}
