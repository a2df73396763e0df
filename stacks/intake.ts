import { arnHere, type Place } from "./place.ts";
import type { WorkQueue } from "./queues.ts";
import type { Settings } from "./settings.ts";
import { AGENTS_AND_KEYS, readState, writeState } from "./table.ts";
import { type Worker, worker } from "./worker.ts";

export interface IntakeParts {
  readonly source: WorkQueue;
  readonly keys: WorkQueue;
  readonly table: sst.aws.Dynamo;
}

/** Event in, keys to look at out. */
export function intake(place: Place, settings: Settings, parts: IntakeParts): Worker {
  return worker(place, {
    name: "intake",
    description: "Finds the keys that a recorded change is about",
    source: parts.source,
    batchSize: 10,
    logRetention: settings.logRetention,
    environment: {
      ACCOUNT_ID: place.account,
      TABLE_NAME: parts.table.name,
      KEY_QUEUE_URL: parts.keys.queue.url,
    },
    permissions: [
      {
        Sid: "ReadAgents",
        Effect: "Allow",
        Action: "bedrock:GetAgent",
        Resource: arnHere(place, "bedrock", "agent/*"),
      },
      readState(parts.table, ["dynamodb:GetItem", "dynamodb:Query"]),
      writeState("KeepInventory", parts.table, ["dynamodb:PutItem", "dynamodb:DeleteItem"], AGENTS_AND_KEYS),
      { Sid: "QueueKeys", Effect: "Allow", Action: "sqs:SendMessage", Resource: parts.keys.queue.arn },
    ],
  });
}
