import { parseAlertMessage } from "@bedrock-key-guard/aws/alert-message.ts";
import { type Parsed, parseJson } from "@bedrock-key-guard/aws/messages.ts";
import type { SlackMessage } from "@bedrock-key-guard/core/channel/block-kit.ts";
import { plainMessageOf, slackMessageOf, slackMessageOfAlarm } from "@bedrock-key-guard/core/channel/slack.ts";
import type { SQSRecord } from "aws-lambda";
import { type BatchLog, done, type Handled } from "../lib/partial-batch.ts";
import { isAlarm, parseAlarm } from "./alarm.ts";
import { type Post, SlackRefusedError, SlackUnavailableError } from "./post.ts";

/**
 * Tells Slack the messages of one batch: alerts of the guard, and CloudWatch alarms. Once Slack is found to be unavailable, the
 * rest of the batch fails without a try: ten timeouts would outlast the function.
 */
export function tellSlack(post: Post, log: BatchLog): (record: SQSRecord) => Promise<Handled> {
  let unavailable: SlackUnavailableError | undefined;
  return async (record) => {
    const rendered = render(record.body);
    if (rendered.kind === "malformed") return rendered;
    if (unavailable) throw unavailable;
    try {
      await postOrPlain(rendered.value, post, log);
    } catch (error) {
      if (error instanceof SlackUnavailableError) unavailable = error;
      throw error;
    }
    return done;
  };
}

/**
 * A message that Slack refuses for its form would hold up all that come behind it, and nobody would be told: it is told in plain
 * words.
 */
async function postOrPlain(message: SlackMessage, post: Post, log: BatchLog): Promise<void> {
  try {
    await post(message);
  } catch (error) {
    if (!(error instanceof SlackRefusedError)) throw error;
    log.error("slack refused a message for its form, which is a fault of the guard; it is told in plain words", {
      error,
    });
    await post(plainMessageOf(message));
  }
}

function render(body: string): Parsed<SlackMessage> {
  const json = parseJson(body);
  if (json.kind === "malformed") return json;
  if (isAlarm(json.value)) {
    const alarm = parseAlarm(json.value);
    return alarm.kind === "malformed" ? alarm : { kind: "parsed", value: slackMessageOfAlarm(alarm.value) };
  }
  const alert = parseAlertMessage(json.value);
  return alert.kind === "malformed" ? alert : { kind: "parsed", value: slackMessageOf(alert.value) };
}
