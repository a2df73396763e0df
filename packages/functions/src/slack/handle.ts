import { parseAlertMessage } from "@bedrock-key-guard/aws/alert-message.ts";
import { type Parsed, parseJson } from "@bedrock-key-guard/aws/messages.ts";
import type { SQSRecord } from "aws-lambda";
import { done, type Handled } from "../lib/partial-batch.ts";
import { isAlarm, parseAlarm } from "./alarm.ts";
import type { SlackMessage } from "./block-kit.ts";
import { type Post, SlackUnavailableError } from "./post.ts";
import { renderAlarm, renderAlert } from "./render.ts";

/**
 * Tells Slack the messages of one batch of the alert topic: alerts of the guard, and CloudWatch alarms. Once Slack is
 * found to be unavailable, the rest of the batch fails without a try: ten timeouts would outlast the function.
 */
export function tellSlack(post: Post): (record: SQSRecord) => Promise<Handled> {
  let unavailable: SlackUnavailableError | undefined;
  return async (record) => {
    const rendered = render(record.body);
    if (rendered.kind === "malformed") return rendered;
    if (unavailable) throw unavailable;
    try {
      await post(rendered.value);
    } catch (error) {
      if (error instanceof SlackUnavailableError) unavailable = error;
      throw error;
    }
    return done;
  };
}

function render(body: string): Parsed<SlackMessage> {
  const json = parseJson(body);
  if (json.kind === "malformed") return json;
  if (isAlarm(json.value)) {
    const alarm = parseAlarm(json.value);
    return alarm.kind === "malformed" ? alarm : { kind: "parsed", value: renderAlarm(alarm.value) };
  }
  const alert = parseAlertMessage(json.value);
  return alert.kind === "malformed" ? alert : { kind: "parsed", value: renderAlert(alert.value) };
}
