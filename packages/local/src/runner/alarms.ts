/** CloudWatch alarms on the depth of queues, with their periods compressed. */
import type { AlarmComparison, AlarmModel, StackModel } from "./model.ts";
import type { SnsService } from "./sns-service.ts";
import type { SqsService } from "./sqs-service.ts";
import type { StackTime } from "./time.ts";
import type { UsageRecorder } from "./usage.ts";

type AlarmState = "INSUFFICIENT_DATA" | "OK" | "ALARM";

export interface Alarms {
  state(name: string): AlarmState | undefined;
  /** Alarms whose state does not yet tell what their queue holds. */
  unsettled(): readonly string[];
  stop(): void;
}

/** CloudWatch looks no oftener than this, however compressed. */
const SHORTEST_PERIOD_MILLISECONDS = 20;

export function startAlarms(parts: {
  readonly model: StackModel;
  readonly sqs: SqsService;
  readonly sns: SnsService;
  readonly time: StackTime;
  readonly usage: UsageRecorder;
}): Alarms {
  const watches = parts.model.alarms.map((alarm) => watch(alarm, parts));
  return {
    state: (name) => watches.find(({ alarm }) => alarm.name === name)?.state(),
    unsettled: () => watches.filter((one) => !one.settled()).map(({ alarm }) => alarm.name),
    stop: () => watches.forEach((one) => void one.stop()),
  };
}

function watch(alarm: AlarmModel, parts: Parameters<typeof startAlarms>[0]) {
  const { model, sqs, sns, time, usage } = parts;
  const queue = [...sqs.queues.values()].find((one) => one.model.name === alarm.queueName);
  if (!queue) throw new Error(`alarm \`${alarm.name}\` watches \`${alarm.queueName}\`, which the graph does not hold`);
  let state: AlarmState = "INSUFFICIENT_DATA";
  let samples: number[] = [];
  let telling = 0;

  const period = Math.max(SHORTEST_PERIOD_MILLISECONDS, time.milliseconds(alarm.periodSeconds));
  const timer = setInterval(() => {
    samples = [...samples, queue.depth().visible].slice(-alarm.evaluationPeriods);
    const breaching = samples.filter((sample) => breaches(sample, alarm)).length;
    const next = breaching >= alarm.datapointsToAlarm ? "ALARM" : "OK";
    if (next === state) return;
    const former = state;
    state = next;
    telling += 1;
    void tell(former, next).finally(() => {
      telling -= 1;
    });
  }, period);

  async function tell(former: AlarmState, next: AlarmState): Promise<void> {
    for (const topicArn of next === "ALARM" ? alarm.alarmActions : alarm.okActions) {
      const notification = {
        topicArn,
        subject: `${next}: "${alarm.name}" in ${model.region}`,
        message: message(former, next),
      };
      const source = { arn: alarm.arn, account: model.account };
      const refusal = await sns.publish(notification, "cloudwatch.amazonaws.com", source);
      if (refusal !== undefined) usage.lacking(`alarm ${alarm.name} could not tell: ${refusal}`);
    }
  }

  function message(former: AlarmState, next: AlarmState): string {
    return JSON.stringify({
      AlarmName: alarm.name,
      AlarmDescription: alarm.description ?? null,
      AWSAccountId: model.account,
      NewStateValue: next,
      NewStateReason: `Threshold Crossed: the last datapoint [${samples.at(-1)}] against the threshold (${alarm.threshold}).`,
      StateChangeTime: new Date().toISOString(),
      Region: model.region,
      AlarmArn: alarm.arn,
      OldStateValue: former,
      Trigger: {
        MetricName: "ApproximateNumberOfMessagesVisible",
        Namespace: "AWS/SQS",
        Dimensions: [{ value: alarm.queueName, name: "QueueName" }],
        Period: alarm.periodSeconds,
        EvaluationPeriods: alarm.evaluationPeriods,
        ComparisonOperator: alarm.comparison,
        Threshold: alarm.threshold,
      },
    });
  }

  return {
    alarm,
    state: () => state,
    settled: () => telling === 0 && breaches(queue.depth().visible, alarm) === (state === "ALARM"),
    stop: () => clearInterval(timer),
  };
}

function breaches(sample: number, { comparison, threshold }: AlarmModel): boolean {
  return COMPARISONS[comparison](sample, threshold);
}

const COMPARISONS: Readonly<Record<AlarmComparison, (sample: number, threshold: number) => boolean>> = {
  GreaterThanThreshold: (sample, threshold) => sample > threshold,
  GreaterThanOrEqualToThreshold: (sample, threshold) => sample >= threshold,
  LessThanThreshold: (sample, threshold) => sample < threshold,
  LessThanOrEqualToThreshold: (sample, threshold) => sample <= threshold,
};
