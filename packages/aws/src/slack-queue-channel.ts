import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Alert } from "@bedrock-key-guard/core/alert/alert.ts";
import type { Channel } from "@bedrock-key-guard/core/channel/channel.ts";
import { alertMessageBody, shortened } from "./alert-message.ts";
import { AwsCallError } from "./errors.ts";
import { LARGEST_MESSAGE } from "./messages.ts";

export const slackQueueChannelActions = { deliver: ["sqs:SendMessage"] } as const;

/**
 * The queue of `notify-slack`. FIFO, in one group: Slack takes about a message a second anyway, alerts arrive in the order in
 * which they were told, and one that was sent twice is one.
 */
export function slackQueueChannel(client: SQSClient, queueUrl: string): Channel {
  return {
    name: "slack",
    deduplicates: true,
    async deliver(alert: Alert): Promise<void> {
      const fitting = shortened(alert, (one) => Buffer.byteLength(alertMessageBody(one)) < LARGEST_MESSAGE);
      try {
        await client.send(
          new SendMessageCommand({
            QueueUrl: queueUrl,
            MessageBody: alertMessageBody(fitting),
            MessageGroupId: "alerts",
            MessageDeduplicationId: alert.id,
          }),
        );
      } catch (error) {
        throw new AwsCallError("sqs:SendMessage", queueUrl, error);
      }
    },
  };
}
