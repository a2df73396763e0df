import {
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  type IAMClient,
  type Tag,
} from "@aws-sdk/client-iam";
import { type CallerArn, roleName } from "@bedrock-key-guard/core/arn.ts";
import { OWN_POLICY } from "@bedrock-key-guard/core/callers/own-policy.ts";
import type { CallerIdentities, CallerReading } from "@bedrock-key-guard/core/callers/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { kindOf } from "./caller-kind.ts";
import { AwsCallError, errorMessage, isAccessDenied } from "./errors.ts";
import { iamErrorCode, isNoSuchEntity } from "./iam-errors.ts";

export const callerIdentitiesActions = {
  read: ["iam:GetRole", "iam:GetRolePolicy", "iam:GetUser", "iam:GetUserPolicy"],
} as const satisfies ActionsOf<CallerIdentities>;

interface Found {
  readonly arn: string | undefined;
  readonly uniqueId: string | undefined;
  readonly tags: readonly Tag[] | undefined;
}

interface Calls {
  readonly find: { readonly action: string; call(): Promise<Found> };
  readonly policy: { readonly action: string; call(): Promise<string | undefined> };
}

/** IAM finds a role or user by its name alone, so the ARN that comes back is compared with the one asked for. */
export function iamCallerIdentities(client: IAMClient): CallerIdentities {
  return {
    async read(caller: CallerArn): Promise<CallerReading> {
      const { find, policy } = callsFor(client, caller);
      let found: Found;
      try {
        found = await find.call();
      } catch (error) {
        // What IAM would give nobody as a name is nobody's: it refuses the question.
        if (isNoSuchEntity(error) || iamErrorCode(error) === "ValidationError") return { kind: "gone" };
        return deniedOrThrown(find.action, caller, error);
      }
      if (found.arn !== caller) return { kind: "gone" };
      const tags = new Map((found.tags ?? []).map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
      const as = { kind: "found", uniqueId: found.uniqueId, tags } as const;
      try {
        const text = await policy.call();
        if (text === undefined) throw new Error("the answer has no policy");
        return { ...as, ownPolicy: decoded(text) };
      } catch (error) {
        if (isNoSuchEntity(error)) return { ...as, ownPolicy: undefined };
        return deniedOrThrown(policy.action, caller, error);
      }
    },
  };
}

function callsFor(client: IAMClient, caller: CallerArn): Calls {
  const name = roleName(caller);
  const kind = kindOf(caller);
  switch (kind) {
    case "role":
      return {
        find: {
          action: "iam:GetRole",
          call: async () => {
            const { Role } = await client.send(new GetRoleCommand({ RoleName: name }));
            return { arn: Role?.Arn, uniqueId: Role?.RoleId, tags: Role?.Tags };
          },
        },
        policy: {
          action: "iam:GetRolePolicy",
          call: async () =>
            (await client.send(new GetRolePolicyCommand({ RoleName: name, PolicyName: OWN_POLICY }))).PolicyDocument,
        },
      };
    case "user":
      return {
        find: {
          action: "iam:GetUser",
          call: async () => {
            const { User } = await client.send(new GetUserCommand({ UserName: name }));
            return { arn: User?.Arn, uniqueId: User?.UserId, tags: User?.Tags };
          },
        },
        policy: {
          action: "iam:GetUserPolicy",
          call: async () =>
            (await client.send(new GetUserPolicyCommand({ UserName: name, PolicyName: OWN_POLICY }))).PolicyDocument,
        },
      };
    default:
      return kind satisfies never;
  }
}

function deniedOrThrown(action: string, caller: CallerArn, error: unknown): CallerReading {
  if (isAccessDenied(error)) return { kind: "denied", message: errorMessage(error) };
  throw new AwsCallError(action, caller, error);
}

/** IAM URL-encodes documents (RFC 3986). What can't be decoded stays as it is: it is not a policy that the guard wrote. */
function decoded(text: string): string {
  if (!text.trimStart().startsWith("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
