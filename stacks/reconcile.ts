import { keyPermissions } from "./key-permissions.ts";
import { arnHere, type Place } from "./place.ts";
import type { WorkQueue } from "./queues.ts";
import type { Settings } from "./settings.ts";
import { type Worker, worker } from "./worker.ts";

export interface ReconcileParts {
  readonly source: WorkQueue;
  readonly later: WorkQueue;
  readonly table: sst.aws.Dynamo;
  readonly topic: aws.sns.Topic;
}

/** One key, start to end. The only function that may write to a key. */
export function reconcile(place: Place, settings: Settings, parts: ReconcileParts): Worker {
  return worker(place, {
    name: "reconcile",
    description: "Judges the policy of one key, repairs it where that is safe, and tells",
    source: parts.source,
    batchSize: 10,
    logRetention: settings.logRetention,
    environment: {
      ACCOUNT_ID: place.account,
      TABLE_NAME: parts.table.name,
      ALERT_TOPIC_ARN: parts.topic.arn,
      INTAKE_QUEUE_URL: parts.later.queue.url,
      MODE: settings.mode,
      MODE_TAG: settings.tags.mode,
    },
    permissions: [
      {
        Sid: "ReadAgents",
        Effect: "Allow",
        Action: "bedrock:GetAgent",
        Resource: arnHere(place, "bedrock", "agent/*"),
      },
      ...keyPermissions(place, settings),
      {
        Sid: "ReadRoles",
        Effect: "Allow",
        Action: "iam:GetRole",
        Resource: `arn:${place.partition}:iam::${place.account}:role/*`,
      },
      {
        Sid: "KeepState",
        Effect: "Allow",
        Action: [
          "dynamodb:GetItem",
          "dynamodb:Query",
          "dynamodb:PutItem",
          "dynamodb:UpdateItem",
          "dynamodb:DeleteItem",
        ],
        Resource: parts.table.arn,
      },
      { Sid: "Tell", Effect: "Allow", Action: "sns:Publish", Resource: parts.topic.arn },
      { Sid: "LookAgainLater", Effect: "Allow", Action: "sqs:SendMessage", Resource: parts.later.queue.arn },
    ],
  });
}
