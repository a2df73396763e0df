import { arnHere, type Place, roleNameOf } from "./place.ts";
import { policy, type Statement, trustOf } from "./policy.ts";
import type { WorkQueue } from "./queues.ts";
import type { Settings } from "./settings.ts";
import { ANNOUNCER, FINDINGS, readState, writeState } from "./table.ts";
import type { Topics } from "./topics.ts";
import { type Worker, worker } from "./worker.ts";

export const ANNOUNCE = "announce";

export interface AnnounceParts {
  readonly source: WorkQueue;
  readonly table: sst.aws.Dynamo;
  readonly topics: Topics;
  /** Absent where Slack is not told. */
  readonly slack: WorkQueue | undefined;
}

/** Tells people what became of findings: the only function that may. It reads keys' names, and can write to no key. */
export function announce(place: Place, settings: Settings, { source, table, topics, slack }: AnnounceParts): Worker {
  const { events, atOnceFrom } = settings.alerts;
  return worker(place, {
    name: ANNOUNCE,
    description: "Tells people and programs what became of findings",
    source,
    // All that a storm wakes it for is one piece of work.
    batchSize: source.batchingWindowSeconds ? 1000 : 10,
    // The fewest that Lambda lets a queue have. A second one at the same time is put off.
    maximumConcurrency: 2,
    logRetention: settings.logRetention,
    environment: {
      ACCOUNT_ID: place.account,
      TABLE_NAME: table.name,
      ALERT_TOPIC_ARN: topics.alerts.arn,
      ALERT_QUEUE_URL: source.queue.url,
      MODE: settings.mode,
      CALLERS_MODE: settings.callers.mode,
      AT_ONCE_FROM: atOnceFrom,
      ...(slack ? { SLACK_QUEUE_URL: slack.queue.url } : {}),
      ...(topics.chat ? { CHAT_TOPIC_ARN: topics.chat.arn } : {}),
      ...(events ? { EVENTS: "true" } : {}),
    },
    permissions: [
      readState(table, ["dynamodb:GetItem", "dynamodb:Query"]),
      writeState("NoteWhatWasTold", table, ["dynamodb:PutItem"], FINDINGS),
      writeState("KeepOutbox", table, ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"], ANNOUNCER),
      {
        Sid: "Tell",
        Effect: "Allow",
        Action: "sns:Publish",
        Resource: topics.chat ? [topics.alerts.arn, topics.chat.arn] : topics.alerts.arn,
      },
      {
        Sid: "QueueForChannelsAndForLater",
        Effect: "Allow",
        Action: "sqs:SendMessage",
        Resource: slack ? [source.queue.arn, slack.queue.arn] : source.queue.arn,
      },
      // Neither knows resources.
      { Sid: "ReadNames", Effect: "Allow", Action: ["iam:ListAccountAliases", "kms:ListAliases"], Resource: "*" },
      ...(events ? [emitEvents(place)] : []),
    ],
  });
}

/** On the default bus others' rules act on what they find: nothing is told there in anybody else's name. */
function emitEvents(place: Place): Statement {
  return {
    Sid: "EmitOwnEvents",
    Effect: "Allow",
    Action: "events:PutEvents",
    Resource: arnHere(place, "events", "event-bus/default"),
    Condition: { StringEquals: { "events:source": "bedrock-key-guard" } },
  };
}

/** Asks for the digest, and for what is still critical, once a day. */
export function dailyDigest(place: Place, { alerts: { digestAt } }: Settings, source: WorkQueue): void {
  const [hours = "", minutes = ""] = digestAt.split(":");
  const role = new aws.iam.Role("DigestScheduleRole", {
    name: roleNameOf(place, "digest"),
    description: "Lets the schedule ask for the daily digest",
    assumeRolePolicy: trustOf("scheduler.amazonaws.com", {
      StringEquals: {
        "aws:SourceAccount": place.account,
        // EventBridge Scheduler names the group here, never the single schedule.
        "aws:SourceArn": arnHere(place, "scheduler", "schedule-group/default"),
      },
    }),
    inlinePolicies: [
      {
        name: "ask-for-digest",
        policy: policy([
          { Sid: "AskForDigest", Effect: "Allow", Action: "sqs:SendMessage", Resource: source.queue.arn },
        ]),
      },
    ],
  });
  new aws.scheduler.Schedule("DigestSchedule", {
    name: `${place.prefix}-digest`,
    description: "Once a day: what is still critical, and the digest",
    groupName: "default",
    scheduleExpression: `cron(${Number(minutes)} ${Number(hours)} * * ? *)`,
    scheduleExpressionTimezone: "UTC",
    flexibleTimeWindow: { mode: "OFF" },
    target: {
      arn: source.queue.arn,
      roleArn: role.arn,
      input: JSON.stringify({ v: 1, kind: "announce", daily: true }),
      retryPolicy: { maximumEventAgeInSeconds: 6 * 60 * 60, maximumRetryAttempts: 50 },
    },
  });
}
