/**
 * What tells that the guard itself is broken: CloudWatch alarms on the health topic, which depends on none of its parts. Each costs
 * USD 0.10 a month: USD 3.40 in all with every channel, USD 2.50 with mails alone. What an alarm says is read at night: what it
 * means, where to look, what to do, the commands by themselves.
 *
 * None tells when all is well again: CloudWatch would tell so of each alarm when it is made, which is thirty mails at the first
 * deployment. The dashboard shows it.
 */
import { functionNameOf, type Place } from "./place.ts";
import type { WorkQueue } from "./queues.ts";
import type { Settings } from "./settings.ts";
import { SWEEP } from "./sweep.ts";
import type { Topics } from "./topics.ts";

type Alarm = aws.cloudwatch.MetricAlarm;
const MINUTE = 60;
const DAY = 24 * 60 * MINUTE;

/** @param names - of functions, as in `dist/functions` */
export function functionAlarms(place: Place, names: readonly string[], topic: aws.sns.Topic): readonly Alarm[] {
  return names.flatMap((name) => {
    const functionName = functionNameOf(place, name);
    const id = idOf(name);
    const log = `aws logs tail /aws/lambda/${functionName} --region ${place.region} --since 1h`;
    const common = {
      namespace: "AWS/Lambda",
      dimensions: { FunctionName: functionName },
      statistic: "Sum",
      period: 5 * MINUTE,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      // It was not called.
      treatMissingData: "notBreaching",
      alarmActions: [topic.arn],
    };
    return [
      new aws.cloudwatch.MetricAlarm(`${id}ErrorsAlarm`, {
        ...common,
        name: `${place.prefix}-${name}-errors`,
        // What fails for a message is put back without being an error of the function.
        alarmDescription: `bedrock-key-guard's function ${name} ended without an answer: it could not start, ran out of time or memory, or has a fault. Its messages are tried again, and end as dead letters. The log says which: -- ${log}`,
        metricName: "Errors",
        evaluationPeriods: 1,
      }),
      new aws.cloudwatch.MetricAlarm(`${id}ThrottlesAlarm`, {
        ...common,
        name: `${place.prefix}-${name}-throttles`,
        alarmDescription: `Lambda has not let bedrock-key-guard's function ${name} run for a quarter of an hour: the account's concurrency is used up, or set to none. What it has to do waits. See the limit: -- aws lambda get-account-settings --region ${place.region} -- and what is reserved for it: -- aws lambda get-function-concurrency --region ${place.region} --function-name ${functionName}`,
        metricName: "Throttles",
        evaluationPeriods: 3,
      }),
    ];
  });
}

/** A message that lies for so long is worked on by nobody, or fails again and again. */
export function ageAlarm(place: Place, name: string, { queue, tooOldSeconds }: WorkQueue, topic: aws.sns.Topic): Alarm {
  const minutes = Math.round(tooOldSeconds / MINUTE);
  return new aws.cloudwatch.MetricAlarm(`${idOf(name)}AgeAlarm`, {
    name: `${place.prefix}-${name}-age`,
    alarmDescription: $util.interpolate`A message of bedrock-key-guard's ${name} queue has been waiting for ${minutes} minutes: ${MEANING[name] ?? "its function does not get on"}. What waits, and what is in work: -- aws sqs get-queue-attributes --region ${place.region} --queue-url ${queue.url} --attribute-names All`,
    namespace: "AWS/SQS",
    metricName: "ApproximateAgeOfOldestMessage",
    dimensions: { QueueName: queue.name },
    statistic: "Maximum",
    period: 5 * MINUTE,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: tooOldSeconds,
    // SQS reports nothing for a queue that has been idle for hours.
    treatMissingData: "notBreaching",
    alarmActions: [topic.arn],
  });
}

