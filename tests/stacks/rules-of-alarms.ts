import { sweepWindow } from "../../stacks/sweep-window.ts";
import { type Graph, list, type Resource, resources, workers } from "./graph.ts";
import { metricsOf } from "./own-metrics.ts";
import type { Rule } from "./rule.ts";
import { allowed, grants, roles } from "./rules-of-roles.ts";

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const FUNCTION = "aws:lambda/function:Function";
const SCHEDULE = "aws:scheduler/schedule:Schedule";
const CHAT = "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration";
const TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy";
const OWN = "BedrockKeyGuard";
const HOUR = 60 * 60;
const DAY = 24 * HOUR;

type Alarm = Resource<typeof ALARM>;

const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);
const alarms = (graph: Graph): Alarm[] => resources(graph, ALARM);
const nameOf = (namespace: string, metric: string, dimensions: Readonly<Record<string, string>>) =>
  JSON.stringify([namespace, metric, Object.entries(dimensions).sort()]);

/** The metrics of a function's own that its code writes to its log. */
function written(graph: Graph): string[] {
  return resources(graph, FUNCTION).flatMap(({ name, inputs }) =>
    metricsOf(name.replace(/Function$/, "")).map(({ metric, dimensions }) =>
      nameOf(OWN, metric, { service: inputs.name, ...dimensions }),
    ),
  );
}

