/** The IAM half of `probes.ts`: every event of IAM, users, and what is taken away, or stays. */
import { randomUUID } from "node:crypto";
import * as iam from "@aws-sdk/client-iam";
import { agentArn, keyArn as readKeyArn } from "../../../packages/core/src/arn.ts";
import { OWN_POLICY, ownDocument } from "../../../packages/core/src/callers/own-policy.ts";
import { createAgent, createKey, createRole, type MadeAgent } from "../../../packages/local/src/scenes/acts.ts";
import type { Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { callersMayNot } from "./caller-denies.ts";
import { refused } from "./refused.ts";

/** @returns items of the graph that were used by questions which no call of the emulation puts */
export async function probeCallers(theatre: Theatre): Promise<ReadonlySet<string>> {
  const { developer } = theatre.people;
  const roleArn = await createRole(developer, "Role-callers");
  const agent = await createAgent(developer, "called-bot", await createKey(developer), roleArn);
  await theatre.settle();
  await userComesAndGoes(theatre, agent);
  await everyIamEvent(theatre);
  await failedCallsOfIam(theatre);
  await agentTurnsUp(theatre);
  await agentGoneFromElsewhere(theatre, agent);
  return callersMayNot(theatre, agent);
}

const invoke = ({ arn }: { readonly arn: string }) =>
  policy({ Action: "bedrock:InvokeAgent", Resource: `${arn.replace(":agent/", ":agent-alias/")}/*` });

function policy(statement: object): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`in vain: ${what}`);
}

/** A user that may invoke, and then may not any more. */
async function userComesAndGoes(theatre: Theatre, agent: MadeAgent): Promise<void> {
  const { developer } = theatre.people;
  const { User } = await developer.iam.send(new iam.CreateUserCommand({ UserName: "Analyst" }));
  const arn = User?.Arn ?? "";
  const can = () => theatre.callerCanUse(arn, agent.keyArn, agent.arn);
  const named = { UserName: "Analyst", PolicyName: "invoke" };
  await developer.iam.send(new iam.PutUserPolicyCommand({ ...named, PolicyDocument: invoke(agent) }));
  await theatre.settle();
  must(await can(), "the user is given the key");
  await developer.iam.send(new iam.DeleteUserPolicyCommand(named));
  await theatre.settle();
  must(!(await can()), "the key is taken from the user");
}

/** Nobody of these may invoke anything: a look is all that each leads to. */
async function everyIamEvent(theatre: Theatre): Promise<void> {
  const { world, account } = theatre.laptop;
  const client = theatre.people.developer.iam;
  const [RoleName, UserName, GroupName, PolicyName] = ["Eventful", "Eventful", "Eventful", "look"];
  const role = { RoleName };
  const user = { UserName };
  const group = { GroupName };
  world.plantRole(theatre.role(RoleName));
  world.plantUser(`arn:aws:iam::${account}:user/${UserName}`);
  world.plantGroup(`arn:aws:iam::${account}:group/${GroupName}`);
  const PolicyDocument = policy({ Action: "s3:ListAllMyBuckets", Resource: "*" });
  const PolicyArn = world.plantManagedPolicy(`arn:aws:iam::${account}:policy/shared`, PolicyDocument);
  const bounded = { PermissionsBoundary: PolicyArn };
  const Tags = [{ Key: "team", Value: "a" }];
  const calls = [
    new iam.PutGroupPolicyCommand({ ...group, PolicyName, PolicyDocument }),
    new iam.DeleteGroupPolicyCommand({ ...group, PolicyName }),
    new iam.AttachRolePolicyCommand({ ...role, PolicyArn }),
    new iam.AttachUserPolicyCommand({ ...user, PolicyArn }),
    new iam.AttachGroupPolicyCommand({ ...group, PolicyArn }),
    new iam.CreatePolicyVersionCommand({ PolicyArn, PolicyDocument, SetAsDefault: true }),
    new iam.SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: "v1" }),
    new iam.DetachRolePolicyCommand({ ...role, PolicyArn }),
    new iam.DetachUserPolicyCommand({ ...user, PolicyArn }),
    new iam.DetachGroupPolicyCommand({ ...group, PolicyArn }),
    new iam.AddUserToGroupCommand({ ...user, ...group }),
    new iam.RemoveUserFromGroupCommand({ ...user, ...group }),
    new iam.PutRolePermissionsBoundaryCommand({ ...role, ...bounded }),
    new iam.PutUserPermissionsBoundaryCommand({ ...user, ...bounded }),
    new iam.DeleteRolePermissionsBoundaryCommand(role),
    new iam.DeleteUserPermissionsBoundaryCommand(user),
    new iam.TagRoleCommand({ ...role, Tags }),
    new iam.TagUserCommand({ ...user, Tags }),
    new iam.UntagRoleCommand({ ...role, TagKeys: ["team"] }),
    new iam.UntagUserCommand({ ...user, TagKeys: ["team"] }),
  ];
  for (const call of calls) await client.send(call as iam.TagRoleCommand);
  // Not emulated: its record is like the others.
  await theatre.laptop.stack.publish(iamRecord(theatre, "UpdateUser", { userName: UserName, newUserName: "Renamed" }));
  await theatre.settle();
}

