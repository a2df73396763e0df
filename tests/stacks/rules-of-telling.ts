/** Who tells people, and by which ways. */
import { settingsFor } from "../../stacks/settings.ts";
import { type Graph, list, resources, workers } from "./graph.ts";
import type { Rule } from "./rule.ts";
import { allowed, grants, roles } from "./rules-of-roles.ts";

const ROLE = "aws:iam/role:Role";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription";
const SCHEDULE = "aws:scheduler/schedule:Schedule";
const BUS = "arn:aws:events:eu-west-1:111122223333:event-bus/default";
const OTHER_TOPIC = "arn:aws:sns:eu-west-1:111122223333:other";

const topicArn = (graph: Graph, name: string) =>
  resources(graph, "aws:sns/topic:Topic").find((topic) => topic.name === name)?.state.arn;
const queueArn = (graph: Graph, name: string) =>
  resources(graph, "aws:sqs/queue:Queue").find((queue) => queue.name === name)?.state.arn;

/** The roles that may do this to one of these. */
function who(graph: Graph, action: string, targets: readonly (string | undefined)[]): readonly string[] {
  return roles(graph)
    .filter((role) =>
      allowed(role).some(
        (statement) => grants(statement, action) && list(statement.Resource).some((one) => targets.includes(one)),
      ),
    )
    .map(({ name }) => name);
}

const differences = (found: readonly string[], wanted: readonly string[]) => [
  ...found.filter((one) => !wanted.includes(one)),
  ...wanted.filter((one) => !found.includes(one)).map((one) => `not ${one}`),
];

