/** The account's managed policies and their versions. */
import { ServiceError } from "../shared/errors.ts";
import {
  allow,
  type IamCall,
  type IamOperation,
  type NamedOperation,
  newArn,
  noSuch,
  required,
  requiredName,
} from "./call.ts";
import { managedMustFit, oneMoreVersion } from "./limits.ts";
import type { ManagedPolicy, PolicyVersion } from "./managed-policies.ts";
import { identityPolicyText } from "./policy-grammar.ts";
import { printPolicy, urlEncoded } from "./print.ts";

const createPolicy: IamOperation = {
  writes: true,
  run(call) {
    const { managedPolicies } = call.emulation;
    const name = requiredName(call, "PolicyName");
    const arn = newArn(call, "policy", name);
    allow(call, "iam:CreatePolicy", arn);
    if (managedPolicies.byArn(arn)) {
      throw new ServiceError(
        "EntityAlreadyExists",
        `A policy called ${name} already exists. Duplicate names are not allowed.`,
      );
    }
    const text = identityPolicyText(call, "PolicyDocument");
    managedMustFit(text);
    return { Policy: printPolicy(managedPolicies.add(arn, text)) };
  },
};

const getPolicy: IamOperation = {
  writes: false,
  run(call) {
    return { Policy: printPolicy(requirePolicy(call, "iam:GetPolicy")) };
  },
};

const deletePolicy: IamOperation = {
  writes: true,
  run(call) {
    const policy = requireOwnPolicy(call, "iam:DeletePolicy");
    if (isUsed(call, policy)) throw conflict("Cannot delete a policy attached to entities.");
    if (policy.versions.size > 1) {
      throw conflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions.",
      );
    }
    call.emulation.managedPolicies.remove(policy);
    return undefined;
  },
};

const createPolicyVersion: IamOperation = {
  writes: true,
  run(call) {
    const policy = requireOwnPolicy(call, "iam:CreatePolicyVersion");
    const text = identityPolicyText(call, "PolicyDocument");
    managedMustFit(text);
    oneMoreVersion(policy.versions);
    const version = call.emulation.managedPolicies.addVersion(policy, text);
    if (call.input.get("SetAsDefault") === "true") policy.defaultVersion = version.id;
    return { PolicyVersion: printVersion(policy, version) };
  },
};

const getPolicyVersion: IamOperation = {
  writes: false,
  run(call) {
    const policy = requirePolicy(call, "iam:GetPolicyVersion");
    const version = requireVersion(call, policy);
    return { PolicyVersion: { ...printVersion(policy, version), Document: urlEncoded(version.document) } };
  },
};

const setDefaultPolicyVersion: IamOperation = {
  writes: true,
  run(call) {
    const policy = requireOwnPolicy(call, "iam:SetDefaultPolicyVersion");
    policy.defaultVersion = requireVersion(call, policy).id;
    return undefined;
  },
};

const deletePolicyVersion: IamOperation = {
  writes: true,
  run(call) {
    const policy = requireOwnPolicy(call, "iam:DeletePolicyVersion");
    const { id } = requireVersion(call, policy);
    if (id === policy.defaultVersion) throw conflict("Cannot delete the default version of a policy.");
    policy.versions.delete(id);
    return undefined;
  },
};

export const managedOperations: readonly NamedOperation[] = [
  ["CreatePolicy", createPolicy],
  ["GetPolicy", getPolicy],
  ["DeletePolicy", deletePolicy],
  ["CreatePolicyVersion", createPolicyVersion],
  ["GetPolicyVersion", getPolicyVersion],
  ["SetDefaultPolicyVersion", setDefaultPolicyVersion],
  ["DeletePolicyVersion", deletePolicyVersion],
];

export function printVersion(policy: ManagedPolicy, { id, createdAt }: PolicyVersion): Record<string, string> {
  return {
    VersionId: id,
    IsDefaultVersion: String(id === policy.defaultVersion),
    CreateDate: createdAt.toISOString(),
  };
}

function requirePolicy(call: IamCall, action: string): ManagedPolicy {
  const arn = required(call, "PolicyArn");
  allow(call, action, arn);
  const policy = call.emulation.managedPolicies.byArn(arn);
  if (!policy) throw noSuch(`Policy ${arn} was not found.`);
  return policy;
}

/** One that is the account's to change: those of AWS are not. */
function requireOwnPolicy(call: IamCall, action: string): ManagedPolicy {
  const policy = requirePolicy(call, action);
  if (policy.account === "aws")
    throw new ServiceError("AccessDenied", `${action} may not be performed on ${policy.arn}`);
  return policy;
}

function requireVersion(call: IamCall, policy: ManagedPolicy): PolicyVersion {
  const id = required(call, "VersionId");
  const version = policy.versions.get(id);
  if (!version) throw noSuch(`Policy ${policy.arn} version ${id} does not exist or is not attachable.`);
  return version;
}

function isUsed({ emulation: { identities, groups } }: IamCall, { arn }: ManagedPolicy): boolean {
  const bounded = identities.all().some(({ boundary }) => boundary === arn);
  return bounded || [...identities.all(), ...groups.all()].some(({ attached }) => attached.has(arn));
}

function conflict(message: string): ServiceError {
  return new ServiceError("DeleteConflict", message);
}