function iamRecord({ laptop, role }: Theatre, eventName: string, requestParameters: object) {
  return {
    eventVersion: "1.11",
    userIdentity: { type: "AssumedRole", arn: `${role("team/Developer")}/ana`, accountId: laptop.account },
    eventTime: new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    eventSource: "iam.amazonaws.com",
    eventName,
    awsRegion: "us-east-1",
    requestParameters,
    responseElements: null,
    eventID: randomUUID(),
    readOnly: false,
    eventType: "AwsApiCall",
    recipientAccountId: laptop.account,
  };
}

/** The rule in IAM's Region lets them pass by; and so does the rule here, to which somebody else's rule may send them all. */
async function failedCallsOfIam(theatre: Theatre): Promise<void> {
  const { laptop } = theatre;
  const arn = laptop.world.plantUser(`arn:aws:iam::${laptop.account}:user/Trainee`).arn;
  const trainee = laptop.as(laptop.world.caller(arn));
  const Tags = [{ Key: "team", Value: "mine" }];
  await refused(trainee.iam.send(new iam.TagUserCommand({ UserName: "Trainee", Tags })));
  const failed = { ...iamRecord(theatre, "TagUser", { userName: "Trainee" }), errorCode: "AccessDenied" };
  await laptop.stack.publish({ ...failed, awsRegion: laptop.region });
  await theatre.settle();
}

/** As the guard would have written it. */
function given(key: string, agent: string): Readonly<Record<string, string>> {
  const [of, to] = [agentArn(agent), readKeyArn(key)];
  if (!of || !to) throw new Error(`no ARN of an agent and a key: \`${agent}\`, \`${key}\``);
  return { [OWN_POLICY]: JSON.stringify(ownDocument(new Map([[to, [of]]]))) };
}

/** Access that seems to be unneeded, for an agent that no event told of: it is read live, versions and all, and stays. */
async function agentTurnsUp(theatre: Theatre): Promise<void> {
  const { world } = theatre.laptop;
  const roleArn = world.plantRole(theatre.role("service/LostBot")).arn;
  const keyArn = world.plantKey();
  const planted = world.plantAgent({ name: "lost-bot", roleArn, keyArn, versions: [{ roleArn, keyArn }] });
  const caller = theatre.role("app/Faithful");
  world.plantRole(caller, { invoke: invoke({ arn: planted.agentArn }), ...given(keyArn, planted.agentArn) });
  await somethingChanges(theatre);
  must(await theatre.callerCanUse(caller, keyArn, planted.agentArn), "the access stays while the agent is there");
}

/** The inventory has it on one key, and the guard gave it on another; it is gone from both. */
async function agentGoneFromElsewhere(theatre: Theatre, { roleArn }: MadeAgent): Promise<void> {
  const { world } = theatre.laptop;
  const { developer } = theatre.people;
  const gone = await createAgent(developer, "moved-bot", await createKey(developer), roleArn);
  await theatre.settle();
  world.removeAgent(gone.id);
  const former = world.plantKey();
  const caller = theatre.role("app/LeftOver");
  world.plantRole(caller, given(former, gone.arn));
  await somethingChanges(theatre);
  must(!(await theatre.callerCanUse(caller, former, gone.arn)), "the access goes with the agent");
}

/** A change of IAM, of no matter what: all callers are looked at. */
async function somethingChanges(theatre: Theatre): Promise<void> {
  const Tags = [{ Key: "at", Value: randomUUID() }];
  await theatre.people.developer.iam.send(new iam.TagRoleCommand({ RoleName: "Eventful", Tags }));
  await theatre.settle();
}
