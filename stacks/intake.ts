import { readAgents } from "./agent-permissions.ts";
import { CALLERS, queueCallers } from "./callers.ts";
import { type Place, roleArnOf } from "./place.ts";
import type { WorkQueue } from "./queues.ts";
import { RECONCILE } from "./reconcile.ts";
import type { Settings } from "./settings.ts";
import { AGENTS_AND_KEYS, KEY_LIST, readState, writeState } from "./table.ts";
import { type Worker, worker } from "./worker.ts";

export interface IntakeParts {
  readonly source: WorkQueue;
  readonly keys: WorkQueue;
  /** Absent where callers are not looked after. */
  readonly callers: WorkQueue | undefined;
  readonly table: sst.aws.Dynamo;
}

/** Event in, keys and callers to look at out. */
export function intake(place: Place, settings: Settings, parts: IntakeParts): Worker {
  return worker(place, {
    name: "intake",
    description: "Finds what a recorded change asks to be looked at",
    source: parts.source,
    batchSize: 10,
    logRetention: settings.logRetention,
    environment: {
      ACCOUNT_ID: place.account,
      TABLE_NAME: parts.table.name,
      KEY_QUEUE_URL: parts.keys.queue.url,
      // By it, writes of the guard's own are told from those of others.
      GUARD_ROLE_ARN: roleArnOf(place, RECONCILE),
      ...(parts.callers
        ? { CALLERS_QUEUE_URL: parts.callers.queue.url, CALLERS_ROLE_ARN: roleArnOf(place, CALLERS) }
        : {}),
    },
    permissions: [
      readAgents(place),
      readState(parts.table, ["dynamodb:GetItem", "dynamodb:Query"]),
      writeState("KeepInventory", parts.table, ["dynamodb:PutItem", "dynamodb:DeleteItem"], AGENTS_AND_KEYS),
      writeState("ListKeys", parts.table, ["dynamodb:PutItem"], KEY_LIST),
      { Sid: "QueueKeys", Effect: "Allow", Action: "sqs:SendMessage", Resource: parts.keys.queue.arn },
      ...queueCallers(parts.callers),
    ],
  });
}
