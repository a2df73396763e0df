/** What moto's IAM holds: who has which policies, and what the guard has changed of them. */
import {
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  type IAMClient,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListUserPoliciesCommand,
  ListUsersCommand,
} from "@aws-sdk/client-iam";
import type { Caller, PolicyJson } from "../../packages/local/src/contract.ts";
import type { TrailedCall } from "./trail.ts";

/** Looks, and then tells which calls must have come since then. */
export type Watched = () => Promise<() => Promise<readonly Write[]>>;
export type Write = Pick<TrailedCall, "eventSource" | "eventName" | "request">;

const POLICY = "BedrockKeyGuard";

/** A role in a session, or a user, with its inline policies as they now stand. */
export async function motoCaller(iam: IAMClient, arn: string, account: string): Promise<Caller> {
  const name = arn.split("/").at(-1) ?? "";
  const kind = arn.includes(":role/") ? "role" : "user";
  const { PolicyNames = [] } = await (kind === "role"
    ? iam.send(new ListRolePoliciesCommand({ RoleName: name }))
    : iam.send(new ListUserPoliciesCommand({ UserName: name })));
  const policies = await Promise.all(
    PolicyNames.map(async (policy) => ({
      source: `${name}, policy ${policy}`,
      document: JSON.parse((await inlinePolicy(iam, kind, name, policy)) ?? "") as PolicyJson,
    })),
  );
  return kind === "role"
    ? { kind, roleArn: arn, sessionName: "session", account, policies }
    : { kind, arn, account, policies };
}

/** Moto's texts come encoded from some calls, and as they are from others. */
async function inlinePolicy(
  iam: IAMClient,
  kind: "role" | "user",
  name: string,
  PolicyName: string,
): Promise<string | undefined> {
  try {
    const { PolicyDocument = "" } = await (kind === "role"
      ? iam.send(new GetRolePolicyCommand({ RoleName: name, PolicyName }))
      : iam.send(new GetUserPolicyCommand({ UserName: name, PolicyName })));
    return PolicyDocument.startsWith("%") ? decodeURIComponent(PolicyDocument) : PolicyDocument;
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchEntityException") return undefined;
    throw error;
  }
}

export function callerWrites(iam: IAMClient): Watched {
  return async () => {
    const before = await guardsPolicies(iam);
    return async () => {
      const after = await guardsPolicies(iam);
      return [...after].flatMap(([id, { kind, name, text }]): Write[] => {
        if (before.get(id)?.text === text) return [];
        const request = { [kind === "role" ? "RoleName" : "UserName"]: name, PolicyName: POLICY };
        const what = kind === "role" ? "RolePolicy" : "UserPolicy";
        const eventSource = "iam.amazonaws.com";
        return text === undefined
          ? [{ eventSource, eventName: `Delete${what}`, request }]
          : [{ eventSource, eventName: `Put${what}`, request: { ...request, PolicyDocument: text } }];
      });
    };
  };
}

interface Held {
  readonly kind: "role" | "user";
  readonly name: string;
  readonly text: string | undefined;
}

async function guardsPolicies(iam: IAMClient): Promise<ReadonlyMap<string, Held>> {
  const { Roles = [] } = await iam.send(new ListRolesCommand({ MaxItems: 1000 }));
  const { Users = [] } = await iam.send(new ListUsersCommand({ MaxItems: 1000 }));
  const names = [
    ...Roles.map(({ RoleName = "" }) => ["role", RoleName] as const),
    ...Users.map(({ UserName = "" }) => ["user", UserName] as const),
  ];
  const held = await Promise.all(
    names.map(async ([kind, name]): Promise<[string, Held]> => {
      return [`${kind} ${name}`, { kind, name, text: await inlinePolicy(iam, kind, name, POLICY) }];
    }),
  );
  return new Map(held);
}
