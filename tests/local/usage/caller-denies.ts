/** The Denies of the one role that writes to IAM: each has to fire. */
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import { OWN_POLICY } from "../../../packages/core/src/callers/own-policy.ts";
import type { Caller } from "../../../packages/local/src/contract.ts";
import { authorize } from "../../../packages/local/src/evaluator/authorize.ts";
import type { Clients } from "../../../packages/local/src/laptop.ts";
import { statementItem } from "../../../packages/local/src/runner/usage.ts";
import type { MadeAgent } from "../../../packages/local/src/scenes/acts.ts";
import type { Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { refused } from "./refused.ts";

const EVERYTHING = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
};
const PolicyDocument = JSON.stringify(EVERYTHING);

/**
 * Not even where somebody has given its role everything, by a policy beside its own.
 *
 * @returns items of the graph that were used by questions which no call of the emulation puts
 */
export async function callersMayNot(theatre: Theatre, agent: MadeAgent): Promise<ReadonlySet<string>> {
  const { laptop } = theatre;
  const { world, account, stack } = laptop;
  const own = stack.callerOf("callers");
  if (own.kind !== "role") throw new Error("a function calls as a role");
  const guard: Caller = {
    ...own,
    policies: [...own.policies, { source: "AdministratorAccess", document: EVERYTHING }],
  };
  const roles = ["aws-service-role/lex.amazonaws.com/ForLex", "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_1"];
  for (const role of roles) world.plantRole(theatre.role(role));
  const clients = laptop.as(guard);
  const reserved = [...roles, own.roleArn].map((role) => role.split("/").at(-1) ?? "");
  for (const RoleName of reserved) {
    const named = { RoleName, PolicyName: OWN_POLICY };
    await refused(clients.iam.send(new iam.PutRolePolicyCommand({ ...named, PolicyDocument })));
    await refused(clients.iam.send(new iam.DeleteRolePolicyCommand(named)));
  }
  await mayNotChangeIam(clients, `arn:aws:iam::${account}:policy/shared`);
  await mayNotUseKeys(clients, agent.keyArn, theatre.people.developer);
  await theatre.settle();
  return mayNotBecomeAnother(guard, theatre.role("team/Developer"));
}

async function mayNotChangeIam({ iam: client }: Clients, PolicyArn: string): Promise<void> {
  const role = { RoleName: "Eventful" };
  const calls = [
    new iam.AttachRolePolicyCommand({ ...role, PolicyArn }),
    new iam.DetachRolePolicyCommand({ ...role, PolicyArn }),
    new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }),
    new iam.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v1" }),
    new iam.PutGroupPolicyCommand({ GroupName: "Eventful", PolicyName: "all", PolicyDocument }),
    new iam.AddUserToGroupCommand({ GroupName: "Eventful", UserName: "Eventful" }),
    new iam.PutRolePermissionsBoundaryCommand({ ...role, PermissionsBoundary: PolicyArn }),
    new iam.DeleteRolePermissionsBoundaryCommand(role),
    new iam.TagRoleCommand({ ...role, Tags: [{ Key: "bedrock-key-guard", Value: "enforce" }] }),
    new iam.UntagRoleCommand({ ...role, TagKeys: ["bedrock-key-guard"] }),
  ];
  for (const call of calls) await refused(client.send(call as iam.TagRoleCommand));
}

async function mayNotUseKeys({ kms: client }: Clients, KeyId: string, owner: Clients): Promise<void> {
  const Plaintext = Buffer.from("secret");
  const { CiphertextBlob } = await owner.kms.send(new kms.EncryptCommand({ KeyId, Plaintext }));
  const { Policy } = await owner.kms.send(new kms.GetKeyPolicyCommand({ KeyId, PolicyName: "default" }));
  const GranteePrincipal = owner.caller.kind === "role" ? owner.caller.roleArn : "";
  const calls = [
    new kms.PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy }),
    new kms.EncryptCommand({ KeyId, Plaintext }),
    new kms.ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId }),
    new kms.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }),
    new kms.CreateGrantCommand({ KeyId, GranteePrincipal, Operations: ["Decrypt"] }),
    new kms.DisableKeyCommand({ KeyId }),
    new kms.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }),
    new kms.TagResourceCommand({ KeyId, Tags: [{ TagKey: "a", TagValue: "b" }] }),
    new kms.UntagResourceCommand({ KeyId, TagKeys: ["a"] }),
  ];
  for (const call of calls) await refused(client.send(call as kms.EncryptCommand));
}

/** The emulation has no such calls: each is asked of the evaluator, as AWS would before it does anything. */
function mayNotBecomeAnother(guard: Caller, role: string): ReadonlySet<string> {
  const user = role.replace(/:role\/.*/, ":user/Analyst");
  const questions = [
    ["sts:AssumeRole", role],
    ["iam:PassRole", role],
    ["iam:UpdateAssumeRolePolicy", role],
    ["iam:CreateAccessKey", user],
    ["iam:CreateLoginProfile", user],
    ["iam:UpdateLoginProfile", user],
  ] as const;
  return new Set(
    questions.flatMap(([action, resource]) => {
      const answer = authorize({ caller: guard, action, resource, context: {} });
      if (answer.kind !== "denied" || !answer.explicit) throw new Error(`the guard's role should be denied ${action}`);
      return answer.by.map(statementItem);
    }),
  );
}