export const rulesOfTelling: readonly Rule[] = [
  {
    says: "one function tells people; the others note what they found, and wake it",
    brokenBy: (graph) => {
      const channels = [
        ["sns:Publish", topicArn(graph, "Alerts")],
        ["sns:Publish", topicArn(graph, "Chat")],
        ["sqs:SendMessage", queueArn(graph, "SlackQueue")],
      ] as const;
      const wake = who(graph, "sqs:SendMessage", [queueArn(graph, "AlertQueue")]);
      const callers = roles(graph).some(({ name }) => name === "CallersRole") ? ["CallersRole"] : [];
      return [
        ...channels
          .filter(([, target]) => target !== undefined)
          .flatMap(([action, target]) => differences(who(graph, action, [target]), ["AnnounceRole"])),
        ...differences(wake, ["AnnounceRole", ...callers, "DigestScheduleRole", "ReconcileRole", "SweepRole"]),
      ];
    },
    breaks: [
      {
        type: ROLE,
        name: "SweepRole",
        set: {
          "inlinePolicies.0.policy.Statement.0.Action": "sns:Publish",
          "inlinePolicies.0.policy.Statement.0.Resource":
            "arn:aws:sns:eu-west-1:111122223333:bedrock-key-guard-local-alerts",
        },
      },
      {
        type: ROLE,
        name: "ReconcileRole",
        set: {
          "inlinePolicies.0.policy.Statement.0.Action": "sqs:SendMessage",
          "inlinePolicies.0.policy.Statement.0.Resource":
            "arn:aws:sqs:eu-west-1:111122223333:bedrock-key-guard-local-slack.fifo",
        },
      },
      { type: ROLE, name: "AnnounceRole", set: { "inlinePolicies.0.policy.Statement.3.Resource": OTHER_TOPIC } },
    ],
  },
  {
    says: "what is told changes nothing: who tells can write to no key and no caller",
    brokenBy: (graph) =>
      ["kms:PutKeyPolicy", "iam:PutRolePolicy", "iam:PutUserPolicy"].flatMap((action) =>
        roles(graph)
          .filter(({ name }) => name === "AnnounceRole")
          .flatMap((role) => allowed(role).filter((statement) => grants(statement, action)))
          .map(() => action),
      ),
    breaks: [
      { type: ROLE, name: "AnnounceRole", set: { "inlinePolicies.0.policy.Statement.5.Action": "kms:*" } },
      { type: ROLE, name: "AnnounceRole", set: { "inlinePolicies.0.policy.Statement.5.Action": "iam:PutRolePolicy" } },
    ],
  },
  {
    says: "on the account's default bus the guard speaks in its own name only",
    brokenBy: (graph) =>
      roles(graph)
        .filter(({ name }) => name !== "ForwardRole")
        .flatMap((role) => allowed(role).filter((statement) => grants(statement, "events:PutEvents")))
        .filter(
          ({ Resource, Condition }) =>
            list(Resource).join() !== BUS ||
            list(Condition?.StringEquals?.["events:source"]).join() !== "bedrock-key-guard",
        )
        .map(({ Sid = "a statement" }) => Sid),
    breaks: [
      { type: ROLE, name: "AnnounceRole", set: { "inlinePolicies.0.policy.Statement.6.Condition": undefined } },
      { type: ROLE, name: "AnnounceRole", set: { "inlinePolicies.0.policy.Statement.6.Resource": "*" } },
      {
        type: ROLE,
        name: "AnnounceRole",
        set: { "inlinePolicies.0.policy.Statement.6.Condition.StringEquals.events:source": ["bedrock-key-guard", "x"] },
      },
    ],
  },
  {
    says: "who is told of alerts is told of what goes wrong in the guard too, by mail, by Slack and in the chat",
    brokenBy: (graph) => {
      const subscribed = resources(graph, SUBSCRIPTION).map(({ inputs }) => inputs);
      const mailsOf = (topic: string | undefined) =>
        subscribed.filter((one) => one.topic === topic && one.protocol === "email").map(({ endpoint }) => endpoint);
      const health = topicArn(graph, "Health");
      const alarms = queueArn(graph, "SlackAlarmsQueue");
      const isTold = (queue: string | undefined) =>
        subscribed.some((one) => one.topic === health && one.endpoint === queue);
      const shown = resources(graph, "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration");
      return [
        ...differences(mailsOf(health), mailsOf(topicArn(graph, "Alerts"))),
        ...(queueArn(graph, "SlackQueue") && !isTold(alarms) ? ["Slack is not told of alarms"] : []),
        ...shown.flatMap(({ inputs }) =>
          differences(inputs.snsTopicArns, [topicArn(graph, "Chat") ?? "", health ?? ""]),
        ),
      ];
    },
    breaks: [
      { type: SUBSCRIPTION, name: "HealthTo-security@example.com", set: { endpoint: "other@example.com" } },
      {
        type: SUBSCRIPTION,
        name: "HealthToSlack",
        set: { topic: "arn:aws:sns:eu-west-1:111122223333:bedrock-key-guard-local-alerts" },
      },
      {
        type: "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
        name: "ChatChannel",
        set: { snsTopicArns: ["arn:aws:sns:eu-west-1:111122223333:bedrock-key-guard-local-chat"] },
      },
    ],
  },
  {
    says: "alarms reach Slack by a queue of their own, which no alert goes through, one at a time",
    brokenBy: (graph) => {
      const alarms = queueArn(graph, "SlackAlarmsQueue");
      return [
        ...who(graph, "sqs:SendMessage", alarms ? [alarms] : []),
        ...workers(graph)
          .filter(({ queue, mapping }) => queue.state.arn === alarms && mapping.inputs.batchSize !== 1)
          .map(({ mapping }) => mapping.name),
      ];
    },
    breaks: [
      { type: MAPPING, name: "NotifySlackFromAlarms", set: { batchSize: 10 } },
      {
        type: ROLE,
        name: "AnnounceRole",
        set: {
          "inlinePolicies.0.policy.Statement.4.Resource":
            "arn:aws:sqs:eu-west-1:111122223333:bedrock-key-guard-local-slack-alarms",
        },
      },
    ],
  },
  {
    says: "what belongs together is gathered for as long as the settings say, and told by few at once",
    brokenBy: (graph) =>
      workers(graph)
        .filter(({ queue }) => queue.name === "AlertQueue")
        .filter(({ mapping: { inputs } }) => {
          const { gatherSeconds } = settingsFor("local").alerts;
          return (
            inputs.maximumBatchingWindowInSeconds !== gatherSeconds || inputs.scalingConfig?.maximumConcurrency !== 2
          );
        })
        .map(({ mapping }) => mapping.name),
    breaks: [
      { type: MAPPING, name: "AnnounceFromQueue", set: { maximumBatchingWindowInSeconds: 300 } },
      { type: MAPPING, name: "AnnounceFromQueue", set: { scalingConfig: undefined } },
    ],
  },
  {
    says: "once a day, at the time of the settings, the digest is asked for",
    brokenBy: (graph) => {
      const [hours, minutes] = settingsFor("local").alerts.digestAt.split(":").map(Number);
      const daily = resources(graph, SCHEDULE).filter(
        ({ inputs: { scheduleExpression, target } }) =>
          scheduleExpression === `cron(${minutes} ${hours} * * ? *)` &&
          target.arn === queueArn(graph, "AlertQueue") &&
          target.input === JSON.stringify({ v: 1, kind: "announce", daily: true }),
      );
      return daily.length === 1 ? [] : ["nobody asks for the digest"];
    },
    breaks: [
      { type: SCHEDULE, name: "DigestSchedule", set: { scheduleExpression: "cron(7 0 * * ? *)" } },
      { type: SCHEDULE, name: "DigestSchedule", set: { "target.input": '{"v":1,"kind":"announce"}' } },
      { type: SCHEDULE, name: "DigestSchedule", set: { "target.arn": "arn:aws:sqs:eu-west-1:111122223333:other" } },
    ],
  },
];
