/**
 * What the stack is there for beyond the scenes: every event that a rule names, every permission that only an unusual
 * moment needs, and the Denies, which have to fire when the guard's own role tries.
 */
import { randomUUID } from "node:crypto";
import {
  CreateAgentAliasCommand,
  DeleteAgentAliasCommand,
  DeleteAgentCommand,
  DeleteAgentVersionCommand,
  GetAgentCommand,
  PrepareAgentCommand,
  UpdateAgentAliasCommand,
} from "@aws-sdk/client-bedrock-agent";
import * as kms from "@aws-sdk/client-kms";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { keyJobBody } from "../../../packages/aws/src/messages.ts";
import type { AgentId } from "../../../packages/core/src/arn.ts";
import type { KeyJob } from "../../../packages/core/src/key/job.ts";
import type { Clients } from "../../../packages/local/src/laptop.ts";
import {
  createAgent,
  createKey,
  createRole,
  type MadeAgent,
  updateAgent,
} from "../../../packages/local/src/scenes/acts.ts";
import { sweepNow } from "../../../packages/local/src/scenes/scenes.ts";
import type { Theatre } from "../../../packages/local/src/scenes/theatre.ts";
import { admitted } from "./admitted.ts";
import { probeCallers } from "./caller-probes.ts";
import { refused } from "./refused.ts";

/** @returns items of the graph that were used by questions which no call of the emulation puts */
export async function probe(theatre: Theatre): Promise<ReadonlySet<string>> {
  const agent = await newAgent(theatre, "probe-bot");
  await theatre.settle();
  await everyAgentEvent(theatre, agent);
  await everyKeyEvent(theatre, agent.keyArn);
  await agentMoves(theatre);
  await agentMovesUnseen(theatre);
  await keyIsGivenUp(theatre);
  await agentGoneMeanwhile(theatre);
  await versionSeenFirstByReconcile(theatre);
  await roleComesLater(theatre);
  await refusedCalls(theatre, agent);
  await undeliverableEvent(theatre);
  await malformedMessages(theatre);
  await trailStops(theatre);
  await theatre.laptop.stack.runSchedule("DigestSchedule");
  await theatre.settle();
  return admitted(theatre).union(await probeCallers(theatre));
}

/** The guard tells of it with the next sweep, and of its end with the one after. */
async function trailStops(theatre: Theatre): Promise<void> {
  const { stack, world } = theatre.laptop;
  for (const logging of [false, true]) {
    for (const trail of world.trails) trail.logging = logging;
    await sweepNow(stack);
    await theatre.settle();
  }
}

async function newAgent(theatre: Theatre, name: string): Promise<MadeAgent> {
  const { developer } = theatre.people;
  return createAgent(developer, name, await createKey(developer), await createRole(developer, `Role-${name}`));
}

async function everyAgentEvent(theatre: Theatre, agent: MadeAgent): Promise<void> {
  const { agents } = theatre.people.developer;
  await agents.send(new PrepareAgentCommand({ agentId: agent.id }));
  await theatre.settle();
  await untilPrepared(agents, agent.id);
  const { agentAlias } = await agents.send(new CreateAgentAliasCommand({ agentId: agent.id, agentAliasName: "live" }));
  const agentAliasId = agentAlias?.agentAliasId ?? "";
  await agents.send(new UpdateAgentAliasCommand({ agentId: agent.id, agentAliasId, agentAliasName: "live-2" }));
  await theatre.settle();
  await agents.send(new DeleteAgentAliasCommand({ agentId: agent.id, agentAliasId }));
  await agents.send(new DeleteAgentVersionCommand({ agentId: agent.id, agentVersion: "1" }));
  const gone = await newAgent(theatre, "gone-bot");
  await theatre.settle();
  await agents.send(new DeleteAgentCommand({ agentId: gone.id, skipResourceInUseCheck: true }));
  await theatre.settle();
}

/** Found by intake, and gone by the time that reconcile looks. */
async function agentGoneMeanwhile(theatre: Theatre): Promise<void> {
  const agent = await newAgent(theatre, "brief-bot");
  await theatre.settle();
  theatre.laptop.world.removeAgent(agent.id);
  await lookAt(theatre, agent.keyArn, agent.id);
}

