import { sweepMetrics } from "../../packages/functions/src/lib/metrics.ts";
import { sweepWindow } from "../../stacks/sweep-window.ts";
import { type Graph, type Resource, resources } from "./graph.ts";
import type { Rule } from "./rule.ts";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const FUNCTION = "aws:lambda/function:Function";
const SCHEDULE = "aws:scheduler/schedule:Schedule";
const TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy";
const OWN = "BedrockKeyGuard";
const HOUR = 60 * 60;
const DAY = 24 * HOUR;

type Alarm = Resource<typeof ALARM>;

const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);
const alarms = (graph: Graph): Alarm[] => resources(graph, ALARM);
const nameOf = (namespace: unknown, metric: unknown, dimensions: unknown) =>
  JSON.stringify([namespace, metric, dimensions]);

interface EmbeddedMetrics {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/** The metrics that a function's code writes to its log, found by running it. */
function written(functionName: string): string[] {
  const lines: string[] = [];
  const metrics = sweepMetrics(
    functionName,
    { now: () => "2026-11-23T18:30:00Z" },
    { write: (line) => lines.push(line) },
  );
  metrics.started();
  metrics.finished();
  return lines.flatMap((line) => {
    const root = JSON.parse(line) as EmbeddedMetrics & Record<string, unknown>;
    return root._aws.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
      Dimensions.flatMap((set) =>
        Metrics.filter(({ Name }) => typeof root[Name] === "number").map(({ Name }) =>
          nameOf(Namespace, Name, Object.fromEntries(set.map((dimension) => [dimension, root[dimension]]))),
        ),
      ),
    );
  });
}

function sweepFunction(graph: Graph): string | undefined {
  return resources(graph, FUNCTION).find(({ name }) => name === "SweepFunction")?.inputs.name;
}

export const rulesOfAlarms: readonly Rule[] = [
  {
    says: "an alarm on a metric of the guard's own watches one that the sweep's code writes",
    brokenBy: (graph) => {
      const known = written(sweepFunction(graph) ?? "");
      return names(
        alarms(graph)
          .filter(({ inputs }) => !inputs.namespace.startsWith("AWS/"))
          .filter(({ inputs }) => !known.includes(nameOf(inputs.namespace, inputs.metricName, inputs.dimensions))),
      );
    },
    breaks: [
      { type: ALARM, name: "SweepAlarm", set: { metricName: "SweepsFinished" } },
      { type: ALARM, name: "SweepAlarm", set: { namespace: "KeyGuard" } },
      { type: ALARM, name: "SweepAlarm", set: { "dimensions.service": "sweep" } },
      { type: ALARM, name: "SweepAlarm", set: { "dimensions.stage": "local" } },
    ],
  },
  {
    says: "people are told when no sweep has finished while two were due, also when nothing is heard of any",
    brokenBy: (graph) => {
      const topics = resources(graph, "aws:sns/topic:Topic").map(({ state }) => state.arn);
      const [schedule] = resources(graph, SCHEDULE);
      const window = sweepWindow(schedule?.inputs.scheduleExpression ?? "");
      const tells = alarms(graph).filter(
        ({ inputs }) =>
          inputs.namespace === OWN &&
          inputs.metricName === "SweepFinished" &&
          inputs.statistic === "Sum" &&
          inputs.comparisonOperator === "LessThanThreshold" &&
          inputs.threshold === 1 &&
          inputs.treatMissingData === "breaching" &&
          inputs.period === window?.periodSeconds &&
          inputs.evaluationPeriods === window.evaluationPeriods &&
          inputs.alarmActions.some((action) => topics.includes(action)),
      );
      return tells.length === 1 ? [] : ["no alarm tells of sweeps that do not finish"];
    },
    breaks: [
      { type: ALARM, name: "SweepAlarm", set: { treatMissingData: "notBreaching" } },
      { type: ALARM, name: "SweepAlarm", set: { statistic: "Average" } },
      { type: ALARM, name: "SweepAlarm", set: { period: 60 } },
      { type: ALARM, name: "SweepAlarm", set: { evaluationPeriods: 3 } },
      { type: ALARM, name: "SweepAlarm", set: { threshold: 0 } },
      { type: ALARM, name: "SweepAlarm", set: { alarmActions: [] } },
      { type: SCHEDULE, name: "SweepSchedule", set: { scheduleExpression: "rate(12 hours)" } },
    ],
  },
  {
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    says: "CloudWatch takes every alarm: its period, how far it looks back, and the length of what it tells",
    brokenBy: (graph) =>
      names(
        alarms(graph).filter(({ inputs: { period, evaluationPeriods, alarmDescription } }) => {
          const longest = period < HOUR ? DAY : 7 * DAY;
          // The stage and the Region of another deployment may have longer names.
          const room = 100;
          return (
            period % 60 !== 0 ||
            period < 60 ||
            period > DAY ||
            period * evaluationPeriods > longest ||
            alarmDescription.length > 1024 - room
          );
        }),
      ),
    breaks: [
      { type: ALARM, name: "SweepAlarm", set: { period: 90 } },
      { type: ALARM, name: "SweepAlarm", set: { period: 2 * DAY } },
      { type: ALARM, name: "SweepAlarm", set: { period: DAY, evaluationPeriods: 8 } },
      { type: ALARM, name: "SweepAlarm", set: { period: 60, evaluationPeriods: 1441 } },
      { type: ALARM, name: "SweepAlarm", set: { alarmDescription: "x".repeat(1000) } },
    ],
  },
  {
    says: "every alarm of the stack may publish to the topic, and nobody else's",
    brokenBy: (graph) => {
      const alarms = resources(graph, "aws:cloudwatch/metricAlarm:MetricAlarm").map(({ state }) => state.arn);
      const admitted = resources(graph, TOPIC_POLICY)
        .flatMap(({ inputs }) => inputs.policy.Statement)
        .filter(({ Principal }) => JSON.stringify(Principal) === '{"Service":"cloudwatch.amazonaws.com"}')
        .filter(({ Condition }) => Condition?.StringEquals?.["aws:SourceAccount"] === "111122223333")
        .flatMap(({ Condition }) => Condition?.ArnEquals?.["aws:SourceArn"] ?? []);
      const statements = resources(graph, TOPIC_POLICY).flatMap(({ inputs }) => inputs.policy.Statement);
      return [
        ...alarms.filter((alarm) => !admitted.includes(alarm)),
        ...admitted.filter((sender) => !alarms.includes(sender)),
        ...(statements.length === 1 ? [] : ["the topic's policy says more"]),
      ];
    },
    breaks: [
      { type: TOPIC_POLICY, name: "AlertsFromAlarms", set: { "policy.Statement.0.Condition.ArnEquals": undefined } },
      { type: TOPIC_POLICY, name: "AlertsFromAlarms", set: { "policy.Statement.0.Principal": { AWS: "*" } } },
    ],
  },
  {
    says: "the topic is not encrypted under the key of SNS, which alarms can't use",
    brokenBy: (graph) =>
      names(resources(graph, "aws:sns/topic:Topic").filter(({ inputs }) => inputs.kmsMasterKeyId === "alias/aws/sns")),
    breaks: [{ type: "aws:sns/topic:Topic", name: "Alerts", set: { kmsMasterKeyId: "alias/aws/sns" } }],
  },
];
