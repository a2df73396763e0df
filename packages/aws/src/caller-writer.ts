import {
  DeleteRolePolicyCommand,
  DeleteUserPolicyCommand,
  type IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { type CallerArn, roleName } from "@bedrock-key-guard/core/arn.ts";
import { OWN_POLICY } from "@bedrock-key-guard/core/callers/own-policy.ts";
import type { CallerWrite, CallerWriter } from "@bedrock-key-guard/core/callers/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { kindOf } from "./caller-kind.ts";
import { AwsCallError, errorMessage } from "./errors.ts";
import { iamErrorCode, isIamThrottling, isNoSuchEntity } from "./iam-errors.ts";

export const callerWriterActions = {
  put: ["iam:PutRolePolicy", "iam:PutUserPolicy"],
  remove: ["iam:DeleteRolePolicy", "iam:DeleteUserPolicy"],
} as const satisfies ActionsOf<CallerWriter>;

/** Refusals that another try with the same document can't change. */
const REFUSALS: ReadonlySet<string> = new Set([
  "AccessDenied",
  "InvalidInput",
  "LimitExceeded",
  "MalformedPolicyDocument",
  // A service-linked role, or one of Identity Center's.
  "UnmodifiableEntity",
  "ValidationError",
]);

/**
 * INVARIANT: the policy's name is a constant here: no other policy of a role or user can be put or deleted.
 *
 * @param client - one that doesn't repeat a call by itself (`iamWriterClient`).
 */
export function iamCallerWriter(client: IAMClient): CallerWriter {
  return {
    put(caller: CallerArn, text: string): Promise<CallerWrite> {
      const name = roleName(caller);
      const policy = { PolicyName: OWN_POLICY, PolicyDocument: text };
      return kindOf(caller) === "user"
        ? writing("iam:PutUserPolicy", caller, () =>
            client.send(new PutUserPolicyCommand({ UserName: name, ...policy })),
          )
        : writing("iam:PutRolePolicy", caller, () =>
            client.send(new PutRolePolicyCommand({ RoleName: name, ...policy })),
          );
    },

    async remove(caller: CallerArn): Promise<CallerWrite> {
      const name = roleName(caller);
      const policy = { PolicyName: OWN_POLICY };
      const write = await (kindOf(caller) === "user"
        ? writing("iam:DeleteUserPolicy", caller, () =>
            client.send(new DeleteUserPolicyCommand({ UserName: name, ...policy })),
          )
        : writing("iam:DeleteRolePolicy", caller, () =>
            client.send(new DeleteRolePolicyCommand({ RoleName: name, ...policy })),
          ));
      // IAM says the same of a policy that is not there and of a role that is not there: nothing is left of it either way.
      return write.kind === "gone" ? { kind: "written" } : write;
    },
  };
}

async function writing(action: string, caller: CallerArn, call: () => Promise<unknown>): Promise<CallerWrite> {
  try {
    await call();
    return { kind: "written" };
  } catch (error) {
    const code = iamErrorCode(error);
    if (isNoSuchEntity(error)) return { kind: "gone" };
    if (isIamThrottling(error)) return { kind: "throttled" };
    if (REFUSALS.has(code)) return { kind: "refused", code, message: errorMessage(error) };
    throw new AwsCallError(action, caller, error);
  }
}
