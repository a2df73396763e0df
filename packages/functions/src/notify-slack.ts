/** Alerts, in their order, and CloudWatch's alarms of the guard → Slack. */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { readEnvironment } from "./lib/environment.ts";
import { expectSqs } from "./lib/expect-sqs.ts";
import { logContext, makeLogger } from "./lib/logger.ts";
import { inOrder } from "./lib/partial-batch.ts";
import { tellSlack } from "./slack/handle.ts";
import { slackPost } from "./slack/post.ts";

const environment = readEnvironment(["SLACK_WEBHOOK_URL"], process.env);
const logger = makeLogger("notify-slack");
const post = slackPost(environment.SLACK_WEBHOOK_URL);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(logContext(logger))
  .use(expectSqs())
  .handler((event) => inOrder(event.Records, tellSlack(post, logger), logger));
