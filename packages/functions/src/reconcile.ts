/** Jobs of the key queue → each key looked at once, and repaired or told. */
import { dynamoAbsences } from "@bedrock-key-guard/aws/absences.ts";
import { bedrockAgents } from "@bedrock-key-guard/aws/bedrock-agents.ts";
import * as clients from "@bedrock-key-guard/aws/clients.ts";
import { dynamoFindingLog } from "@bedrock-key-guard/aws/findings.ts";
import { dynamoForeignWrites } from "@bedrock-key-guard/aws/foreign-writes.ts";
import { dynamoHolds } from "@bedrock-key-guard/aws/holds.ts";
import { iamRoles } from "@bedrock-key-guard/aws/iam.ts";
import { dynamoInventory } from "@bedrock-key-guard/aws/inventory.ts";
import { dynamoJournal } from "@bedrock-key-guard/aws/journal.ts";
import { dynamoKillSwitch } from "@bedrock-key-guard/aws/kill-switch.ts";
import { kmsKeys, kmsKeyWriter } from "@bedrock-key-guard/aws/kms.ts";
import { operatorCommands } from "@bedrock-key-guard/aws/operator-commands.ts";
import { sqsAlertQueue, sqsLaterQueue } from "@bedrock-key-guard/aws/queues.ts";
import { dynamoWriteBudget } from "@bedrock-key-guard/aws/write-budget.ts";
import { accountId } from "@bedrock-key-guard/core/arn.ts";
import { isMode } from "@bedrock-key-guard/core/key/rails.ts";
import { isProfileId } from "@bedrock-key-guard/core/requirements/profiles.ts";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { readKeyJob, reconcileJobs } from "./key-jobs.ts";
import { systemClock } from "./lib/clock.ts";
import { readAllOrNone, readEnvironment, readVariable } from "./lib/environment.ts";
import { expectSqs } from "./lib/expect-sqs.ts";
import { logContext, logPort, makeLogger } from "./lib/logger.ts";
import { guardMetrics, writeMetrics } from "./lib/metrics.ts";
import { eachGroup } from "./lib/partial-batch.ts";
import { boolean, positiveInteger } from "./lib/values.ts";

const environment = readEnvironment(
  [
    "ACCOUNT_ID",
    // Lambda's own.
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_REGION",
    "TABLE_NAME",
    "ALERT_QUEUE_URL",
    "INTAKE_QUEUE_URL",
    "MODE",
    "MODE_TAG",
    "PROFILE",
    "KEY_WRITES_PER_HOUR",
    "ACCOUNT_WRITES_PER_HOUR",
    "RESTORE_LOST_UPDATES",
  ],
  process.env,
);
const optIn = readAllOrNone(["OPT_IN_TAG_KEY", "OPT_IN_TAG_VALUE"], process.env);
const logger = makeLogger("reconcile");
const metrics = guardMetrics(environment.AWS_LAMBDA_FUNCTION_NAME);
const table = { client: clients.dynamoClient(process.env), name: environment.TABLE_NAME };
const read = <T>(name: keyof typeof environment, parse: (text: string) => T | undefined, what: string) =>
  readVariable(name, environment[name], parse, what);
const sqs = clients.sqsClient(process.env);
const handle = reconcileJobs(
  {
    agents: bedrockAgents(clients.bedrockAgentClient(process.env)),
    inventory: dynamoInventory(table),
    keys: kmsKeys(clients.kmsClient(process.env)),
    writer: kmsKeyWriter(clients.kmsWriterClient(process.env)),
    roles: iamRoles(clients.iamClient(process.env)),
    journal: dynamoJournal(table),
    killSwitch: dynamoKillSwitch(table),
    holds: dynamoHolds(table),
    budget: dynamoWriteBudget(table),
    absences: dynamoAbsences(table),
    foreignWrites: dynamoForeignWrites(table),
    commands: operatorCommands({ table: environment.TABLE_NAME, region: environment.AWS_REGION }),
    findings: dynamoFindingLog(table),
    alertQueue: sqsAlertQueue(sqs, environment.ALERT_QUEUE_URL),
    later: sqsLaterQueue(sqs, environment.INTAKE_QUEUE_URL),
    clock: systemClock,
    log: logPort(logger),
  },
  {
    account: read("ACCOUNT_ID", accountId, "an account id"),
    mode: read("MODE", (text) => (isMode(text) ? text : undefined), "a mode"),
    modeTag: environment.MODE_TAG,
    optIn: optIn && { key: optIn.OPT_IN_TAG_KEY, value: optIn.OPT_IN_TAG_VALUE },
    profile: read("PROFILE", (text) => (isProfileId(text) ? text : undefined), "a profile"),
    budgets: {
      keyPerHour: read("KEY_WRITES_PER_HOUR", positiveInteger, "a positive whole number"),
      accountPerHour: read("ACCOUNT_WRITES_PER_HOUR", positiveInteger, "a positive whole number"),
    },
    restoreLostUpdates: read("RESTORE_LOST_UPDATES", boolean, "`true` or `false`"),
  },
  metrics,
);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(logContext(logger))
  .use(writeMetrics(metrics, (message, error) => logger.warn(message, { error })))
  .use(expectSqs())
  .handler((event) => eachGroup(event.Records, readKeyJob, handle, logger));
