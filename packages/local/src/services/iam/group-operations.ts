import { ServiceError } from "../shared/errors.ts";
import {
  allow,
  type IamCall,
  type IamOperation,
  type NamedOperation,
  newArn,
  noSuch,
  ownAccount,
  requiredName,
} from "./call.ts";
import { requireGroup } from "./holder-calls.ts";
import type { Identity } from "./identities.ts";
import { printGroup } from "./print.ts";

const createGroup: IamOperation = {
  writes: true,
  run(call) {
    const { groups } = call.emulation;
    const name = requiredName(call, "GroupName");
    const arn = newArn(call, "group", name);
    allow(call, "iam:CreateGroup", arn);
    if (groups.byName(ownAccount(call), name)) {
      throw new ServiceError("EntityAlreadyExists", `Group with name ${name} already exists.`);
    }
    return { Group: printGroup(groups.add(arn)) };
  },
};

const deleteGroup: IamOperation = {
  writes: true,
  run(call) {
    const group = requireGroup(call, "iam:DeleteGroup");
    if (group.members.size + group.policies.size + group.attached.size > 0) {
      throw new ServiceError("DeleteConflict", "Cannot delete entity, must remove its users and policies first.");
    }
    call.emulation.groups.remove(group);
    return undefined;
  },
};

const addUserToGroup: IamOperation = {
  writes: true,
  run(call) {
    const group = requireGroup(call, "iam:AddUserToGroup");
    group.members.add(requireMember(call).id);
    return undefined;
  },
};

const removeUserFromGroup: IamOperation = {
  writes: true,
  run(call) {
    const group = requireGroup(call, "iam:RemoveUserFromGroup");
    group.members.delete(requireMember(call).id);
    return undefined;
  },
};

export const groupOperations: readonly NamedOperation[] = [
  ["CreateGroup", createGroup],
  ["DeleteGroup", deleteGroup],
  ["AddUserToGroup", addUserToGroup],
  ["RemoveUserFromGroup", removeUserFromGroup],
];

/** The permission is on the group alone. */
function requireMember(call: IamCall): Identity {
  const name = requiredName(call, "UserName");
  const user = call.emulation.identities.byName("user", ownAccount(call), name);
  if (!user) throw noSuch(`The user with name ${name} cannot be found.`);
  return user;
}
