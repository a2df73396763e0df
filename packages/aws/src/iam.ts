import { GetRoleCommand, type IAMClient } from "@aws-sdk/client-iam";
import { type RoleArn, roleName } from "@bedrock-key-guard/core/arn.ts";
import type { Roles } from "@bedrock-key-guard/core/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { AwsCallError, errorCode, errorMessage, isAccessDenied } from "./errors.ts";

export const rolesActions = { lookUp: ["iam:GetRole"] } as const satisfies ActionsOf<Roles>;

/**
 * An agent may name a role that no account can have: Bedrock takes other characters and lengths than IAM, which refuses
 * the very question. Asked again it would refuse again, and with it go the other agents of the key.
 */
const NO_SUCH_ROLE: ReadonlySet<string> = new Set(["NoSuchEntity", "NoSuchEntityException", "ValidationError"]);

/**
 * Looks roles up in the caller's own account. IAM finds a role by its name alone, so the ARN that comes back is
 * compared with the one asked for: a role of another account, or under another path, is unknown.
 */
export function iamRoles(client: IAMClient): Roles {
  return {
    async lookUp(role: RoleArn) {
      try {
        const { Role } = await client.send(new GetRoleCommand({ RoleName: roleName(role) }));
        return Role?.Arn === role ? { kind: "known" } : { kind: "unknown" };
      } catch (error) {
        if (NO_SUCH_ROLE.has(errorCode(error))) return { kind: "unknown" };
        if (isAccessDenied(error)) return { kind: "denied", message: errorMessage(error) };
        throw new AwsCallError("iam:GetRole", role, error);
      }
    },
  };
}
