/** Boots the deployed stack on this machine from the golden resource graph. */
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Authorization, Authorizer, BusEvent, Caller, CloudTrailRecord, EmulatedService } from "../contract.ts";
import { startGateway } from "../gateway.ts";
import { accessTo } from "./access.ts";
import type { Silence } from "./alarm-windows.ts";
import { startAlarms } from "./alarms.ts";
import { type Credentials, credentialRegistry } from "./credentials.ts";
import { dynamoDbService } from "./dynamodb-service.ts";
import { embeddedMetrics } from "./embedded-metrics.ts";
import { eventBus, type PublishOptions, trailEvent } from "./event-bus.ts";
import { openFauxqs } from "./fauxqs-queues.ts";
import { functionPool, type LogLine, type OnInvoke } from "./function-pool.ts";
import type { InvocationResult } from "./function-process.ts";
import { type Unrest, untilIdle } from "./idle.ts";
import type { StackModel } from "./model.ts";
import { startPoller } from "./poller.ts";
import { readStack } from "./read-stack.ts";
import { scheduler } from "./scheduler.ts";
import { type Mail, snsService } from "./sns-service.ts";
import { type LocalQueue, sqsService } from "./sqs-service.ts";
import { clockTime, type StackClock, stackTime } from "./time.ts";
import { type Usage, usageRecorder } from "./usage.ts";
import { passTime } from "./waiting.ts";

/** What the emulated services are wired to. */
export interface Wiring {
  readonly account: string;
  readonly region: string;
  /** The evaluator, with its answers recorded. */
  readonly authorize: Authorizer;
  /** A CloudTrail record of a call, for the default bus of its Region. */
  readonly publish: (record: CloudTrailRecord) => void;
  /** An event of another kind, for the default bus. */
  readonly deliver: (event: BusEvent) => void;
  /** The time by the stack's clock. */
  readonly now: () => Date;
}

export interface LocalStackOptions {
  /** The parsed `stacks/graph.json`. */
  readonly graph: unknown;
  readonly authorize: Authorizer;
  /** KMS, Bedrock, IAM and the other services that are not SQS, SNS or DynamoDB. */
  readonly services: (wiring: Wiring) => readonly EmulatedService[];
  /** See `time.ts`. */
  readonly timeScale?: number;
  readonly clock?: StackClock["kind"];
  /** Takes the place of the webhook that the graph keeps secret. */
  readonly slackWebhookUrl?: string;
  /** The directory from which the graph names the bundles: the project's root. */
  readonly root?: string;
  readonly onLine?: (line: LogLine) => void;
  readonly onInvoke?: OnInvoke;
  /** What an alarm makes of a metric without data; by default as CloudWatch does. */
  readonly silence?: Silence;
  /** What of the caller's is still under way, for `idle`. */
  readonly busy?: () => readonly string[];
}

export interface FunctionFailure {
  readonly functionName: string;
  readonly result: Exclude<InvocationResult, { kind: "returned" }>;
}

export interface LocalStack {
  /** The endpoint of every client. */
  readonly endpoint: string;
  readonly model: StackModel;
  /** Emails that the topics' subscribers got. */
  readonly mailbox: readonly Mail[];
  /** Addresses that have not confirmed their subscriptions. */
  readonly unconfirmed: Set<string>;
  readonly logs: readonly LogLine[];
  /** Invocations that did not return, oldest first. */
  readonly failures: readonly FunctionFailure[];
  /** Gives a caller credentials for the endpoint. */
  register(caller: Caller): Credentials;
  /** Whom a function calls as, by its physical name or the end of it. */
  callerOf(functionName: string): Caller;
  /** A queue by its physical name. */
  queue(name: string): LocalQueue;
  alarmState(name: string): string | undefined;
  /** Puts a CloudTrail record on the default bus of its Region. @returns the rules that matched. */
  publish(record: CloudTrailRecord, options?: PublishOptions): Promise<readonly string[]>;
  runSchedule(name: string): Promise<void>;
  /**
   * Resolves when every queue with a consumer is empty, delayed messages included, and nothing runs. Where all that is
   * left waits for its time, the time passes at once (see `waiting.ts`).
   */
  idle(timeoutMilliseconds?: number): Promise<void>;
  usage(): Usage;
  /** Ends every process, port and timer. */
  stop(): Promise<void>;
}

const PROJECT_ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const IDLE_TIMEOUT_MILLISECONDS = 60_000;

