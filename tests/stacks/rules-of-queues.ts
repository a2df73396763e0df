import { settingsFor } from "../../stacks/settings.ts";
import { type Graph, list, type Resource, resources, workers } from "./graph.ts";
import type { Rule } from "./rule.ts";

const QUEUE = "aws:sqs/queue:Queue";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const POLICY = "aws:sqs/queuePolicy:QueuePolicy";
const TARGET = "aws:cloudwatch/eventTarget:EventTarget";
const DAY = 24 * 60 * 60;

/** What Slack, or another channel, puts off says nothing about a message. */
const MOST_ATTEMPTS: Readonly<Record<string, number>> = { SlackQueue: 100, SlackAlarmsQueue: 20, AlertQueue: 30 };

type Queue = Resource<typeof QUEUE>;

const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);

function deadLettersOf(graph: Graph, queue: Queue): Queue | undefined {
  return resources(graph, QUEUE).find(({ state }) => state.arn === queue.inputs.redrivePolicy?.deadLetterTargetArn);
}

/** Whether the queue's policy lets the service send to it on behalf of the named resource. */
function admits(graph: Graph, queueArn: string | undefined, service: string, sender: string | undefined): boolean {
  return resources(graph, POLICY).some(({ inputs }) =>
    inputs.policy.Statement.some(
      (statement) =>
        statement.Resource === queueArn &&
        statement.Effect === "Allow" &&
        list(statement.Action).includes("sqs:SendMessage") &&
        list(statement.Principal?.Service).includes(service) &&
        list(statement.Condition?.ArnEquals?.["aws:SourceArn"]).includes(sender ?? ""),
    ),
  );
}