/** Whoever sees a numbered version first reads it: mostly that is intake. */
async function versionSeenFirstByReconcile(theatre: Theatre): Promise<void> {
  const { world } = theatre.laptop;
  const roleArn = world.plantRole(theatre.role("service/NumberedBot")).arn;
  const keyArn = world.plantKey();
  const planted = world.plantAgent({ name: "numbered-bot", roleArn, keyArn, versions: [{ roleArn, keyArn }] });
  await lookAt(theatre, keyArn, planted.agentId);
}

async function lookAt(theatre: Theatre, keyArn: string, agentId: string): Promise<void> {
  const job = {
    key: keyArn as KeyJob["key"],
    agents: [agentId as AgentId],
    causes: [{ kind: "sweep", id: "late", at: new Date().toISOString(), whole: false }],
    attempt: 0,
  } as const;
  await send(theatre, "key.fifo", keyJobBody(job), keyArn);
  await theatre.settle();
}

async function untilPrepared(agents: Clients["agents"], agentId: string): Promise<void> {
  const status = async () => (await agents.send(new GetAgentCommand({ agentId }))).agent?.agentStatus;
  await until(async () => (await status()) === "PREPARED", `agent ${agentId} is prepared`);
}

async function everyKeyEvent(theatre: Theatre, KeyId: string): Promise<void> {
  const { developer } = theatre.people;
  const Tags = [{ TagKey: "bedrock-key-guard", TagValue: "observe" }];
  const calls = [
    new kms.TagResourceCommand({ KeyId, Tags }),
    new kms.UntagResourceCommand({ KeyId, TagKeys: ["bedrock-key-guard"] }),
    new kms.DisableKeyCommand({ KeyId }),
    new kms.EnableKeyCommand({ KeyId }),
    new kms.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }),
    new kms.CancelKeyDeletionCommand({ KeyId }),
    new kms.EnableKeyCommand({ KeyId }),
  ];
  for (const call of calls) {
    await developer.kms.send(call as kms.TagResourceCommand);
    await theatre.settle();
  }
}

/** The service role does not exist yet: the guard adds the rest, and the role once IAM knows it. */
async function roleComesLater(theatre: Theatre): Promise<void> {
  const { developer } = theatre.people;
  const { stack, world } = theatre.laptop;
  const from = stack.logs.length;
  const keyArn = await createKey(developer);
  const roleArn = theatre.role("service/LateRole");
  await createAgent(developer, "early-bot", keyArn, roleArn);
  await until(
    () => stack.logs.slice(from).some(({ line }) => line.includes("IAM does not know")),
    "the role is waited for",
  );
  await createRole(developer, "LateRole");
  await theatre.settle();
  if (!world.policy(keyArn).includes(roleArn)) throw new Error("the role should be in the policy once IAM knows it");
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`in vain: until ${what}`);
}

/** intake moves the agent in the inventory. */
async function agentMoves(theatre: Theatre): Promise<void> {
  const agent = await newAgent(theatre, "moving-bot");
  await theatre.settle();
  const { developer } = theatre.people;
  await updateAgent(developer, agent, { keyArn: await createKey(developer) });
  await theatre.settle();
}

/** The same with its event lost: the sweep moves it. */
async function agentMovesUnseen(theatre: Theatre): Promise<void> {
  const { world, stack } = theatre.laptop;
  const roleArn = world.plantRole(theatre.role("service/UnseenBot")).arn;
  const versions = [{ roleArn, keyArn: world.plantKey() }];
  const { agentId } = world.plantAgent({ name: "unseen-bot", roleArn, keyArn: world.plantKey(), versions });
  await sweepNow(stack);
  await theatre.settle();
  world.plantAgent({ name: "unseen-bot", id: agentId, roleArn, keyArn: world.plantKey() });
  await sweepNow(stack);
  await theatre.settle();
}

