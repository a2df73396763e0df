import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Alert } from "@bedrock-key-guard/core/alert/alert.ts";
import { attributesOf } from "@bedrock-key-guard/core/channel/attributes.ts";
import type { Channel } from "@bedrock-key-guard/core/channel/channel.ts";
import { emailOf } from "@bedrock-key-guard/core/channel/email.ts";
import { alertMessageBody, shortened } from "./alert-message.ts";
import { AwsCallError } from "./errors.ts";

export const hubChannelActions = { deliver: ["sns:Publish"] } as const;

/** SNS counts all forms and attributes of a message together, in bytes; the rest is left for its own escaping. */
const LARGEST_PUBLISH = 262_144 - 24_000;

/** The hub: its text for people, its fields as JSON for programs, and attributes for filter policies. */
export function hubChannel(client: SNSClient, topicArn: string): Channel {
  return {
    name: "hub",
    deduplicates: false,
    async deliver(alert: Alert): Promise<void> {
      try {
        await client.send(
          new PublishCommand({
            TopicArn: topicArn,
            Subject: emailOf(alert).subject,
            MessageStructure: "json",
            Message: hubMessage(alert),
            MessageAttributes: attributesOf(alert),
          }),
        );
      } catch (error) {
        throw new AwsCallError("sns:Publish", topicArn, error);
      }
    },
  };
}

/** The `Message` of a publish with structure `json`. */
export function hubMessage(alert: Alert): string {
  return messages(shortened(alert, (one) => Buffer.byteLength(messages(one)) <= LARGEST_PUBLISH));
}

function messages(alert: Alert): string {
  // Each form counts: whatever is no email is read by a program.
  return JSON.stringify({ default: alertMessageBody(alert), email: emailOf(alert).text });
}