const MEANING: Readonly<Record<string, string>> = {
  intake: "changes are not looked at",
  key: "a key is not looked at, and not repaired",
  sweep: "a sweep does not get on",
  callers: "callers are not looked at",
  alert: "people are not told, since a channel refuses alerts or the function fails",
  slack: "Slack does not take alerts: the webhook may be revoked, its channel archived, or Slack down",
  "slack-alarms": "Slack does not take alarms: the webhook may be revoked, its channel archived, or Slack down",
};

/** A topic whose subscribers do not take what it sends; each is told of by another topic. */
export function deliveryAlarms(place: Place, { alerts, health, chat }: Topics): { health: Alarm[]; alerts: Alarm[] } {
  const make = (id: string, topic: aws.sns.Topic, by: aws.sns.Topic) =>
    new aws.cloudwatch.MetricAlarm(`${id}DeliveryAlarm`, {
      name: `${place.prefix}-${id.toLowerCase()}-delivery`,
      alarmDescription: $util.interpolate`A subscriber of bedrock-key-guard's topic ${topic.name} did not take what it was sent: somebody is not told. Who is subscribed, and who has not confirmed: -- aws sns list-subscriptions-by-topic --region ${place.region} --topic-arn ${topic.arn}`,
      namespace: "AWS/SNS",
      metricName: "NumberOfNotificationsFailed",
      dimensions: { TopicName: topic.name },
      statistic: "Sum",
      period: 5 * MINUTE,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      treatMissingData: "notBreaching",
      alarmActions: [by.arn],
    });
  return {
    health: [make("Alerts", alerts, health), ...(chat ? [make("Chat", chat, health)] : [])],
    // The one thing that the health topic can't tell.
    alerts: [make("Health", health, alerts)],
  };
}

/** A channel that refuses what `announce` gives it. @param channels - by name, as the function knows them */
export function refusalAlarms(place: Place, channels: readonly string[], topic: aws.sns.Topic): readonly Alarm[] {
  const service = functionNameOf(place, "announce");
  return channels.map(
    (channel) =>
      new aws.cloudwatch.MetricAlarm(`${idOf(channel)}RefusalAlarm`, {
        name: `${place.prefix}-${channel}-refuses`,
        alarmDescription: `bedrock-key-guard's channel ${channel} refuses alerts: they are kept, and given to it again for three days. The log says why: -- aws logs tail /aws/lambda/${service} --region ${place.region} --since 1h`,
        namespace: "BedrockKeyGuard",
        metricName: "AlertsRefused",
        dimensions: { service, channel },
        statistic: "Sum",
        period: 15 * MINUTE,
        evaluationPeriods: 1,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        treatMissingData: "notBreaching",
        alarmActions: [topic.arn],
      }),
  );
}

/** The guard can't see whether it is told of changes, or who listens to it. */
export function selfCheckAlarm(place: Place, topic: aws.sns.Topic): Alarm {
  const service = functionNameOf(place, SWEEP);
  return new aws.cloudwatch.MetricAlarm("SelfCheckAlarm", {
    name: `${place.prefix}-self-check`,
    alarmDescription: `bedrock-key-guard could not look at itself at the end of a sweep: whether CloudTrail tells it of changes, and who has confirmed the mails that AWS sent. Its role may not list trails or subscriptions, perhaps by a policy of your organization, or AWS did not answer. Sweeps go on. The log says which: -- aws logs tail /aws/lambda/${service} --region ${place.region} --since 1d --filter-pattern itself`,
    namespace: "BedrockKeyGuard",
    metricName: "SelfCheckFailed",
    dimensions: { service },
    statistic: "Sum",
    period: DAY,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    threshold: 1,
    treatMissingData: "notBreaching",
    alarmActions: [topic.arn],
  });
}

/** The channels that a deployment has, by the names that `announce` knows them by. */
export function channelsOf({ alerts: { slack, chat } }: Settings): readonly string[] {
  return ["hub", ...(slack ? ["slack"] : []), ...(chat ? ["chat"] : [])];
}

function idOf(name: string): string {
  return name
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
