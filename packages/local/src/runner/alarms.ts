/** CloudWatch alarms on the depth of queues and on the functions' own metrics, with their periods compressed. */
import { judgeWindows, type Silence } from "./alarm-windows.ts";
import type { EmbeddedMetrics } from "./embedded-metrics.ts";
import type { AlarmComparison, AlarmModel, MetricModel, StackModel } from "./model.ts";
import type { SnsService } from "./sns-service.ts";
import type { LocalQueue, SqsService } from "./sqs-service.ts";
import { clockTime, type StackTime } from "./time.ts";
import type { UsageRecorder } from "./usage.ts";

type AlarmState = "INSUFFICIENT_DATA" | "OK" | "ALARM";

export interface Alarms {
  state(name: string): AlarmState | undefined;
  /** Alarms whose state does not yet tell what their queue holds, or that are telling. */
  unsettled(): readonly string[];
  stop(): void;
}

/** CloudWatch looks no oftener than this, however compressed. */
const SHORTEST_PERIOD_MILLISECONDS = 20;
/** How often it looks at a metric, whatever its period. */
const EVALUATION_SECONDS = 60;

interface AlarmParts {
  readonly model: StackModel;
  readonly sqs: SqsService;
  readonly sns: SnsService;
  readonly metrics: EmbeddedMetrics;
  readonly time: StackTime;
  readonly silence: Silence;
  readonly usage: UsageRecorder;
}

/** What one look finds: the latest value, and the state that it calls for; no state: too early to say. */
interface Look {
  readonly value: number | undefined;
  readonly state: AlarmState | undefined;
}

interface Watch {
  readonly everySeconds: number;
  look(): Look;
  /** Whether the state tells what there is to tell. */
  settled(state: AlarmState): boolean;
}

export function startAlarms(parts: AlarmParts): Alarms {
  const running = parts.model.alarms.map((alarm) => run(alarm, parts));
  return {
    state: (name) => running.find(({ alarm }) => alarm.name === name)?.state(),
    unsettled: () => running.filter((one) => !one.settled()).map(({ alarm }) => alarm.name),
    stop: () => running.forEach((one) => void one.stop()),
  };
}

function run(alarm: AlarmModel, parts: AlarmParts) {
  const { model, sns, time, usage } = parts;
  const watch = watchOf(alarm, parts);
  let state: AlarmState = "INSUFFICIENT_DATA";
  let telling = 0;

  const timer = setInterval(
    () => {
      const { value, state: next } = watch.look();
      if (next === undefined || next === state) return;
      const message = messageOf(alarm, model, { former: state, next, value });
      state = next;
      telling += 1;
      void tell(next, message).finally(() => {
        telling -= 1;
      });
    },
    Math.max(SHORTEST_PERIOD_MILLISECONDS, time.milliseconds(watch.everySeconds)),
  );

  async function tell(next: AlarmState, message: string): Promise<void> {
    for (const topicArn of next === "ALARM" ? alarm.alarmActions : alarm.okActions) {
      const notification = { topicArn, subject: `${next}: "${alarm.name}" in ${model.region}`, message };
      const source = { arn: alarm.arn, account: model.account };
      const refusal = await sns.publish(notification, "cloudwatch.amazonaws.com", source);
      if (refusal !== undefined) usage.lacking(`alarm ${alarm.name} could not tell: ${refusal}`);
    }
  }

  return {
    alarm,
    state: () => state,
    settled: () => telling === 0 && watch.settled(state),
    stop: () => clearInterval(timer),
  };
}

function watchOf(alarm: AlarmModel, parts: AlarmParts): Watch {
  const { metric } = alarm;
  switch (metric.kind) {
    case "queue-depth": {
      const queue = [...parts.sqs.queues.values()].find((one) => one.model.name === metric.queueName);
      if (!queue)
        throw new Error(`alarm \`${alarm.name}\` watches \`${metric.queueName}\`, which the graph does not hold`);
      return watchQueue(alarm, queue);
    }
    case "embedded":
      return watchMetric(alarm, metric, parts);
    case "unseen":
      return {
        everySeconds: EVALUATION_SECONDS,
        look: () => ({ value: undefined, state: undefined }),
        settled: () => true,
      };
    default:
      return metric satisfies never;
  }
}