export const rulesOfQueues: readonly Rule[] = [
  {
    says: "encryption at rest is stated for every queue",
    brokenBy: (graph) => names(resources(graph, QUEUE).filter(({ inputs }) => inputs.sqsManagedSseEnabled !== true)),
    breaks: [{ type: QUEUE, name: "SlackDeadLetters", set: { sqsManagedSseEnabled: undefined } }],
  },
  {
    says: "a message stays hidden while it is gathered, and then for six times as long as its function may run at least",
    brokenBy: (graph) =>
      workers(graph)
        .filter(({ queue, mapping, function: { inputs } }) => {
          const needed = 6 * inputs.timeout + mapping.inputs.maximumBatchingWindowInSeconds;
          return (queue.inputs.visibilityTimeoutSeconds ?? 30) < needed;
        })
        .map(({ queue }) => queue.name),
    breaks: [
      { type: QUEUE, name: "CallersQueue", set: { visibilityTimeoutSeconds: 1800 } },
      { type: QUEUE, name: "KeyQueue", set: { visibilityTimeoutSeconds: 300 } },
      { type: "aws:lambda/function:Function", name: "IntakeFunction", set: { timeout: 900 } },
    ],
  },
  {
    says: "a queue with a function has a queue of its kind for dead letters, kept for longer, after a few attempts",
    brokenBy: (graph) =>
      workers(graph)
        .map(({ queue }) => queue)
        .filter((queue) => {
          const dead = deadLettersOf(graph, queue);
          const attempts = queue.inputs.redrivePolicy?.maxReceiveCount ?? 0;
          return (
            dead === undefined ||
            dead.inputs.fifoQueue !== queue.inputs.fifoQueue ||
            dead.inputs.messageRetentionSeconds !== 14 * DAY ||
            queue.inputs.messageRetentionSeconds >= 14 * DAY ||
            attempts < 3 ||
            attempts > (MOST_ATTEMPTS[queue.name] ?? 10)
          );
        })
        .map(({ name }) => name),
    breaks: [
      { type: QUEUE, name: "SweepQueue", set: { redrivePolicy: undefined } },
      { type: QUEUE, name: "KeyDeadLetters", set: { fifoQueue: false } },
      { type: QUEUE, name: "IntakeQueue", set: { "redrivePolicy.maxReceiveCount": 1 } },
      { type: QUEUE, name: "KeyQueue", set: { "redrivePolicy.maxReceiveCount": 20 } },
    ],
  },
  {
    says: "dead letters raise an alarm that tells people",
    brokenBy: (graph) => {
      const topics = resources(graph, "aws:sns/topic:Topic").map(({ state }) => state.arn);
      const watched = resources(graph, ALARM)
        .filter(
          ({ inputs }) =>
            inputs.namespace === "AWS/SQS" &&
            inputs.metricName === "ApproximateNumberOfMessagesVisible" &&
            inputs.comparisonOperator === "GreaterThanThreshold" &&
            inputs.threshold === 0 &&
            inputs.alarmActions.some((action) => topics.includes(action)),
        )
        .map(({ inputs }) => inputs.dimensions.QueueName);
      return names(
        workers(graph)
          .flatMap(({ queue }) => deadLettersOf(graph, queue) ?? [])
          .filter(({ inputs }) => !watched.includes(inputs.name)),
      );
    },
    breaks: [
      { type: ALARM, name: "KeyDeadLettersAlarm", set: { "dimensions.QueueName": "another" } },
      { type: ALARM, name: "SlackDeadLettersAlarm", set: { alarmActions: [] } },
      { type: ALARM, name: "SweepDeadLettersAlarm", set: { threshold: 10 } },
    ],
  },
  {
    says: "a queue takes the dead letters of its own source only",
    brokenBy: (graph) => {
      const allowed = resources(graph, "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy");
      return names(
        workers(graph)
          .map(({ queue }) => queue)
          .filter((queue) => {
            const dead = deadLettersOf(graph, queue);
            const policy = allowed.find(({ inputs }) => inputs.queueUrl === dead?.state.url)?.inputs.redriveAllowPolicy;
            return policy?.redrivePermission !== "byQueue" || policy.sourceQueueArns.join() !== queue.state.arn;
          }),
      );
    },
    breaks: [
      {
        type: "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
        name: "KeyDeadLettersFrom",
        set: { "redriveAllowPolicy.redrivePermission": "allowAll" },
      },
    ],
  },
  {
    says: "the duplicates on a FIFO queue are named by the sender",
    brokenBy: (graph) =>
      names(resources(graph, QUEUE).filter(({ inputs }) => inputs.fifoQueue && inputs.contentBasedDeduplication)),
    breaks: [{ type: QUEUE, name: "KeyQueue", set: { contentBasedDeduplication: true } }],
  },
  {
    // https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
    says: "batches fit Lambda's limits: ten messages, or ten thousand gathered within five minutes from a standard queue",
    brokenBy: (graph) =>
      workers(graph)
        .filter(({ queue, mapping: { inputs } }) => {
          const window = inputs.maximumBatchingWindowInSeconds;
          const most = window > 0 ? 10_000 : 10;
          return inputs.batchSize > most || window > 300 || (queue.inputs.fifoQueue && window > 0);
        })
        .map(({ mapping }) => mapping.name),
    breaks: [
      { type: MAPPING, name: "ReconcileFromQueue", set: { batchSize: 100 } },
      { type: MAPPING, name: "ReconcileFromQueue", set: { maximumBatchingWindowInSeconds: 10 } },
      { type: MAPPING, name: "CallersFromQueue", set: { maximumBatchingWindowInSeconds: undefined } },
      { type: MAPPING, name: "CallersFromQueue", set: { maximumBatchingWindowInSeconds: 301 } },
      { type: MAPPING, name: "CallersFromQueue", set: { batchSize: 10_001 } },
    ],
  },
  {
    says: "one bad message does not take the others of its batch along",
    brokenBy: (graph) =>
      names(
        resources(graph, MAPPING).filter(
          ({ inputs }) => inputs.functionResponseTypes.join() !== "ReportBatchItemFailures",
        ),
      ),
    breaks: [{ type: MAPPING, name: "IntakeFromQueue", set: { functionResponseTypes: [] } }],
  },
  {
    says: "two pages of a sweep at most are worked on at once",
    brokenBy: (graph) =>
      workers(graph)
        .filter((worker) => worker.function.name === "SweepFunction")
        .map(({ mapping }) => mapping)
        .filter(({ inputs }) => inputs.scalingConfig?.maximumConcurrency !== 2 || inputs.batchSize !== 1)
        .map(({ name }) => name),
    breaks: [{ type: MAPPING, name: "SweepFromQueue", set: { scalingConfig: undefined } }],
  },
  {
    says: "what works on a sweep at once keeps together to the share of each quota that the settings give it",
    brokenBy: (graph) =>
      workers(graph)
        .filter((worker) => worker.function.name === "SweepFunction")
        .filter((worker) => {
          const share = Number(worker.function.inputs.environment.variables.SWEEP_SHARE);
          return !(
            share > 0 &&
            share * (worker.mapping.inputs.scalingConfig?.maximumConcurrency ?? 1000) <= settingsFor("local").sweepShare
          );
        })
        .map(({ mapping }) => mapping.name),
    breaks: [
      { type: MAPPING, name: "SweepFromQueue", set: { "scalingConfig.maximumConcurrency": 3 } },
      {
        type: "aws:lambda/function:Function",
        name: "SweepFunction",
        set: { "environment.variables.SWEEP_SHARE": "1" },
      },
    ],
  },
  {
    says: "five batches of keys at most are worked on at once, which leaves KMS to others",
    brokenBy: (graph) =>
      workers(graph)
        .filter((worker) => worker.function.name === "ReconcileFunction")
        .filter(({ mapping }) => mapping.inputs.scalingConfig?.maximumConcurrency !== 5)
        .map(({ mapping }) => mapping.name),
    breaks: [{ type: MAPPING, name: "ReconcileFromQueue", set: { scalingConfig: undefined } }],
  },
  {
    says: "a queue's policy admits AWS services on behalf of named resources only",
    brokenBy: (graph) =>
      names(
        resources(graph, POLICY).filter(({ inputs }) =>
          inputs.policy.Statement.some(({ Principal = {}, Condition }) => {
            const senders = list(Condition?.ArnEquals?.["aws:SourceArn"]);
            return (
              Object.keys(Principal).join() !== "Service" ||
              senders.length === 0 ||
              senders.some((sender) => sender.includes("*"))
            );
          }),
        ),
      ),
    breaks: [
      { type: POLICY, name: "IntakeFromRules", set: { "policy.Statement.0.Condition": undefined } },
      { type: POLICY, name: "SlackFromHealth", set: { "policy.Statement.0.Principal": { AWS: "*" } } },
    ],
  },
  {
    says: "a queue that is a rule's target admits the rule, and so do the dead letters of what can't be delivered within a day",
    brokenBy: (graph) => {
      const rules = resources(graph, "aws:cloudwatch/eventRule:EventRule");
      return names(
        resources(graph, TARGET).filter(({ inputs }) => {
          // A bus takes what its target's role may put there: rules-of-callers.ts.
          if (inputs.arn.includes(":event-bus/")) return false;
          const rule = rules.find((candidate) => candidate.inputs.name === inputs.rule)?.state.arn;
          return (
            !admits(graph, inputs.arn, "events.amazonaws.com", rule) ||
            !admits(graph, inputs.deadLetterConfig?.arn, "events.amazonaws.com", rule) ||
            (inputs.retryPolicy?.maximumEventAgeInSeconds ?? 0) < DAY
          );
        }),
      );
    },
    breaks: [
      { type: TARGET, name: "KeyChangesToIntake", set: { deadLetterConfig: undefined } },
      { type: TARGET, name: "KeyChangesToIntake", set: { retryPolicy: undefined } },
      {
        type: POLICY,
        name: "IntakeDeadLettersFromRules",
        set: {
          "policy.Statement.0.Condition.ArnEquals.aws:SourceArn": ["arn:aws:events:eu-west-1:111122223333:rule/x"],
        },
      },
      { type: POLICY, name: "IntakeFromRules", set: { "policy.Statement.0.Principal.Service": "sns.amazonaws.com" } },
    ],
  },
  {
    says: "a queue that is subscribed to a topic admits the topic, and gets the alert itself",
    brokenBy: (graph) =>
      names(
        resources(graph, "aws:sns/topicSubscription:TopicSubscription")
          .filter(({ inputs }) => inputs.protocol === "sqs")
          .filter(
            ({ inputs }) =>
              !admits(graph, inputs.endpoint, "sns.amazonaws.com", inputs.topic) || !inputs.rawMessageDelivery,
          ),
      ),
    breaks: [
      { type: POLICY, name: "SlackFromHealth", set: { "policy.Statement.0.Action": "sqs:ReceiveMessage" } },
      {
        type: "aws:sns/topicSubscription:TopicSubscription",
        name: "HealthToSlack",
        set: { rawMessageDelivery: false },
      },
    ],
  },
  {
    says: "Slack is told in order: one alert at a time, from a FIFO queue whose sender names the duplicates",
    brokenBy: (graph) =>
      workers(graph)
        .filter(({ queue }) => queue.name === "SlackQueue")
        .filter(
          ({ queue: { inputs }, mapping }) =>
            !inputs.fifoQueue || inputs.contentBasedDeduplication || mapping.inputs.batchSize !== 1,
        )
        .map(({ queue }) => queue.name),
    breaks: [
      { type: QUEUE, name: "SlackQueue", set: { fifoQueue: false } },
      { type: QUEUE, name: "SlackQueue", set: { contentBasedDeduplication: true } },
      { type: MAPPING, name: "NotifySlackFromQueue", set: { batchSize: 10 } },
    ],
  },
];
