import { readAgents } from "./agent-permissions.ts";
import { queueCallers } from "./callers.ts";
import { arnHere, type Place } from "./place.ts";
import { policy, trustOf } from "./policy.ts";
import type { WorkQueue } from "./queues.ts";
import type { Settings } from "./settings.ts";
import { AGENTS_AND_KEYS, FINDINGS, KEY_LIST, readState, SWEEP_LOG, writeState } from "./table.ts";
import type { Topics } from "./topics.ts";
import { type Worker, worker } from "./worker.ts";

/**
 * The fewest that Lambda lets a queue have. They share the account's quotas of Bedrock's reads with live work and with
 * the customer's own tools.
 */
const AT_ONCE = 2;

export interface SweepParts {
  readonly source: WorkQueue;
  readonly keys: WorkQueue;
  /** Absent where callers are not looked after. */
  readonly callers: WorkQueue | undefined;
  readonly table: sst.aws.Dynamo;
  /** Where findings are told from. */
  readonly alerts: WorkQueue;
  /** Whether anybody listens to them is looked at once a sweep. */
  readonly topics: Topics;
}

export const SWEEP = "sweep";
const START = JSON.stringify({ v: 1, kind: "start" });

/** Looks at every agent, a page a message, and then queues every key once, and all callers together. */
export function sweep(place: Place, settings: Settings, parts: SweepParts): Worker {
  const topicArns = [parts.topics.alerts.arn, parts.topics.health.arn];
  const made = worker(place, {
    name: SWEEP,
    description: "Goes through all agents, and queues each of their keys once",
    source: parts.source,
    batchSize: 1,
    maximumConcurrency: AT_ONCE,
    logRetention: settings.logRetention,
    environment: {
      TABLE_NAME: parts.table.name,
      KEY_QUEUE_URL: parts.keys.queue.url,
      SWEEP_QUEUE_URL: parts.source.queue.url,
      ALERT_QUEUE_URL: parts.alerts.queue.url,
      TOPIC_ARNS: $util.all(topicArns).apply((arns) => arns.join(",")),
      // Each keeps its own pace: together they stay within the share.
      SWEEP_SHARE: String(settings.sweepShare / AT_ONCE),
      ...(parts.callers ? { CALLERS_QUEUE_URL: parts.callers.queue.url } : {}),
    },
    permissions: [
      // ListAgents knows no resources.
      { Sid: "ListAgents", Effect: "Allow", Action: "bedrock:ListAgents", Resource: "*" },
      readAgents(place),
      readState(parts.table, ["dynamodb:GetItem", "dynamodb:Query"]),
      writeState("KeepInventory", parts.table, ["dynamodb:PutItem", "dynamodb:DeleteItem"], AGENTS_AND_KEYS),
      writeState("ListKeys", parts.table, ["dynamodb:PutItem"], KEY_LIST),
      writeState("LogSweep", parts.table, ["dynamodb:UpdateItem"], SWEEP_LOG),
      {
        Sid: "QueueKeysAndPagesAndTell",
        Effect: "Allow",
        Action: "sqs:SendMessage",
        Resource: [parts.keys.queue.arn, parts.source.queue.arn, parts.alerts.queue.arn],
      },
      writeState("NoteFindings", parts.table, ["dynamodb:PutItem"], FINDINGS),
      // DescribeTrails knows no resources, and a trail may be the organization's or of another Region.
      {
        Sid: "SeeWhetherTrailsTell",
        Effect: "Allow",
        Action: ["cloudtrail:DescribeTrails", "cloudtrail:GetTrailStatus", "cloudtrail:GetEventSelectors"],
        Resource: "*",
      },
      { Sid: "SeeWhetherAnyoneListens", Effect: "Allow", Action: "sns:ListSubscriptionsByTopic", Resource: topicArns },
      ...queueCallers(parts.callers),
    ],
  });
  // Each page queues the next one. Lambda takes more than about sixteen such turns for a runaway loop and stops them;
  // here the last page ends it. The other functions keep that safety net.
  new aws.lambda.FunctionRecursionConfig("SweepPages", {
    functionName: made.function.name,
    recursiveLoop: "Allow",
  });
  return made;
}

/** Starts a sweep on the schedule of the settings. */
export function sweepSchedule(place: Place, settings: Settings, source: WorkQueue): void {
  const role = new aws.iam.Role("SweepScheduleRole", {
    name: `${place.prefix}-schedule-${place.region}`,
    description: "Lets the schedule start a sweep",
    assumeRolePolicy: trustOf("scheduler.amazonaws.com", {
      StringEquals: {
        "aws:SourceAccount": place.account,
        // EventBridge Scheduler names the group here, never the single schedule.
        "aws:SourceArn": arnHere(place, "scheduler", "schedule-group/default"),
      },
    }),
    inlinePolicies: [
      {
        name: "start-sweep",
        policy: policy([{ Sid: "StartSweep", Effect: "Allow", Action: "sqs:SendMessage", Resource: source.queue.arn }]),
      },
    ],
  });
  new aws.scheduler.Schedule("SweepSchedule", {
    name: `${place.prefix}-sweep`,
    description: "Looks at every agent and key for what the events missed",
    groupName: "default",
    scheduleExpression: settings.sweepSchedule,
    scheduleExpressionTimezone: "UTC",
    flexibleTimeWindow: { mode: "OFF" },
    target: {
      arn: source.queue.arn,
      roleArn: role.arn,
      input: START,
      // One that could not be started within the hour is made up for by the next: it needs no dead letters.
      retryPolicy: { maximumEventAgeInSeconds: 60 * 60, maximumRetryAttempts: 10 },
    },
  });
}

/**
 * Starts a sweep once after each deployment, when all that it needs is in place: it finds the agents that were there
 * before the guard. `DEPLOYMENT_ID` names the deployment where it has to be the same from run to run.
 */
export function sweepOnceDeployed(sweeper: Worker, dependsOn: readonly $util.Resource[]): aws.lambda.Invocation {
  return new aws.lambda.Invocation(
    "SweepOnceDeployed",
    {
      functionName: sweeper.function.name,
      input: START,
      triggers: { deployment: process.env.DEPLOYMENT_ID ?? new Date().toISOString() },
    },
    { dependsOn: [...dependsOn] },
  );
}