export const rulesOfAlarms: readonly Rule[] = [
  {
    says: "an alarm on a metric of the guard's own watches one that the function's code writes",
    brokenBy: (graph) => {
      const known = written(graph);
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
      { type: ALARM, name: "SlackRefusalAlarm", set: { "dimensions.channel": "teams" } },
      { type: ALARM, name: "SlackRefusalAlarm", set: { "dimensions.service": "bedrock-key-guard-local-sweep" } },
    ],
  },
  {
    says: "people are told when no sweep has finished while two were due, also when nothing is heard of any",
    brokenBy: (graph) => {
      const topics = resources(graph, "aws:sns/topic:Topic").map(({ state }) => state.arn);
      const schedule = resources(graph, SCHEDULE).find(({ name }) => name === "SweepSchedule");
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
    says: "alarms tell by the health topic, which no part of the guard is needed for; its own failing is told by the other",
    brokenBy: (graph) => {
      const topic = (name: string) =>
        resources(graph, "aws:sns/topic:Topic").find((one) => one.name === name)?.state.arn;
      const other = alarms(graph).filter(({ name, inputs }) => {
        const by = name === "HealthDeliveryAlarm" ? topic("Alerts") : topic("Health");
        return inputs.alarmActions.join() !== by;
      });
      const tellers = roles(graph).filter((role) =>
        allowed(role).some(
          (statement) => grants(statement, "sns:Publish") && list(statement.Resource).includes(topic("Health") ?? ""),
        ),
      );
      return [...names(other), ...names(tellers)];
    },
    breaks: [
      {
        type: ALARM,
        name: "KeyDeadLettersAlarm",
        set: { alarmActions: ["arn:aws:sns:eu-west-1:111122223333:bedrock-key-guard-local-alerts"] },
      },
      { type: ALARM, name: "AnnounceErrorsAlarm", set: { alarmActions: [] } },
      {
        type: ALARM,
        name: "HealthDeliveryAlarm",
        set: { alarmActions: ["arn:aws:sns:eu-west-1:111122223333:bedrock-key-guard-local-health"] },
      },
      {
        type: "aws:iam/role:Role",
        name: "AnnounceRole",
        set: {
          "inlinePolicies.0.policy.Statement.3.Resource":
            "arn:aws:sns:eu-west-1:111122223333:bedrock-key-guard-local-health",
        },
      },
    ],
  },
  {
    says: "every function has an alarm on its errors and on its throttles, every queue with a function on its oldest message, every topic on what is not delivered",
    brokenBy: (graph) => {
      const watched = new Set(
        alarms(graph).map(({ inputs }) => nameOf(inputs.namespace, inputs.metricName, inputs.dimensions)),
      );
      const wanted = [
        ...resources(graph, FUNCTION).flatMap(({ inputs }) =>
          ["Errors", "Throttles"].map((metric) => nameOf("AWS/Lambda", metric, { FunctionName: inputs.name })),
        ),
        ...workers(graph).map(({ queue }) =>
          nameOf("AWS/SQS", "ApproximateAgeOfOldestMessage", { QueueName: queue.inputs.name }),
        ),
        ...resources(graph, "aws:sns/topic:Topic").map(({ inputs }) =>
          nameOf("AWS/SNS", "NumberOfNotificationsFailed", { TopicName: inputs.name }),
        ),
      ];
      return wanted.filter((one) => !watched.has(one));
    },
    breaks: [
      { type: ALARM, name: "AnnounceErrorsAlarm", set: { metricName: "Invocations" } },
      { type: ALARM, name: "SweepThrottlesAlarm", set: { "dimensions.FunctionName": "other" } },
      { type: ALARM, name: "SlackAgeAlarm", set: { "dimensions.QueueName": "other" } },
      { type: ALARM, name: "ChatDeliveryAlarm", set: { metricName: "NumberOfMessagesPublished" } },
    ],
  },
  {
    says: "every alarm of the stack may publish to its topic, and nobody else's",
    brokenBy: (graph) => {
      const policies = resources(graph, TOPIC_POLICY).map(({ inputs }) => inputs);
      const wanted = alarms(graph).flatMap(({ inputs, state }) =>
        inputs.alarmActions.map((topic) => `${state.arn} ${topic}`),
      );
      const admitted = policies.flatMap(({ arn, policy: { Statement } }) =>
        Statement.filter(({ Principal }) => JSON.stringify(Principal) === '{"Service":"cloudwatch.amazonaws.com"}')
          .filter(({ Condition }) => Condition?.StringEquals?.["aws:SourceAccount"] === "111122223333")
          .flatMap(({ Condition }) => list(Condition?.ArnEquals?.["aws:SourceArn"]).map((alarm) => `${alarm} ${arn}`)),
      );
      return [...wanted.filter((one) => !admitted.includes(one)), ...admitted.filter((one) => !wanted.includes(one))];
    },
    breaks: [
      { type: TOPIC_POLICY, name: "HealthFromAlarms", set: { "policy.Statement.0.Condition.ArnEquals": undefined } },
      { type: TOPIC_POLICY, name: "HealthFromAlarms", set: { "policy.Statement.0.Principal": { AWS: "*" } } },
      { type: TOPIC_POLICY, name: "AlertsByIam", set: { "policy.Statement.1.Condition.ArnEquals": undefined } },
    ],
  },
  {
    says: "every topic says who may publish, so that not everyone in the account may tell people things in the guard's name",
    brokenBy: (graph) => {
      const policies = new Map(
        resources(graph, TOPIC_POLICY).map(({ inputs }) => [inputs.arn, inputs.policy.Statement]),
      );
      const root = '{"AWS":"arn:aws:iam::111122223333:root"}';
      return names(
        resources(graph, "aws:sns/topic:Topic").filter(({ state }) => {
          const statements = policies.get(state.arn) ?? [];
          const others = statements.filter(
            ({ Principal, Condition }) =>
              JSON.stringify(Principal) !== root && Condition?.StringEquals?.["aws:SourceAccount"] === undefined,
          );
          return statements.length === 0 || others.length > 0;
        }),
      );
    },
    breaks: [
      { type: TOPIC_POLICY, name: "ChatByIam", set: { arn: "arn:aws:sns:eu-west-1:111122223333:other" } },
      { type: TOPIC_POLICY, name: "AlertsByIam", set: { "policy.Statement.0.Principal": { AWS: "*" } } },
    ],
  },
  {
    says: "from the chat channel nobody may do anything: its role has no permissions, and the guardrail denies all",
    brokenBy: (graph) => {
      const known = roles(graph);
      return names(
        resources(graph, CHAT).filter(({ inputs }) => {
          const role = known.find(({ state }) => state.arn === inputs.iamRoleArn);
          const isEmpty = role?.inputs.inlinePolicies.length === 0 && role.inputs.managedPolicyArns.length === 0;
          return !isEmpty || inputs.guardrailPolicyArns.join() !== "arn:aws:iam::aws:policy/AWSDenyAll";
        }),
      );
    },
    breaks: [
      { type: CHAT, name: "ChatChannel", set: { guardrailPolicyArns: [] } },
      {
        type: "aws:iam/role:Role",
        name: "ChatRole",
        set: { managedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] },
      },
    ],
  },
  {
    says: "the topic is not encrypted under the key of SNS, which alarms can't use",
    brokenBy: (graph) =>
      names(resources(graph, "aws:sns/topic:Topic").filter(({ inputs }) => inputs.kmsMasterKeyId === "alias/aws/sns")),
    breaks: [{ type: "aws:sns/topic:Topic", name: "Alerts", set: { kmsMasterKeyId: "alias/aws/sns" } }],
  },
];
