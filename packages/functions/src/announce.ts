/** The alert queue, gathered for some seconds, and once a day → people told, through every channel of the deployment. */
import { dynamoAnnouncerState } from "@bedrock-key-guard/aws/announcer-state.ts";
import { chatChannel } from "@bedrock-key-guard/aws/chat-channel.ts";
import * as clients from "@bedrock-key-guard/aws/clients.ts";
import { eventBridgeEvents } from "@bedrock-key-guard/aws/event-bridge.ts";
import { dynamoFindingLog } from "@bedrock-key-guard/aws/findings.ts";
import { hubChannel } from "@bedrock-key-guard/aws/hub-channel.ts";
import { awsNames } from "@bedrock-key-guard/aws/names.ts";
import { operatorCommands } from "@bedrock-key-guard/aws/operator-commands.ts";
import { dynamoOutbox } from "@bedrock-key-guard/aws/outbox.ts";
import { sqsAlertQueue } from "@bedrock-key-guard/aws/queues.ts";
import { dynamoSilences } from "@bedrock-key-guard/aws/silences.ts";
import { slackQueueChannel } from "@bedrock-key-guard/aws/slack-queue-channel.ts";
import { WAITS_MS } from "@bedrock-key-guard/core/alert/pace.ts";
import { accountId } from "@bedrock-key-guard/core/arn.ts";
import { isSeverity } from "@bedrock-key-guard/core/finding/finding.ts";
import { isMode } from "@bedrock-key-guard/core/key/rails.ts";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { announceAll, countAnnounced, readAnnouncement } from "./announce-message.ts";
import { systemClock } from "./lib/clock.ts";
import { readEnvironment, readVariable } from "./lib/environment.ts";
import { expectSqs } from "./lib/expect-sqs.ts";
import { logContext, logPort, makeLogger } from "./lib/logger.ts";
import { guardMetrics, writeMetrics } from "./lib/metrics.ts";
import { wholeBatch } from "./lib/partial-batch.ts";

const environment = readEnvironment(
  [
    "ACCOUNT_ID",
    // Lambda's own.
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_REGION",
    "TABLE_NAME",
    "ALERT_TOPIC_ARN",
    "ALERT_QUEUE_URL",
    "MODE",
    "CALLERS_MODE",
    "AT_ONCE_FROM",
  ],
  process.env,
);
// Absent where the deployment has no such channel.
const { SLACK_QUEUE_URL, CHAT_TOPIC_ARN, EVENTS } = process.env;
const logger = makeLogger("announce");
const metrics = guardMetrics(environment.AWS_LAMBDA_FUNCTION_NAME);
const table = { client: clients.dynamoClient(process.env), name: environment.TABLE_NAME };
const read = <T>(name: keyof typeof environment, parse: (text: string) => T | undefined, what: string) =>
  readVariable(name, environment[name], parse, what);
const mode = (text: string) => (isMode(text) ? text : undefined);
const sns = clients.snsClient(process.env);
const sqs = clients.sqsClient(process.env);
const handle = announceAll(
  {
    findings: dynamoFindingLog(table),
    silences: dynamoSilences(table),
    outbox: dynamoOutbox(table),
    announcer: dynamoAnnouncerState(table),
    channels: [
      hubChannel(sns, environment.ALERT_TOPIC_ARN),
      ...(SLACK_QUEUE_URL ? [slackQueueChannel(sqs, SLACK_QUEUE_URL)] : []),
      ...(CHAT_TOPIC_ARN ? [chatChannel(sns, CHAT_TOPIC_ARN)] : []),
    ],
    events: EVENTS === "true" ? eventBridgeEvents(clients.eventBridgeClient(process.env)) : undefined,
    names: awsNames(clients.iamClient(process.env), clients.kmsClient(process.env)),
    alertQueue: sqsAlertQueue(sqs, environment.ALERT_QUEUE_URL),
    commands: operatorCommands({ table: environment.TABLE_NAME, region: environment.AWS_REGION }),
    clock: systemClock,
    log: logPort(logger),
  },
  {
    account: read("ACCOUNT_ID", accountId, "an account id"),
    region: environment.AWS_REGION,
    modes: { keys: read("MODE", mode, "a mode"), callers: read("CALLERS_MODE", mode, "a mode") },
    atOnceFrom: read("AT_ONCE_FROM", (text) => (isSeverity(text) ? text : undefined), "a severity"),
    waits: WAITS_MS,
  },
  (outcome) => countAnnounced(outcome, metrics),
);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(logContext(logger))
  .use(writeMetrics(metrics, (message, error) => logger.warn(message, { error })))
  .use(expectSqs())
  .handler((event) => wholeBatch(event.Records, readAnnouncement, handle, logger));
