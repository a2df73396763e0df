import { ListSubscriptionsByTopicCommand, type SNSClient } from "@aws-sdk/client-sns";
import type { Subscribers } from "@bedrock-key-guard/core/self/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { AwsCallError } from "./errors.ts";

export const subscribersActions = {
  unconfirmed: ["sns:ListSubscriptionsByTopic"],
} as const satisfies ActionsOf<Subscribers>;

/** What SNS says in place of an ARN until somebody follows the link in its mail. */
const PENDING = "PendingConfirmation";

export function snsSubscribers(client: SNSClient, topics: readonly string[]): Subscribers {
  return {
    async unconfirmed(): Promise<readonly string[]> {
      const found = new Set<string>();
      for (const topic of topics) for (const endpoint of await pending(client, topic)) found.add(endpoint);
      return [...found].sort();
    },
  };
}

async function pending(client: SNSClient, topic: string): Promise<readonly string[]> {
  const endpoints: string[] = [];
  let NextToken: string | undefined;
  try {
    do {
      const page = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn: topic, NextToken }));
      for (const { SubscriptionArn, Endpoint } of page.Subscriptions ?? []) {
        if (SubscriptionArn === PENDING && Endpoint) endpoints.push(Endpoint);
      }
      NextToken = page.NextToken;
    } while (NextToken);
  } catch (error) {
    throw new AwsCallError("sns:ListSubscriptionsByTopic", topic, error);
  }
  return endpoints;
}
