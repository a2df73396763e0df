/** A stage for scenes on moto: the guard's stack as the graph has it, its built functions, and people with SDK clients. */
import { IAMClient } from "@aws-sdk/client-iam";
import { GetKeyPolicyCommand, KMSClient } from "@aws-sdk/client-kms";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Caller, CloudTrailRecord, PolicyJson } from "../../packages/local/src/contract.ts";
import { authorize } from "../../packages/local/src/evaluator/authorize.ts";
import type { Clients } from "../../packages/local/src/laptop.ts";
import { credentialRegistry } from "../../packages/local/src/runner/credentials.ts";
import type { FunctionModel } from "../../packages/local/src/runner/model.ts";
import { readStack } from "../../packages/local/src/runner/read-stack.ts";
import { clockTime, stackTime } from "../../packages/local/src/runner/time.ts";
import type { Stage } from "../../packages/local/src/scenes/stage.ts";
import { timeline } from "../../packages/local/src/scenes/timeline.ts";
import { type SlackEndpoint, startSlackEndpoint } from "../../packages/local/src/slack-endpoint.ts";
import { createStack } from "./create-stack.ts";
import { motoEventBus } from "./event-bus.ts";
import { depth, type Guard, startGuard } from "./guard.ts";
import { startMailbox } from "./mailbox.ts";
import { callerWrites, motoCaller, type Watched } from "./moto-iam.ts";
import { startMoto } from "./moto-process.ts";
import { type Session, trailedClients, trailRecord } from "./trail.ts";

