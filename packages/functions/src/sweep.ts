/** The schedule, and once after each deployment → every agent read, every key queued, a page a message. */
import { bedrockAgentDirectory, bedrockAgents } from "@bedrock-key-guard/aws/bedrock-agents.ts";
import {
  bedrockAgentClient,
  cloudTrailClient,
  dynamoClient,
  snsClient,
  sqsClient,
} from "@bedrock-key-guard/aws/clients.ts";
import { dynamoFindingLog } from "@bedrock-key-guard/aws/findings.ts";
import { dynamoInventory } from "@bedrock-key-guard/aws/inventory.ts";
import { sqsAlertQueue, sqsCallersQueue, sqsKeyQueue, sqsSweepQueue } from "@bedrock-key-guard/aws/queues.ts";
import { snsSubscribers } from "@bedrock-key-guard/aws/subscribers.ts";
import { dynamoSweepLog } from "@bedrock-key-guard/aws/sweep-log.ts";
import { cloudTrails } from "@bedrock-key-guard/aws/trails.ts";
import { paced } from "@bedrock-key-guard/core/sweep/pace.ts";
import middy from "@middy/core";
import type { SQSBatchResponse } from "aws-lambda";
import { systemClock } from "./lib/clock.ts";
import { readAllOrNone, readEnvironment, readVariable } from "./lib/environment.ts";
import { isSqsEvent } from "./lib/expect-sqs.ts";
import { logContext, logPort, makeLogger } from "./lib/logger.ts";
import { guardMetrics, writeMetrics } from "./lib/metrics.ts";
import { eachRecord } from "./lib/partial-batch.ts";
import { share } from "./lib/values.ts";
import { type SweepFunctionPorts, startFromInvocation, sweepRecord } from "./sweep-message.ts";

const environment = readEnvironment(
  [
    // Lambda's own.
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_REGION",
    "TABLE_NAME",
    "ALERT_QUEUE_URL",
    "TOPIC_ARNS",
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
const metrics = guardMetrics(environment.AWS_LAMBDA_FUNCTION_NAME);
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
  self: {
    trails: cloudTrails(environment.AWS_REGION, (region) =>
      cloudTrailClient({ AWS_REGION: region, AWS_ENDPOINT_URL: process.env.AWS_ENDPOINT_URL }),
    ),
    subscribers: snsSubscribers(snsClient(process.env), environment.TOPIC_ARNS.split(",")),
    findings: dynamoFindingLog(table),
    alertQueue: sqsAlertQueue(sqs, environment.ALERT_QUEUE_URL),
    clock: systemClock,
    log: logPort(logger),
  },
  metrics,
  region: environment.AWS_REGION,
};

export const handler = middy<unknown, SQSBatchResponse | undefined>()
  .use(logContext(logger))
  .use(writeMetrics(metrics, (message, error) => logger.warn(message, { error })))
  .handler(async (event, context) => {
    if (isSqsEvent(event)) return eachRecord(event.Records, sweepRecord(ports), logger);
    await startFromInvocation(event, context.awsRequestId, ports);
    return undefined;
  });
