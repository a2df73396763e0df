/** Jobs of the callers queue, gathered for some minutes → all callers looked at once, and given what they lack, or told. */
import { bedrockAgents } from "@bedrock-key-guard/aws/bedrock-agents.ts";
import { iamCallerIdentities } from "@bedrock-key-guard/aws/caller-identities.ts";
import { dynamoCallerJournal } from "@bedrock-key-guard/aws/caller-journal.ts";
import { iamCallerWriter } from "@bedrock-key-guard/aws/caller-writer.ts";
import * as clients from "@bedrock-key-guard/aws/clients.ts";
import { dynamoFindingLog } from "@bedrock-key-guard/aws/findings.ts";
import { dynamoHolds } from "@bedrock-key-guard/aws/holds.ts";
import { iamAccountDirectory } from "@bedrock-key-guard/aws/iam-account.ts";
import { dynamoInventory } from "@bedrock-key-guard/aws/inventory.ts";
import { dynamoKillSwitch } from "@bedrock-key-guard/aws/kill-switch.ts";
import { kmsKeys } from "@bedrock-key-guard/aws/kms.ts";
import { operatorCommands } from "@bedrock-key-guard/aws/operator-commands.ts";
import { sqsAlertQueue, sqsCallersQueue } from "@bedrock-key-guard/aws/queues.ts";
import { dynamoReviewLog } from "@bedrock-key-guard/aws/review-log.ts";
import { dynamoSweepLog } from "@bedrock-key-guard/aws/sweep-log.ts";
import { dynamoWriteBudget } from "@bedrock-key-guard/aws/write-budget.ts";
import { dynamoWritingNotes } from "@bedrock-key-guard/aws/writing-notes.ts";
import { accountId } from "@bedrock-key-guard/core/arn.ts";
import { knownAccount } from "@bedrock-key-guard/core/callers/known-account.ts";
import { isMode } from "@bedrock-key-guard/core/key/rails.ts";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { readCallersJob, reviewJobs } from "./callers-jobs.ts";
import { systemClock } from "./lib/clock.ts";
import { readAllOrNone, readEnvironment, readVariable } from "./lib/environment.ts";
import { expectSqs } from "./lib/expect-sqs.ts";
import { logContext, logPort, makeLogger } from "./lib/logger.ts";
import { guardMetrics, writeMetrics } from "./lib/metrics.ts";
import { wholeBatch } from "./lib/partial-batch.ts";
import { positiveInteger, roleArns } from "./lib/values.ts";

const environment = readEnvironment(
  [
    "ACCOUNT_ID",
    // Lambda's own.
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_REGION",
    "TABLE_NAME",
    "ALERT_QUEUE_URL",
    "CALLERS_QUEUE_URL",
    "MODE",
    "MODE_TAG",
    "WRITES_PER_HOUR",
    "GUARD_ROLE_ARNS",
  ],
  process.env,
);
const optIn = readAllOrNone(["OPT_IN_TAG_KEY", "OPT_IN_TAG_VALUE"], process.env);
const logger = makeLogger("callers");
const metrics = guardMetrics(environment.AWS_LAMBDA_FUNCTION_NAME);
const table = { client: clients.dynamoClient(process.env), name: environment.TABLE_NAME };
const read = <T>(name: keyof typeof environment, parse: (text: string) => T | undefined, what: string) =>
  readVariable(name, environment[name], parse, what);
const account = read("ACCOUNT_ID", accountId, "an account id");
const reviewLog = dynamoReviewLog(table);
const sqs = clients.sqsClient(process.env);
const iam = clients.iamClient(process.env);
const handle = reviewJobs(
  {
    // Made once: what was read of IAM serves the next review of this container too.
    known: knownAccount({
      accounts: iamAccountDirectory(clients.iamDirectoryClient(process.env), account),
      reviewLog,
      clock: systemClock,
    }),
    reviewLog,
    identities: iamCallerIdentities(iam),
    writer: iamCallerWriter(clients.iamWriterClient(process.env)),
    callerJournal: dynamoCallerJournal(table),
    callersQueue: sqsCallersQueue(sqs, environment.CALLERS_QUEUE_URL),
    agents: bedrockAgents(clients.bedrockAgentClient(process.env)),
    inventory: dynamoInventory(table),
    sweepLog: dynamoSweepLog(table),
    keys: kmsKeys(clients.kmsClient(process.env)),
    holds: dynamoHolds(table),
    killSwitch: dynamoKillSwitch(table),
    budget: dynamoWriteBudget(table),
    writing: dynamoWritingNotes(table),
    findings: dynamoFindingLog(table),
    alertQueue: sqsAlertQueue(sqs, environment.ALERT_QUEUE_URL),
    commands: operatorCommands({ table: environment.TABLE_NAME, region: environment.AWS_REGION }),
    clock: systemClock,
    log: logPort(logger),
  },
  {
    account,
    region: environment.AWS_REGION,
    mode: read("MODE", (text) => (isMode(text) ? text : undefined), "a mode"),
    modeTag: environment.MODE_TAG,
    optIn: optIn && { key: optIn.OPT_IN_TAG_KEY, value: optIn.OPT_IN_TAG_VALUE },
    guardRoles: read("GUARD_ROLE_ARNS", roleArns, "arns of roles with commas between them"),
    writesPerHour: read("WRITES_PER_HOUR", positiveInteger, "a positive whole number"),
  },
  metrics,
);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(logContext(logger))
  .use(writeMetrics(metrics, (message, error) => logger.warn(message, { error })))
  .use(expectSqs())
  .handler((event) => wholeBatch(event.Records, readCallersJob, handle, logger));
