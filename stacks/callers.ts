import { readAgents } from "./agent-permissions.ts";
import { callerPermissions } from "./caller-permissions.ts";
import { guardRoles } from "./guard-roles.ts";
import { readKeys } from "./key-permissions.ts";
import { optInVariables } from "./opt-in.ts";
import type { Place } from "./place.ts";
import type { Statement } from "./policy.ts";
import type { WorkQueue } from "./queues.ts";
import type { Settings } from "./settings.ts";
import {
  AGENTS_AND_KEYS,
  ALL_CALLERS,
  EACH_CALLER,
  FINDINGS,
  KEY_LIST,
  readState,
  WRITE_BUDGETS,
  writeState,
} from "./table.ts";
import { type Worker, worker } from "./worker.ts";

export interface CallersParts {
  readonly source: WorkQueue;
  readonly table: sst.aws.Dynamo;
  readonly alerts: WorkQueue;
}

export const CALLERS = "callers";

/**
 * Changes of IAM come in bursts, a dozen for one role: they are gathered, and judged once.
 */
export const CALLERS_WINDOW_SECONDS = 180;

/** All callers at once. The only function that may write to IAM, and only where the mode is `enforce`. */
export function callers(place: Place, settings: Settings, parts: CallersParts): Worker {
  const enforced = settings.callers.mode === "enforce";
  return worker(place, {
    name: CALLERS,
    description: "Judges who may invoke an agent and can't use its key, gives it where that is safe, and tells",
    source: parts.source,
    // A whole window's messages are one review.
    batchSize: 1000,
    // The fewest that Lambda lets a queue have. A second review at the same time is put off.
    maximumConcurrency: 2,
    logRetention: settings.logRetention,
    environment: {
      ACCOUNT_ID: place.account,
      TABLE_NAME: parts.table.name,
      ALERT_QUEUE_URL: parts.alerts.queue.url,
      CALLERS_QUEUE_URL: parts.source.queue.url,
      MODE: settings.callers.mode,
      MODE_TAG: settings.tags.mode,
      WRITES_PER_HOUR: String(settings.callers.writesPerHour),
      // They are no callers to write to, whatever they may invoke.
      GUARD_ROLE_ARNS: guardRoles(place).join(","),
      ...optInVariables(settings),
    },
    permissions: [
      readAgents(place),
      readKeys(place),
      ...callerPermissions(place, settings),
      readState(parts.table, ["dynamodb:GetItem", "dynamodb:Query"]),
      writeState("KeepInventory", parts.table, ["dynamodb:PutItem", "dynamodb:DeleteItem"], AGENTS_AND_KEYS),
      writeState("ListKeys", parts.table, ["dynamodb:PutItem"], KEY_LIST),
      writeState("KeepReview", parts.table, ["dynamodb:PutItem", "dynamodb:UpdateItem"], ALL_CALLERS),
      ...(enforced
        ? [
            writeState("KeepJournal", parts.table, ["dynamodb:PutItem", "dynamodb:UpdateItem"], EACH_CALLER),
            writeState("SpendWrites", parts.table, ["dynamodb:UpdateItem"], WRITE_BUDGETS),
          ]
        : []),
      writeState("NoteFindings", parts.table, ["dynamodb:PutItem"], FINDINGS),
      { Sid: "Tell", Effect: "Allow", Action: "sqs:SendMessage", Resource: parts.alerts.queue.arn },
      ...queueCallers(parts.source),
    ],
  });
}

/** Lets a function ask for a look at callers, where they are looked after. */
export function queueCallers(queue: WorkQueue | undefined): readonly Statement[] {
  return queue ? [{ Sid: "QueueCallers", Effect: "Allow", Action: "sqs:SendMessage", Resource: queue.queue.arn }] : [];
}
