import { readAgents } from "./agent-permissions.ts";
import { keyPermissions } from "./key-permissions.ts";
import { optInVariables } from "./opt-in.ts";
import { functionNameOf, type Place } from "./place.ts";
import type { WorkQueue } from "./queues.ts";
import type { Settings } from "./settings.ts";
import { AGENTS_AND_KEYS, FINDINGS, KEY_LIST, readState, WRITE_BUDGETS, writeState } from "./table.ts";
import { type Worker, worker } from "./worker.ts";

export interface ReconcileParts {
  readonly source: WorkQueue;
  readonly later: WorkQueue;
  readonly table: sst.aws.Dynamo;
  readonly alerts: WorkQueue;
}

export const RECONCILE = "reconcile";

/** One key, start to end. The only function that may write to a key. */
export function reconcile(place: Place, settings: Settings, parts: ReconcileParts): Worker {
  return worker(place, {
    name: RECONCILE,
    description: "Judges the policy of one key, repairs it where that is safe, and tells",
    source: parts.source,
    batchSize: 10,
    // A first sweep over many keys would use up the account's rate of PutKeyPolicy, 15 a second.
    maximumConcurrency: 5,
    logRetention: settings.logRetention,
    environment: {
      ACCOUNT_ID: place.account,
      TABLE_NAME: parts.table.name,
      ALERT_QUEUE_URL: parts.alerts.queue.url,
      INTAKE_QUEUE_URL: parts.later.queue.url,
      MODE: settings.mode,
      MODE_TAG: settings.tags.mode,
      PROFILE: settings.profile,
      KEY_WRITES_PER_HOUR: String(settings.writeBudgets.keyPerHour),
      ACCOUNT_WRITES_PER_HOUR: String(settings.writeBudgets.accountPerHour),
      RESTORE_LOST_UPDATES: String(settings.restoreLostUpdates),
      ...optInVariables(settings),
    },
    permissions: [
      readAgents(place),
      ...keyPermissions(place, settings, functionNameOf(place, RECONCILE)),
      {
        Sid: "ReadRoles",
        Effect: "Allow",
        Action: "iam:GetRole",
        Resource: `arn:${place.partition}:iam::${place.account}:role/*`,
      },
      readState(parts.table, ["dynamodb:GetItem", "dynamodb:Query"]),
      writeState(
        "KeepState",
        parts.table,
        ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
        AGENTS_AND_KEYS,
      ),
      writeState("ListKeys", parts.table, ["dynamodb:PutItem", "dynamodb:DeleteItem"], KEY_LIST),
      writeState("SpendWrites", parts.table, ["dynamodb:UpdateItem"], WRITE_BUDGETS),
      writeState("NoteFindings", parts.table, ["dynamodb:PutItem"], FINDINGS),
      {
        Sid: "LookAgainLaterAndTell",
        Effect: "Allow",
        Action: "sqs:SendMessage",
        Resource: [parts.later.queue.arn, parts.alerts.queue.arn],
      },
    ],
  });
}
