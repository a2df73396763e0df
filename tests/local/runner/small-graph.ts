/** A resource graph in miniature: a rule and a schedule feed a queue, a function works on it and on a FIFO queue. */

const ACCOUNT = "111122223333";
const REGION = "eu-west-1";

export type Inputs = Record<string, unknown>;
export interface SmallResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Inputs;
  readonly state: Record<string, string>;
}
export interface SmallGraph {
  readonly resources: SmallResource[];
}

export const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;
export const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
export const queueUrl = (name: string) => `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`;

const document = (...Statement: object[]) => ({ Version: "2012-10-17", Statement });
const allow = (Action: string | string[], Resource: string | string[]) => ({ Effect: "Allow", Action, Resource });
const admit = (service: string, queueArn: string, source: string) => ({
  ...allow("sqs:SendMessage", queueArn),
  Principal: { Service: service },
  Condition: { ArnEquals: { "aws:SourceArn": source } },
});
const trust = (service: string) =>
  document({ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" });

function queue(logicalName: string, name: string, inputs: Inputs = {}): SmallResource {
  const fifo = name.endsWith(".fifo") ? { fifoQueue: true, contentBasedDeduplication: false } : {};
  return {
    type: "aws:sqs/queue:Queue",
    name: logicalName,
    inputs: { name, ...fifo, ...inputs },
    state: { arn: arn("sqs", name), url: queueUrl(name) },
  };
}

const redrive = (deadLetters: string) => ({ deadLetterTargetArn: arn("sqs", deadLetters), maxReceiveCount: 3 });

/** A fresh copy at each call: tests change it. */
export function smallGraph(): SmallGraph {
  const ruleArn = arn("events", "rule/changes");
  const topicArn = arn("sns", "alerts");
  const alarmArn = arn("cloudwatch", "alarm:jobs-dlq");
  return {
    resources: [
      queue("Jobs", "jobs", { visibilityTimeoutSeconds: 60, redrivePolicy: redrive("jobs-dlq") }),
      queue("JobsDeadLetters", "jobs-dlq"),
      queue("Steps", "steps.fifo", { visibilityTimeoutSeconds: 60, redrivePolicy: redrive("steps-dlq.fifo") }),
      queue("StepsDeadLetters", "steps-dlq.fifo"),
      queue("Copies", "copies"),
      {
        type: "aws:sqs/queuePolicy:QueuePolicy",
        name: "JobsPolicy",
        inputs: {
          queueUrl: queueUrl("jobs"),
          policy: document(admit("events.amazonaws.com", arn("sqs", "jobs"), ruleArn)),
        },
        state: {},
      },
      {
        type: "aws:sqs/queuePolicy:QueuePolicy",
        name: "JobsDeadLettersPolicy",
        inputs: {
          queueUrl: queueUrl("jobs-dlq"),
          policy: document(admit("events.amazonaws.com", arn("sqs", "jobs-dlq"), ruleArn)),
        },
        state: {},
      },
      {
        type: "aws:sqs/queuePolicy:QueuePolicy",
        name: "CopiesPolicy",
        inputs: {
          queueUrl: queueUrl("copies"),
          policy: document(admit("sns.amazonaws.com", arn("sqs", "copies"), topicArn)),
        },
        state: {},
      },
      { type: "aws:sns/topic:Topic", name: "Alerts", inputs: { name: "alerts" }, state: { arn: topicArn } },
      {
        type: "aws:sns/topicPolicy:TopicPolicy",
        name: "AlertsPolicy",
        inputs: {
          arn: topicArn,
          policy: document({
            ...allow("sns:Publish", topicArn),
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Condition: { ArnEquals: { "aws:SourceArn": [alarmArn] } },
          }),
        },
        state: {},
      },
      subscription("AlertsToMail", { protocol: "email", endpoint: "team@example.com" }),
      subscription("AlertsToCopies", { protocol: "sqs", endpoint: arn("sqs", "copies"), rawMessageDelivery: true }),
      {
        type: "aws:dynamodb/table:Table",
        name: "State",
        inputs: {
          name: "state",
          billingMode: "PAY_PER_REQUEST",
          hashKey: "pk",
          rangeKey: "sk",
          attributes: [
            { name: "pk", type: "S" },
            { name: "sk", type: "S" },
          ],
        },
        state: { arn: arn("dynamodb", "table/state") },
      },
      {
        type: "aws:iam/role:Role",
        name: "WorkerRole",
        inputs: {
          name: "worker",
          assumeRolePolicy: trust("lambda.amazonaws.com"),
          inlinePolicies: [
            {
              name: "work",
              policy: document(
                allow(
                  ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
                  [arn("sqs", "jobs"), arn("sqs", "steps.fifo")],
                ),
                allow(["logs:CreateLogStream", "logs:PutLogEvents"], arn("logs", "log-group:/aws/lambda/worker:*")),
                allow("dynamodb:PutItem", arn("dynamodb", "table/state")),
                allow("sns:Publish", topicArn),
              ),
            },
          ],
        },
        state: { arn: roleArn("worker") },
      },
      {
        type: "aws:lambda/function:Function",
        name: "Worker",
        inputs: {
          name: "worker",
          role: roleArn("worker"),
          runtime: "nodejs24.x",
          handler: "index.handler",
          timeout: 1,
          memorySize: 512,
          environment: { variables: { GREETING: "hello", FAREWELL: "bye" } },
        },
        state: { arn: arn("lambda", "function:worker"), bundle: "bundles/worker" },
      },
      mapping("WorkerFromJobs", "jobs"),
      mapping("WorkerFromSteps", "steps.fifo"),
      {
        type: "aws:cloudwatch/eventRule:EventRule",
        name: "Changes",
        inputs: {
          name: "changes",
          eventPattern: {
            source: ["aws.kms"],
            "detail-type": ["AWS API Call via CloudTrail"],
            detail: { eventName: ["DisableKey", "EnableKey"], errorCode: [{ exists: false }] },
          },
        },
        state: { arn: ruleArn },
      },
      {
        type: "aws:cloudwatch/eventTarget:EventTarget",
        name: "ChangesToJobs",
        inputs: { rule: "changes", arn: arn("sqs", "jobs"), deadLetterConfig: { arn: arn("sqs", "jobs-dlq") } },
        state: {},
      },
      {
        type: "aws:iam/role:Role",
        name: "ScheduleRole",
        inputs: {
          name: "schedule",
          assumeRolePolicy: trust("scheduler.amazonaws.com"),
          inlinePolicies: [{ name: "send", policy: document(allow("sqs:SendMessage", arn("sqs", "jobs"))) }],
        },
        state: { arn: roleArn("schedule") },
      },
      {
        type: "aws:scheduler/schedule:Schedule",
        name: "Hourly",
        inputs: {
          name: "hourly",
          scheduleExpression: "rate(1 hour)",
          flexibleTimeWindow: { mode: "OFF" },
          target: { arn: arn("sqs", "jobs"), roleArn: roleArn("schedule"), input: '{"name":"hourly"}' },
        },
        state: { arn: arn("scheduler", "schedule/default/hourly") },
      },
      {
        type: "aws:cloudwatch/metricAlarm:MetricAlarm",
        name: "JobsAlarm",
        inputs: {
          name: "jobs-dlq",
          namespace: "AWS/SQS",
          metricName: "ApproximateNumberOfMessagesVisible",
          dimensions: { QueueName: "jobs-dlq" },
          statistic: "Maximum",
          period: 60,
          evaluationPeriods: 1,
          threshold: 0,
          comparisonOperator: "GreaterThanThreshold",
          alarmActions: [topicArn],
        },
        state: { arn: alarmArn },
      },
    ],
  };
}

function subscription(name: string, inputs: Inputs): SmallResource {
  return {
    type: "aws:sns/topicSubscription:TopicSubscription",
    name,
    inputs: { topic: arn("sns", "alerts"), ...inputs },
    state: {},
  };
}

function mapping(name: string, queueName: string): SmallResource {
  return {
    type: "aws:lambda/eventSourceMapping:EventSourceMapping",
    name,
    inputs: {
      eventSourceArn: arn("sqs", queueName),
      functionName: arn("lambda", "function:worker"),
      batchSize: 10,
      functionResponseTypes: ["ReportBatchItemFailures"],
    },
    state: {},
  };
}

/** The inputs of one resource, to be changed. */
export function inputsOf(graph: SmallGraph, name: string): Inputs {
  const found = graph.resources.find((resource) => resource.name === name);
  if (!found) throw new Error(`the small graph has no \`${name}\``);
  return found.inputs;
}

/** The statements of a role's only policy, to be changed. */
export function statementsOf(graph: SmallGraph, role: string): { Action: unknown; Resource: unknown }[] {
  const policies = inputsOf(graph, role).inlinePolicies as {
    policy: { Statement: { Action: unknown; Resource: unknown }[] };
  }[];
  return policies[0]?.policy.Statement ?? [];
}
