import type { Place } from "./place.ts";
import { policy, type Statement } from "./policy.ts";
import type { Settings } from "./settings.ts";

export interface Topics {
  /** The hub: what `announce` tells. */
  readonly alerts: aws.sns.Topic;
  /** What goes wrong in the guard itself, told by CloudWatch: it does not depend on anything that may be broken. */
  readonly health: aws.sns.Topic;
  /** What Amazon Q Developer reads: it drops whatever is not of its own form. Absent where it is not set up. */
  readonly chat: aws.sns.Topic | undefined;
}

/**
 * Not encrypted under `alias/aws/sns`: alarms can't publish to a topic that is, because the policy of that key can't be changed to
 * admit CloudWatch. An alert holds ARNs and policy statements, no secrets.
 */
export function topics(place: Place, { alerts: { emails, chat } }: Settings): Topics {
  const alerts = new aws.sns.Topic("Alerts", { name: `${place.prefix}-alerts` });
  const health = new aws.sns.Topic("Health", { name: `${place.prefix}-health` });
  for (const address of emails) {
    // Named by the address, so that removing one leaves the others confirmed.
    new aws.sns.TopicSubscription(`AlertsTo-${address}`, { topic: alerts.arn, protocol: "email", endpoint: address });
    new aws.sns.TopicSubscription(`HealthTo-${address}`, { topic: health.arn, protocol: "email", endpoint: address });
  }
  return { alerts, health, chat: chat && new aws.sns.Topic("Chat", { name: `${place.prefix}-chat` }) };
}

/**
 * Leaves it to the account's IAM who may publish: the policy that SNS gives a new topic admits everyone in the account, and whoever
 * is admitted can tell people anything in the guard's name.
 */
export function admitOwnRoles(
  place: Place,
  name: string,
  topic: aws.sns.Topic,
  alarms: readonly aws.cloudwatch.MetricAlarm[] = [],
): void {
  const root = `arn:${place.partition}:iam::${place.account}:root`;
  new aws.sns.TopicPolicy(`${name}ByIam`, {
    arn: topic.arn,
    policy: policy([
      { Sid: "ByIam", Effect: "Allow", Principal: { AWS: root }, Action: "sns:Publish", Resource: topic.arn },
      ...(alarms.length > 0 ? [fromAlarms(place, topic, alarms)] : []),
    ]),
  });
}

/** Lets the alarms of this stack publish, and nobody else. */
export function admitAlarms(place: Place, topic: aws.sns.Topic, alarms: readonly aws.cloudwatch.MetricAlarm[]): void {
  new aws.sns.TopicPolicy("HealthFromAlarms", {
    arn: topic.arn,
    policy: policy([fromAlarms(place, topic, alarms)]),
  });
}

function fromAlarms(place: Place, topic: aws.sns.Topic, alarms: readonly aws.cloudwatch.MetricAlarm[]): Statement {
  return {
    Sid: "FromAlarms",
    Effect: "Allow",
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: "sns:Publish",
    Resource: topic.arn,
    Condition: {
      ArnEquals: { "aws:SourceArn": alarms.map((alarm) => alarm.arn) },
      StringEquals: { "aws:SourceAccount": place.account },
    },
  };
}
