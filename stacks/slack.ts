import type { Place } from "./place.ts";
import { admit, type WorkQueue } from "./queues.ts";
import type { Settings } from "./settings.ts";
import { type Worker, worker } from "./worker.ts";

/** Passes what the topic tells on to an incoming webhook of Slack. */
export function notifySlack(place: Place, settings: Settings, topic: aws.sns.Topic, source: WorkQueue): Worker {
  // Whoever has this URL can post to the channel: it comes from the secrets of the stage, never from a file.
  const webhook = new sst.Secret("SlackWebhook");
  const admitted = admit("SlackFromAlerts", source.queue, { service: "sns.amazonaws.com", arns: [topic.arn] });
  new aws.sns.TopicSubscription(
    "AlertsToSlack",
    { topic: topic.arn, protocol: "sqs", endpoint: source.queue.arn, rawMessageDelivery: true },
    { dependsOn: [admitted] },
  );
  return worker(place, {
    name: "notify-slack",
    description: "Posts alerts to Slack",
    source,
    batchSize: 10,
    // Slack takes about one message a second for a channel.
    maximumConcurrency: 2,
    logRetention: settings.logRetention,
    environment: { SLACK_WEBHOOK_URL: webhook.value },
    permissions: [],
  });
}
