/** Events of agents, keys and IAM, and jobs that waited → which keys to look at, and whose callers. */
import { bedrockAgents } from "@bedrock-key-guard/aws/bedrock-agents.ts";
import { bedrockAgentClient, dynamoClient, sqsClient } from "@bedrock-key-guard/aws/clients.ts";
import { dynamoForeignWrites } from "@bedrock-key-guard/aws/foreign-writes.ts";
import { dynamoInventory } from "@bedrock-key-guard/aws/inventory.ts";
import { dynamoJournal } from "@bedrock-key-guard/aws/journal.ts";
import { sqsCallersQueue, sqsKeyQueue } from "@bedrock-key-guard/aws/queues.ts";
import { dynamoSweepLog } from "@bedrock-key-guard/aws/sweep-log.ts";
import { accountId, roleArn } from "@bedrock-key-guard/core/arn.ts";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { intakeRecord } from "./intake-record.ts";
import { systemClock } from "./lib/clock.ts";
import { readAllOrNone, readEnvironment, readVariable } from "./lib/environment.ts";
import { expectSqs } from "./lib/expect-sqs.ts";
import { logContext, logPort, makeLogger } from "./lib/logger.ts";
import { guardMetrics, writeMetrics } from "./lib/metrics.ts";
import { eachRecord } from "./lib/partial-batch.ts";

const environment = readEnvironment(
  [
    "ACCOUNT_ID",
    // Lambda's own.
    "AWS_LAMBDA_FUNCTION_NAME",
    "GUARD_ROLE_ARN",
    "TABLE_NAME",
    "KEY_QUEUE_URL",
  ],
  process.env,
);
// Both absent where callers are not looked after.
const callers = readAllOrNone(["CALLERS_QUEUE_URL", "CALLERS_ROLE_ARN"], process.env);
const logger = makeLogger("intake");
const sqs = sqsClient(process.env);
const metrics = guardMetrics(environment.AWS_LAMBDA_FUNCTION_NAME);
const table = { client: dynamoClient(process.env), name: environment.TABLE_NAME };
const handle = intakeRecord(
  {
    agents: bedrockAgents(bedrockAgentClient(process.env)),
    inventory: dynamoInventory(table),
    journal: dynamoJournal(table),
    foreignWrites: dynamoForeignWrites(table),
    sweepLog: dynamoSweepLog(table),
    keyQueue: sqsKeyQueue(sqs, environment.KEY_QUEUE_URL),
    callersQueue: callers && sqsCallersQueue(sqs, callers.CALLERS_QUEUE_URL),
    clock: systemClock,
    log: logPort(logger),
  },
  {
    account: readVariable("ACCOUNT_ID", environment.ACCOUNT_ID, accountId, "an account id"),
    guardRoleArn: readVariable("GUARD_ROLE_ARN", environment.GUARD_ROLE_ARN, roleArn, "a role's arn"),
    callersRoleArn: callers && readVariable("CALLERS_ROLE_ARN", callers.CALLERS_ROLE_ARN, roleArn, "a role's arn"),
  },
);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(logContext(logger))
  .use(writeMetrics(metrics, (message, error) => logger.warn(message, { error })))
  .use(expectSqs())
  .handler((event) => eachRecord(event.Records, handle, logger));