export interface MotoStage extends Stage {
  readonly endpoint: string;
  /** The name of the guard's table. */
  readonly table: string;
  readonly region: string;
  readonly guard: Guard;
  readonly slack: SlackEndpoint;
  /** How many alerts readers got so far. */
  alerts(): number;
  /** Who the developer is to CloudTrail. */
  readonly developer: Session;
  /** Clients of the developer's whose calls CloudTrail never tells of. */
  readonly unseen: Clients;
  /** Puts a CloudTrail record on moto's default bus. */
  publish(record: CloudTrailRecord): Promise<void>;
  /** Sends to the schedule's queue what the schedule would send: moto has no scheduler that runs. */
  sweep(): Promise<void>;
  /** How many messages the queue holds; by the end of its name. */
  depth(queue: string): Promise<number>;
  /** Names of queues of dead letters that hold any. */
  deadLetters(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** @param timeScale - seconds that stand for so many: what the guard waits for between two looks is part of the scenes */
export async function openMotoStage(graph: unknown, timeScale = 60): Promise<MotoStage> {
  const closers: (() => unknown)[] = [];
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await open(graph, timeScale, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function open(
  graph: unknown,
  timeScale: number,
  closers: (() => unknown)[],
  stop: () => Promise<void>,
): Promise<MotoStage> {
  const model = readStack(graph);
  const { account, region } = model;
  const { clock, scale } = stackTime(timeScale, "compressed");
  const now = () => clockTime(clock, Date.now());
  const moto = await startMoto(account, scale);
  closers.push(() => moto.stop());
  const slack = await startSlackEndpoint();
  closers.push(() => slack.stop());
  const mailbox = await startMailbox();
  closers.push(() => mailbox.stop());

  // Moto looks at no one's permissions, and every caller's clients have the same place. Without the explicit endpoint
  // and the other flag, the SQS client would follow the queue's URL to the real AWS.
  const credentials = credentialRegistry().register({ kind: "service", name: "tests.example.com" });
  const config = { endpoint: moto.endpoint, region, credentials };
  const sqs = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
  const kms = new KMSClient(config);
  const iam = new IAMClient(config);
  closers.push(() => [sqs, kms, iam].map((client) => client.destroy()));

  const bus = motoEventBus(moto.endpoint, region);
  await createStack({ graph, model, config, sqs, bus, mailbox: mailbox.url });
  const keyPolicy = async (KeyId: string) =>
    (await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: "default" }))).Policy ?? "";
  const guard = await startGuard({ model, config, sqs, slackWebhookUrl: slack.url, clock, watch });
  closers.push(() => guard.stop());

  /** CloudTrail records the guard's own writes too, and it has to know them again. */
  async function watch(one: FunctionModel, key: string | undefined, run: () => Promise<unknown>): Promise<unknown> {
    const writes = key !== undefined ? keyWrites(key) : one.name.endsWith("-callers") ? callerWrites(iam) : undefined;
    if (!writes) return run();
    const since = await writes();
    const answer = await run();
    const by = session(one.roleArn, one.name);
    for (const write of await since()) await bus.publish(trailRecord({ ...write, answer: {}, at: now(), by, region }));
    return answer;
  }

  function keyWrites(KeyId: string): Watched {
    return async () => {
      const before = await keyPolicy(KeyId);
      return async () => {
        const Policy = await keyPolicy(KeyId);
        const request = { KeyId, PolicyName: "default", Policy };
        return Policy === before
          ? []
          : [{ eventSource: "kms.amazonaws.com", eventName: "PutKeyPolicy", request } as const];
      };
    };
  }

  /** Moto lets anyone use a key: the policies that it holds are put to our naive evaluator, as KMS would read them. */
  async function canUse(caller: Caller, keyArn: string, agentArn: string, action = "kms:GenerateDataKey") {
    const answer = authorize({
      caller,
      action,
      resource: keyArn,
      context: {
        "kms:encryptioncontext:aws:bedrock:arn": [agentArn],
        "kms:encryptioncontextkeys": ["aws:bedrock:arn"],
      },
      resourcePolicy: { source: keyArn, document: JSON.parse(await keyPolicy(keyArn)) as PolicyJson },
    });
    return answer.kind === "allowed";
  }

  function session(roleArn: string, sessionName: string): Session {
    return { kind: "role", roleArn, sessionName, account, policies: [] };
  }

  const ana = session(`arn:aws:iam::${account}:role/team/Developer`, "ana");
  const unseen = trailedClients(ana, config, async () => {}, now);
  const people = {
    developer: trailedClients(ana, config, bus.publish, now),
    terraform: trailedClients(
      session(`arn:aws:iam::${account}:role/ci/Terraform`, "nightly-apply"),
      config,
      bus.publish,
      now,
    ),
  };
  closers.push(() =>
    [unseen, ...Object.values(people)].flatMap((one) => [one.kms, one.agents, one.iam].map((c) => c.destroy())),
  );
  let read = 0;

  return {
    endpoint: moto.endpoint,
    table: model.tables[0]?.name ?? "",
    account,
    region,
    guard,
    slack,
    timeline: timeline(() => {}),
    people,
    developer: ana,
    unseen,
    alerts: () => mailbox.mails.length,
    publish: bus.publish,
    cast: { shopBot: undefined },
    keyPolicy,
    stop,
    async settle() {
      await guard.settle();
      const news = mailbox.mails.slice(read);
      read = mailbox.mails.length;
      return news;
    },
    bedrockCanUse: (keyArn, agentArn) => canUse({ kind: "service", name: "bedrock.amazonaws.com" }, keyArn, agentArn),
    async callerCanUse(callerArn, keyArn, agentArn) {
      const caller = await motoCaller(iam, callerArn, account);
      const answers = ["kms:GenerateDataKey", "kms:Decrypt"].map((action) => canUse(caller, keyArn, agentArn, action));
      return (await Promise.all(answers)).every((one) => one);
    },
    async sweep() {
      const schedule = model.schedules.find(({ logicalName }) => logicalName === "SweepSchedule");
      const queue = model.queues.find(({ arn }) => arn === schedule?.queueArn);
      if (!schedule || !queue) throw new Error("the graph has no schedule, or no queue for it");
      await sqs.send(new SendMessageCommand({ QueueUrl: queue.url, MessageBody: schedule.input }));
    },
    async depth(end) {
      const queue = model.queues.find(({ name }) => name.endsWith(end));
      if (!queue) throw new Error(`the graph has no queue that ends in \`${end}\``);
      return depth(sqs, queue);
    },
    async deadLetters() {
      const fed = new Set(model.mappings.map(({ queueArn }) => queueArn));
      const others = model.queues.filter(({ arn }) => !fed.has(arn));
      const depths = await Promise.all(others.map((queue) => depth(sqs, queue)));
      return others.filter((_, index) => depths[index] !== 0).map(({ name }) => name);
    },
  };
}
