import type { Place } from "./place.ts";
import { admit, type WorkQueue, workQueue } from "./queues.ts";
import type { Settings } from "./settings.ts";
import { type Worker, worker } from "./worker.ts";

/** The queues from which Slack is told. */
export interface SlackQueues {
  /** Alerts, in their order. */
  readonly alerts: WorkQueue;
  /** CloudWatch's alarms of the guard itself, by way of the health topic. */
  readonly alarms: WorkQueue;
}

const TIMEOUT_SECONDS = 30;
/** Slack takes about a message a second: what waits for longer than a storm takes is not taken. */
const TOO_OLD_SECONDS = 30 * 60;

export function slackQueues(place: Place, health: aws.sns.Topic): SlackQueues {
  // While Slack takes nothing, a message is tried each three minutes: for five hours, before it is a dead letter.
  const alerts = workQueue(place, {
    name: "slack",
    fifo: true,
    timeoutSeconds: TIMEOUT_SECONDS,
    attempts: 100,
    tooOldSeconds: TOO_OLD_SECONDS,
    alarmTopic: health,
  });
  const alarms = workQueue(place, {
    name: "slack-alarms",
    timeoutSeconds: TIMEOUT_SECONDS,
    attempts: 20,
    tooOldSeconds: TOO_OLD_SECONDS,
    alarmTopic: health,
  });
  const admitted = admit("SlackFromHealth", alarms.queue, { service: "sns.amazonaws.com", arns: [health.arn] });
  new aws.sns.TopicSubscription(
    "HealthToSlack",
    { topic: health.arn, protocol: "sqs", endpoint: alarms.queue.arn, rawMessageDelivery: true },
    { dependsOn: [admitted] },
  );
  return { alerts, alarms };
}

/** Posts to an incoming webhook of Slack. */
export function notifySlack(place: Place, settings: Settings, { alerts, alarms }: SlackQueues): Worker {
  // Whoever has this URL can post to the channel: it comes from the secrets of the stage, never from a file.
  const webhook = new sst.Secret("SlackWebhook");
  return worker(place, {
    name: "notify-slack",
    description: "Posts alerts to Slack",
    source: alerts,
    // One that fails is not passed by the next, and is not posted again for the sake of another.
    batchSize: 1,
    alsoFrom: { id: "Alarms", queue: alarms },
    logRetention: settings.logRetention,
    environment: { SLACK_WEBHOOK_URL: webhook.value },
    permissions: [],
  });
}