/** @throws when the graph can't be run, naming the resource; nothing is left running then. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const model = readStack(options.graph);
  const closers: (() => unknown)[] = [];
  const stop = async () => {
    // From the last to the first, each once.
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await boot(options, model, closers, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function boot(
  options: LocalStackOptions,
  model: StackModel,
  closers: (() => unknown)[],
  stop: () => Promise<void>,
): Promise<LocalStack> {
  const time = stackTime(options.timeScale ?? 60, options.clock);
  const usage = usageRecorder(concerns(model));
  const authorize = usage.watch(options.authorize);
  const access = accessTo(authorize, model.region);
  const credentials = credentialRegistry();
  const failures: FunctionFailure[] = [];
  const metrics = embeddedMetrics();

  const fauxqs = await openFauxqs(model.region);
  closers.push(() => fauxqs.app.close());
  const sqs = sqsService({ model, fauxqs, access, time });
  const sns = snsService({ model, fauxqs, access, sqs, lacking: usage.lacking });
  const dynamoDb = await dynamoDbService(model, access);
  closers.push(() => dynamoDb.close());

  const bus = eventBus({ model, access, sqs, usage });
  const publish = (record: CloudTrailRecord, publishOptions?: PublishOptions) => {
    const { awsRegion } = record;
    return bus.put(trailEvent(record), typeof awsRegion === "string" ? awsRegion : model.region, publishOptions);
  };
  const services = options.services({
    account: model.account,
    region: model.region,
    authorize,
    publish: (record) => void publish(record),
    deliver: (event) => void bus.put(event, model.region),
    now: () => new Date(clockTime(time.clock, Date.now())),
  });
  const gateway = await startGateway({ services: [sqs, sns, dynamoDb, ...services], credentials });
  closers.push(() => gateway.close());

  const pool = functionPool({
    model,
    access,
    usage,
    credentials,
    endpoint: () => gateway.url,
    root: path.resolve(options.root ?? PROJECT_ROOT),
    slackWebhookUrl: options.slackWebhookUrl,
    clock: time.clock,
    onLine: (line) => {
      metrics.take(line.line);
      options.onLine?.(line);
    },
    onInvoke: options.onInvoke,
  });
  closers.push(() => pool.stop());
  await pool.start();

  const fail = (functionName: string, result: InvocationResult) => {
    if (result.kind === "returned") return;
    failures.push({ functionName, result });
    const name = pool.functions.get(functionName)?.model.name ?? functionName;
    const metric = { namespace: "AWS/Lambda", name: "Errors", dimensions: { FunctionName: name } };
    metrics.count(metric, { at: clockTime(time.clock, Date.now()), value: 1 });
  };
  const pollers = model.mappings.map((mapping) => {
    const target = pool.functions.get(mapping.functionName);
    const queue = sqs.queues.get(mapping.queueArn);
    if (!target || !queue) throw new Error(`a mapping to \`${mapping.functionName}\` has no function or no queue`);
    const mayPoll = (action: string) => {
      const question = {
        caller: target.caller,
        action,
        resource: mapping.queueArn,
        resourcePolicy: queue.model.policy,
      };
      const answer = access(question);
      return answer.kind === "denied" ? answer.message : undefined;
    };
    const poller = startPoller({ mapping, target, queue, sqs, time, region: model.region, mayPoll, onFailure: fail });
    closers.push(async () => {
      const stopped = poller.stop();
      // A batch ends when its function does.
      await pool.stop();
      await stopped;
    });
    return { poller, queue };
  });
  const silence = options.silence ?? "is-missing-data";
  const alarms = startAlarms({ model, sqs, sns, metrics, time, silence, usage });
  closers.push(() => alarms.stop());
  const schedules = scheduler({ model, access, sqs, usage });

  for (const { functionName, input } of model.invocations) {
    const target = pool.functions.get(functionName);
    void target?.invoke(input).then((result) => fail(functionName, result));
  }

  function unrest(): Unrest {
    const awake = [...(options.busy?.() ?? [])];
    const asleep: string[] = [];
    if (bus.pending() > 0) awake.push(`${bus.pending()} events on the bus`);
    for (const one of pool.functions.values()) if (one.running() > 0) awake.push(`${one.model.name} is running`);
    for (const { poller, queue } of pollers) {
      const { visible, delayed, inFlight } = queue.depth();
      if (poller.busy() + visible + delayed + inFlight === 0) continue;
      const waits = visible === 0 && Math.max(inFlight, poller.busy()) <= poller.gathered() + queue.later.count();
      (waits ? asleep : awake).push(
        `${queue.model.name} has ${visible} waiting, ${delayed} delayed, ${inFlight} in flight`,
      );
    }
    for (const name of alarms.unsettled()) awake.push(`the alarm ${name} is to change`);
    return { awake, asleep };
  }
  const wake = () => {
    const gathering = pollers.map(({ poller }) => poller.window);
    passTime(time, { gathering, others: pollers.map(({ queue }) => queue.later) });
  };

  return {
    endpoint: gateway.url,
    model,
    mailbox: sns.mailbox,
    unconfirmed: sns.unconfirmed,
    logs: pool.logs,
    failures,
    register: credentials.register,
    callerOf(name) {
      const found =
        pool.functions.get(name) ?? [...pool.functions.values()].find((one) => one.model.name.endsWith(`-${name}`));
      if (!found)
        throw new Error(`there is no function \`${name}\`; the stack has ${[...pool.functions.keys()].join(", ")}`);
      return found.caller;
    },
    queue(name) {
      const found = [...sqs.queues.values()].find((one) => one.model.name === name);
      if (!found)
        throw new Error(
          `there is no queue \`${name}\`; the stack has ${model.queues.map((one) => one.name).join(", ")}`,
        );
      return found;
    },
    alarmState: alarms.state,
    publish,
    runSchedule: schedules.run,
    idle: (timeoutMilliseconds = IDLE_TIMEOUT_MILLISECONDS) => untilIdle(unrest, wake, timeoutMilliseconds),
    usage: usage.usage,
    stop,
  };
}

/** Questions that the graph has to answer: those of its roles, and those about its queues, topics and roles. */
function concerns(model: StackModel): (question: Authorization) => boolean {
  const roles = new Set(model.roles.map(({ arn }) => arn));
  const resources = new Set([...model.queues, ...model.topics, ...model.roles].map(({ arn }) => arn));
  return ({ caller, resource }) => {
    if (caller.kind === "role") return roles.has(caller.roleArn);
    return caller.kind === "service" && resources.has(resource);
  };
}
