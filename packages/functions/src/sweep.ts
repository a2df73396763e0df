/** The schedule, and once after each deployment → every agent read, every key queued, a page a message. */
import { bedrockAgentDirectory, bedrockAgents } from "@bedrock-key-guard/aws/bedrock-agents.ts";
import { bedrockAgentClient, dynamoClient, sqsClient } from "@bedrock-key-guard/aws/clients.ts";
import { dynamoInventory } from "@bedrock-key-guard/aws/inventory.ts";
import { sqsKeyQueue, sqsSweepQueue } from "@bedrock-key-guard/aws/queues.ts";
import { dynamoSweepLog } from "@bedrock-key-guard/aws/sweep-log.ts";
import type { SweepPorts } from "@bedrock-key-guard/core/sweep/sweep.ts";
import middy from "@middy/core";
import type { SQSBatchResponse } from "aws-lambda";
import { systemClock } from "./lib/clock.ts";
import { readEnvironment } from "./lib/environment.ts";
import { isSqsEvent } from "./lib/expect-sqs.ts";
import { logContext, logPort, makeLogger } from "./lib/logger.ts";
import { eachRecord } from "./lib/partial-batch.ts";
import { startFromInvocation, sweepRecord } from "./sweep-message.ts";

const environment = readEnvironment(["TABLE_NAME", "KEY_QUEUE_URL", "SWEEP_QUEUE_URL"], process.env);
const logger = makeLogger("sweep");
const bedrock = bedrockAgentClient(process.env);
const sqs = sqsClient(process.env);
const table = { client: dynamoClient(process.env), name: environment.TABLE_NAME };
const ports: SweepPorts = {
  directory: bedrockAgentDirectory(bedrock),
  agents: bedrockAgents(bedrock),
  inventory: dynamoInventory(table),
  sweepLog: dynamoSweepLog(table),
  keyQueue: sqsKeyQueue(sqs, environment.KEY_QUEUE_URL),
  sweepQueue: sqsSweepQueue(sqs, environment.SWEEP_QUEUE_URL),
  clock: systemClock,
  log: logPort(logger),
};

export const handler = middy<unknown, SQSBatchResponse | undefined>()
  .use(logContext(logger))
  .handler(async (event, context) => {
    if (isSqsEvent(event)) return eachRecord(event.Records, sweepRecord(ports), logger);
    await startFromInvocation(event, context.awsRequestId, ports);
    return undefined;
  });
