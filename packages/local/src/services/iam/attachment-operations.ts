/** Managed policies on roles, users and groups, and permissions boundaries. */
import { type IamCall, type NamedOperation, noSuch, required } from "./call.ts";
import { mustBeModifiable, requireHolder, requireIdentity, SPELLING } from "./holder-calls.ts";
import type { HolderKind } from "./holders.ts";
import { oneMoreMayBeAttached } from "./limits.ts";
import type { ManagedPolicy } from "./managed-policies.ts";

export const attachmentOperations: readonly NamedOperation[] = [
  ...(["role", "user", "group"] as const).flatMap(attachments),
  ...(["role", "user"] as const).flatMap(boundaries),
];

function attachments(kind: HolderKind): readonly NamedOperation[] {
  const [attach, detach] = [`Attach${SPELLING[kind]}Policy`, `Detach${SPELLING[kind]}Policy`];
  return [
    [
      attach,
      {
        writes: true,
        run(call) {
          const arn = required(call, "PolicyArn");
          const holder = requireHolder(call, kind, `iam:${attach}`, { "iam:policyarn": [arn] });
          mustBeModifiable(holder);
          const policy = attachable(call, arn, "Policy");
          if (!holder.attached.has(policy.arn)) oneMoreMayBeAttached(holder);
          holder.attached.add(policy.arn);
          return undefined;
        },
      },
    ],
    [
      detach,
      {
        writes: true,
        run(call) {
          const arn = required(call, "PolicyArn");
          const holder = requireHolder(call, kind, `iam:${detach}`, { "iam:policyarn": [arn] });
          mustBeModifiable(holder);
          if (!holder.attached.delete(arn)) throw noSuch(`Policy ${arn} was not found.`);
          return undefined;
        },
      },
    ],
  ];
}

function boundaries(kind: "role" | "user"): readonly NamedOperation[] {
  const [put, remove] = [`Put${SPELLING[kind]}PermissionsBoundary`, `Delete${SPELLING[kind]}PermissionsBoundary`];
  return [
    [
      put,
      {
        writes: true,
        run(call) {
          const arn = required(call, "PermissionsBoundary");
          // What the policy asks for is the boundary that is to be.
          const identity = requireIdentity(call, kind, `iam:${put}`, { "iam:permissionsboundary": [arn] });
          mustBeModifiable(identity);
          identity.boundary = attachable(call, arn, "Scope").arn;
          return undefined;
        },
      },
    ],
    [
      remove,
      {
        writes: true,
        run(call) {
          const identity = requireIdentity(call, kind, `iam:${remove}`);
          mustBeModifiable(identity);
          if (identity.boundary === undefined) {
            throw noSuch(`The ${kind} ${identity.name} does not have a permissions boundary.`);
          }
          identity.boundary = undefined;
          return undefined;
        },
      },
    ],
  ];
}

/** A managed policy that may be put on something. */
export function attachable(call: IamCall, arn: string, what: "Policy" | "Scope"): ManagedPolicy {
  const policy = call.emulation.managedPolicies.byArn(arn);
  if (policy) return policy;
  const subject = what === "Policy" ? `Policy ${arn}` : `Scope ARN: ${arn}`;
  throw noSuch(`${subject} does not exist or is not attachable.`);
}
