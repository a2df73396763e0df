import { ServiceError } from "../shared/errors.ts";
import { type IamCall, type IamOperation, policyDocument, requiredName, requireRole } from "./call.ts";
import type { Identity } from "./identities.ts";

const putRolePolicy: IamOperation = {
  writes: true,
  run(call) {
    const role = requireRole(call, "iam:PutRolePolicy");
    role.policies.set(requiredName(call, "PolicyName"), policyDocument(call, "PolicyDocument"));
    return undefined;
  },
};

const getRolePolicy: IamOperation = {
  writes: false,
  run(call) {
    const role = requireRole(call, "iam:GetRolePolicy");
    const { name, text } = requirePolicy(call, role);
    return { RoleName: role.name, PolicyName: name, PolicyDocument: encodeURIComponent(text) };
  },
};

const deleteRolePolicy: IamOperation = {
  writes: true,
  run(call) {
    const role = requireRole(call, "iam:DeleteRolePolicy");
    role.policies.delete(requirePolicy(call, role).name);
    return undefined;
  },
};

export const policyOperations: readonly (readonly [string, IamOperation])[] = [
  ["PutRolePolicy", putRolePolicy],
  ["GetRolePolicy", getRolePolicy],
  ["DeleteRolePolicy", deleteRolePolicy],
];

function requirePolicy(call: IamCall, role: Identity): { name: string; text: string } {
  const name = requiredName(call, "PolicyName");
  const text = role.policies.get(name);
  if (text === undefined) {
    throw new ServiceError("NoSuchEntity", `The role policy with name ${name} cannot be found.`);
  }
  return { name, text };
}
