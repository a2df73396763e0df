import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Alert } from "@bedrock-key-guard/core/alert/alert.ts";
import type { Channel } from "@bedrock-key-guard/core/channel/channel.ts";
import { chatNotificationOf } from "@bedrock-key-guard/core/channel/chat.ts";
import { AwsCallError } from "./errors.ts";

export const chatChannelActions = { deliver: ["sns:Publish"] } as const;

/**
 * The topic that Amazon Q Developer in chat applications reads: its messages are custom notifications and nothing else, since it
 * drops what has another shape.
 */
export function chatChannel(client: SNSClient, topicArn: string): Channel {
  return {
    name: "chat",
    deduplicates: false,
    async deliver(alert: Alert): Promise<void> {
      try {
        await client.send(
          new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(chatNotificationOf(alert)) }),
        );
      } catch (error) {
        throw new AwsCallError("sns:Publish", topicArn, error);
      }
    },
  };
}
