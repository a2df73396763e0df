/** The schedule, and once after each deployment → every agent read, every key queued, a page a message. */
import { bedrockAgentDirectory, bedrockAgents } from "@bedrock-key-guard/aws/bedrock-agents.ts";
import { bedrockAgentClient, dynamoClient, sqsClient } from "@bedrock-key-guard/aws/clients.ts";
import { dynamoInventory } from "@bedrock-key-guard/aws/inventory.ts";
import { sqsCallersQueue, sqsKeyQueue, sqsSweepQueue } from "@bedrock-key-guard/aws/queues.ts";
import { dynamoSweepLog } from "@bedrock-key-guard/aws/sweep-log.ts";
import { paced } from "@bedrock-key-guard/core/sweep/pace.ts";
import middy from "@middy/core";
import type { SQSBatchResponse } from "aws-lambda";
import { systemClock } from "./lib/clock.ts";
import { readAllOrNone, readEnvironment, readVariable } from "./lib/environment.ts";
import { isSqsEvent } from "./lib/expect-sqs.ts";
import { logContext, logPort, makeLogger } from "./lib/logger.ts";
import { sweepMetrics } from "./lib/metrics.ts";
import { eachRecord } from "./lib/partial-batch.ts";
import { share } from "./lib/values.ts";
import { type SweepFunctionPorts, startFromInvocation, sweepRecord } from "./sweep-message.ts";

const environment = readEnvironment(
  [
    // Lambda's own.
    "AWS_LAMBDA_FUNCTION_NAME",
    "TABLE_NAME",
    "KEY_QUEUE_URL",
    "SWEEP_QUEUE_URL",
    "SWEEP_SHARE",
  ],
  process.env,
);
// Absent where callers are not looked after.
const callers = readAllOrNone(["CALLERS_QUEUE_URL"], process.env);
const logger = makeLogger("sweep");
const bedrock = bedrockAgentClient(process.env);
const sqs = sqsClient(process.env);
const table = { client: dynamoClient(process.env), name: environment.TABLE_NAME };
const ports: SweepFunctionPorts = {
  // Made once: the pace goes on from one message to the next.
  ...paced(
    { directory: bedrockAgentDirectory(bedrock), agents: bedrockAgents(bedrock) },
    readVariable("SWEEP_SHARE", environment.SWEEP_SHARE, share, "a number above 0 and at most 1"),
    systemClock,
  ),
  inventory: dynamoInventory(table),
  sweepLog: dynamoSweepLog(table),
  keyQueue: sqsKeyQueue(sqs, environment.KEY_QUEUE_URL),
  sweepQueue: sqsSweepQueue(sqs, environment.SWEEP_QUEUE_URL),
  callersQueue: callers && sqsCallersQueue(sqs, callers.CALLERS_QUEUE_URL),
  clock: systemClock,
  log: logPort(logger),
  metrics: sweepMetrics(environment.AWS_LAMBDA_FUNCTION_NAME, systemClock),
};

export const handler = middy<unknown, SQSBatchResponse | undefined>()
  .use(logContext(logger))
  .handler(async (event, context) => {
    if (isSqsEvent(event)) return eachRecord(event.Records, sweepRecord(ports), logger);
    await startFromInvocation(event, context.awsRequestId, ports);
    return undefined;
  });