function watchQueue(alarm: AlarmModel, queue: LocalQueue): Watch {
  let samples: number[] = [];
  return {
    everySeconds: alarm.periodSeconds,
    look() {
      samples = [...samples, queue.depth().visible].slice(-alarm.evaluationPeriods);
      const breaching = samples.filter((sample) => breaches(sample, alarm)).length;
      return { value: samples.at(-1), state: breaching >= alarm.datapointsToAlarm ? "ALARM" : "OK" };
    },
    settled: (state) => breaches(queue.depth().visible, alarm) === (state === "ALARM"),
  };
}

function watchMetric(
  alarm: AlarmModel,
  { metric, missing }: Extract<MetricModel, { kind: "embedded" }>,
  { metrics, time, silence }: AlarmParts,
): Watch {
  const { clock } = time;
  const since = clockTime(clock, Date.now());
  return {
    everySeconds: EVALUATION_SECONDS,
    look() {
      const windows = judgeWindows(metrics.points(metric), {
        now: clockTime(clock, Date.now()),
        since,
        period: clock.kind === "real" ? time.milliseconds(alarm.periodSeconds) : alarm.periodSeconds * 1000,
        periods: alarm.evaluationPeriods,
        breaches: (sum) => (sum === undefined ? missing === "breaching" : breaches(sum, alarm)),
        byTooMuch: alarm.comparison.startsWith("GreaterThan"),
        silence,
      });
      const breaching = windows.filter(({ verdict }) => verdict === "breaching").length;
      const well = windows.filter(({ verdict }) => verdict === "well").length;
      const value = windows[0]?.sum;
      if (breaching >= alarm.datapointsToAlarm) return { value, state: "ALARM" };
      return { value, state: well > alarm.evaluationPeriods - alarm.datapointsToAlarm ? "OK" : undefined };
    },
    // What is missing shows itself by time alone: nobody waits for it.
    settled: () => true,
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

/** What CloudWatch publishes when an alarm changes its state. */
function messageOf(
  alarm: AlarmModel,
  model: StackModel,
  change: { readonly former: AlarmState; readonly next: AlarmState; readonly value: number | undefined },
): string {
  const datapoint = change.value === undefined ? "no datapoints were received" : `the last datapoint [${change.value}]`;
  return JSON.stringify({
    AlarmName: alarm.name,
    AlarmDescription: alarm.description ?? null,
    AWSAccountId: model.account,
    NewStateValue: change.next,
    NewStateReason: `Threshold Crossed: ${datapoint} against the threshold (${alarm.threshold}).`,
    StateChangeTime: new Date().toISOString(),
    Region: model.region,
    AlarmArn: alarm.arn,
    OldStateValue: change.former,
    Trigger: {
      ...metricOf(alarm.metric),
      Period: alarm.periodSeconds,
      EvaluationPeriods: alarm.evaluationPeriods,
      ComparisonOperator: alarm.comparison,
      Threshold: alarm.threshold,
    },
  });
}

function metricOf(model: MetricModel): object {
  switch (model.kind) {
    case "queue-depth":
      return {
        MetricName: "ApproximateNumberOfMessagesVisible",
        Namespace: "AWS/SQS",
        Dimensions: [{ value: model.queueName, name: "QueueName" }],
      };
    case "unseen":
    case "embedded": {
      const { name, namespace, dimensions } = model.metric;
      return {
        MetricName: name,
        Namespace: namespace,
        Dimensions: Object.entries(dimensions).map(([dimension, value]) => ({ value, name: dimension })),
        ...(model.kind === "embedded" ? { TreatMissingData: model.missing } : {}),
      };
    }
    default:
      return model satisfies never;
  }
}
