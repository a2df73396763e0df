import type { Place } from "./place.ts";
import { policy } from "./policy.ts";
import type { Settings } from "./settings.ts";

/**
 * Where people are told. Not encrypted under `alias/aws/sns`: alarms can't publish to a topic that is, because the
 * policy of that key can't be changed to admit CloudWatch. An alert holds ARNs and policy statements, no secrets.
 */
export function alertTopic(place: Place, settings: Settings): aws.sns.Topic {
  const topic = new aws.sns.Topic("Alerts", { name: `${place.prefix}-alerts` });
  for (const address of settings.alertEmails) {
    // Named by the address, so that removing one leaves the others confirmed.
    new aws.sns.TopicSubscription(`AlertsTo-${address}`, { topic: topic.arn, protocol: "email", endpoint: address });
  }
  return topic;
}

/**
 * Lets the alarms of this stack publish. This replaces the policy that SNS gives a new topic, which admits the whole
 * account; the guard's own role may publish by its identity policy.
 */
export function admitAlarms(place: Place, topic: aws.sns.Topic, alarms: readonly aws.cloudwatch.MetricAlarm[]): void {
  new aws.sns.TopicPolicy("AlertsFromAlarms", {
    arn: topic.arn,
    policy: policy([
      {
        Sid: "AlertsFromAlarms",
        Effect: "Allow",
        Principal: { Service: "cloudwatch.amazonaws.com" },
        Action: "sns:Publish",
        Resource: topic.arn,
        Condition: {
          ArnEquals: { "aws:SourceArn": alarms.map((alarm) => alarm.arn) },
          StringEquals: { "aws:SourceAccount": place.account },
        },
      },
    ]),
  });
}
