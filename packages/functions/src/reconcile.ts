/** Jobs of the key queue → each key looked at once, and repaired or told. */
import { snsAlerts } from "@bedrock-key-guard/aws/alerts.ts";
import { bedrockAgents } from "@bedrock-key-guard/aws/bedrock-agents.ts";
import * as clients from "@bedrock-key-guard/aws/clients.ts";
import { iamRoles } from "@bedrock-key-guard/aws/iam.ts";
import { dynamoInventory } from "@bedrock-key-guard/aws/inventory.ts";
import { dynamoJournal } from "@bedrock-key-guard/aws/journal.ts";
import { dynamoKillSwitch } from "@bedrock-key-guard/aws/kill-switch.ts";
import { kmsKeys, kmsKeyWriter } from "@bedrock-key-guard/aws/kms.ts";
import { sqsLaterQueue } from "@bedrock-key-guard/aws/queues.ts";
import { dynamoToldFindings } from "@bedrock-key-guard/aws/told-findings.ts";
import { accountId } from "@bedrock-key-guard/core/arn.ts";
import { isMode } from "@bedrock-key-guard/core/key/rails.ts";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { readKeyJob, reconcileJobs } from "./key-jobs.ts";
import { systemClock } from "./lib/clock.ts";
import { readAllOrNone, readEnvironment, readVariable } from "./lib/environment.ts";
import { expectSqs } from "./lib/expect-sqs.ts";
import { logContext, logPort, makeLogger } from "./lib/logger.ts";
import { eachGroup } from "./lib/partial-batch.ts";

const environment = readEnvironment(
  ["ACCOUNT_ID", "TABLE_NAME", "ALERT_TOPIC_ARN", "INTAKE_QUEUE_URL", "MODE", "MODE_TAG"],
  process.env,
);
const optIn = readAllOrNone(["OPT_IN_TAG_KEY", "OPT_IN_TAG_VALUE"], process.env);
const logger = makeLogger("reconcile");
const table = { client: clients.dynamoClient(process.env), name: environment.TABLE_NAME };
const handle = reconcileJobs(
  {
    agents: bedrockAgents(clients.bedrockAgentClient(process.env)),
    inventory: dynamoInventory(table),
    keys: kmsKeys(clients.kmsClient(process.env)),
    writer: kmsKeyWriter(clients.kmsWriterClient(process.env)),
    roles: iamRoles(clients.iamClient(process.env)),
    journal: dynamoJournal(table),
    killSwitch: dynamoKillSwitch(table),
    told: dynamoToldFindings(table),
    alerts: snsAlerts(clients.snsClient(process.env), environment.ALERT_TOPIC_ARN),
    later: sqsLaterQueue(clients.sqsClient(process.env), environment.INTAKE_QUEUE_URL),
    clock: systemClock,
    log: logPort(logger),
  },
  {
    account: readVariable("ACCOUNT_ID", environment.ACCOUNT_ID, accountId, "an account id"),
    mode: readVariable("MODE", environment.MODE, (text) => (isMode(text) ? text : undefined), "a mode"),
    modeTag: environment.MODE_TAG,
    optIn: optIn && { key: optIn.OPT_IN_TAG_KEY, value: optIn.OPT_IN_TAG_VALUE },
  },
);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(logContext(logger))
  .use(expectSqs())
  .handler((event) => eachGroup(event.Records, readKeyJob, handle, logger));