/** The only agent on a key that was never written to goes: the sweep comes by once more, and then no longer. */
async function keyIsGivenUp(theatre: Theatre): Promise<void> {
  const { world, stack } = theatre.laptop;
  const roleArn = world.plantRole(theatre.role("service/LastBot")).arn;
  const keyArn = world.plantKey({ state: "Disabled" });
  const { agentId } = world.plantAgent({ name: "last-bot", roleArn, keyArn });
  await sweepNow(stack);
  await theatre.settle();
  world.removeAgent(agentId);
  await sweepNow(stack);
  await theatre.settle();
}

/** Someone without permissions: CloudTrail records the refusal, and the rules let it pass by. */
async function refusedCalls(theatre: Theatre, agent: MadeAgent): Promise<void> {
  const { laptop } = theatre;
  const arn = laptop.world.plantUser(`arn:aws:iam::${laptop.account}:user/Intern`).arn;
  const intern = laptop.as(laptop.world.caller(arn));
  await refused(intern.agents.send(new PrepareAgentCommand({ agentId: agent.id })));
  await refused(intern.kms.send(new kms.DisableKeyCommand({ KeyId: agent.keyArn })));
  await guardMayNot(theatre, laptop.as(laptop.stack.callerOf("reconcile")), agent.keyArn);
  await theatre.settle();
}

/** The guard's own role can neither bypass the lockout check nor use a key nor do away with it. */
async function guardMayNot(theatre: Theatre, guard: Clients, KeyId: string): Promise<void> {
  const { Policy } = await guard.kms.send(new kms.GetKeyPolicyCommand({ KeyId, PolicyName: "default" }));
  const Plaintext = Buffer.from("secret");
  const { CiphertextBlob } = await theatre.people.developer.kms.send(new kms.EncryptCommand({ KeyId, Plaintext }));
  const role = "arn:aws:iam::111122223333:role/team/Developer";
  const calls = [
    new kms.PutKeyPolicyCommand({ KeyId, PolicyName: "default", Policy, BypassPolicyLockoutSafetyCheck: true }),
    new kms.CreateKeyCommand({ BypassPolicyLockoutSafetyCheck: true }),
    new kms.DecryptCommand({ KeyId, CiphertextBlob }),
    new kms.EncryptCommand({ KeyId, Plaintext }),
    new kms.ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId }),
    new kms.GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }),
    new kms.CreateGrantCommand({ KeyId, GranteePrincipal: role, Operations: ["Decrypt"] }),
    new kms.DisableKeyCommand({ KeyId }),
    new kms.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }),
    new kms.TagResourceCommand({ KeyId, Tags: [{ TagKey: "a", TagValue: "b" }] }),
    new kms.UntagResourceCommand({ KeyId, TagKeys: ["a"] }),
  ];
  for (const call of calls) await refused(guard.kms.send(call as kms.EncryptCommand));
}

async function undeliverableEvent({ laptop }: Theatre): Promise<void> {
  for (const [eventSource, eventName] of [
    ["bedrock.amazonaws.com", "PrepareAgent"],
    ["kms.amazonaws.com", "EnableKey"],
    ["iam.amazonaws.com", "TagRole"],
  ] as const) {
    await laptop.stack.publish({ eventSource, eventName }, { undeliverable: true });
  }
}

/** Ends in the dead-letter queue, whose alarm tells. */
async function malformedMessages(theatre: Theatre): Promise<void> {
  for (const queue of ["intake", "slack.fifo", "key.fifo", "callers", "alert"])
    await send(theatre, queue, "not a message", "x");
}

async function send({ laptop, people }: Theatre, name: string, MessageBody: string, group: string): Promise<void> {
  const queue = laptop.stack.model.queues.find((one) => one.name.endsWith(`-${name}`));
  if (!queue) throw new Error(`the graph has no queue that ends in \`-${name}\``);
  const config = { endpoint: laptop.stack.endpoint, region: laptop.region, credentials: people.developer.credentials };
  const sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
  const fifo = name.endsWith(".fifo") ? { MessageGroupId: group, MessageDeduplicationId: randomUUID() } : {};
  await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody, ...fifo }));
  sqs.destroy();
}
