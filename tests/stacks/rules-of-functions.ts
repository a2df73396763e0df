import { type Graph, type Resource, resources, workers } from "./graph.ts";
import type { Rule } from "./rule.ts";

const FUNCTION = "aws:lambda/function:Function";
const RULE = "aws:cloudwatch/eventRule:EventRule";
const TABLE = "aws:dynamodb/table:Table";
const TOPIC_POLICY = "aws:sns/topicPolicy:TopicPolicy";
const INVOCATION = "aws:lambda/invocation:Invocation";
const SCHEDULE = "aws:scheduler/schedule:Schedule";
const RECURSION = "aws:lambda/functionRecursionConfig:FunctionRecursionConfig";

const START = { v: 1, kind: "start" };

const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);
const functions = (graph: Graph) => resources(graph, FUNCTION);

function brokenFunctions(wrong: (one: Resource<typeof FUNCTION>, graph: Graph) => boolean) {
  return (graph: Graph) => names(functions(graph).filter((one) => wrong(one, graph)));
}

/** The variables that each function reads, as its code and the local AWS know them. */
const ENVIRONMENT: Readonly<Record<string, readonly string[]>> = {
  IntakeFunction: ["ACCOUNT_ID", "KEY_QUEUE_URL", "TABLE_NAME"],
  NotifySlackFunction: ["SLACK_WEBHOOK_URL"],
  ReconcileFunction: ["ACCOUNT_ID", "ALERT_TOPIC_ARN", "INTAKE_QUEUE_URL", "MODE", "MODE_TAG", "TABLE_NAME"],
  SweepFunction: ["KEY_QUEUE_URL", "SWEEP_QUEUE_URL", "TABLE_NAME"],
};

export const rulesOfFunctions: readonly Rule[] = [
  {
    says: "a function runs our own bundle on Node 24 and arm64",
    brokenBy: brokenFunctions(
      ({ inputs, state }) =>
        inputs.runtime !== "nodejs24.x" ||
        inputs.architectures.join() !== "arm64" ||
        inputs.handler !== "index.handler" ||
        state.bundle !== `dist/functions/${inputs.name.replace("bedrock-key-guard-local-", "")}`,
    ),
    breaks: [
      { type: FUNCTION, name: "SweepFunction", set: { runtime: "nodejs22.x" } },
      { type: FUNCTION, name: "SweepFunction", set: { architectures: ["x86_64"] } },
      { type: FUNCTION, name: "SweepFunction", set: { name: "bedrock-key-guard-local-intake" } },
    ],
  },
  {
    says: "a function has the environment that its code reads, and nothing else",
    brokenBy: brokenFunctions(
      ({ name, inputs }) => Object.keys(inputs.environment.variables).sort().join() !== ENVIRONMENT[name]?.join(),
    ),
    breaks: [
      { type: FUNCTION, name: "IntakeFunction", set: { "environment.variables.SST_KEY": "AAAA" } },
      { type: FUNCTION, name: "ReconcileFunction", set: { "environment.variables.MODE": undefined } },
    ],
  },
  {
    says: "a function writes JSON to a log group of its own that forgets in time",
    brokenBy: brokenFunctions(({ inputs }, graph) => {
      const { logFormat, logGroup } = inputs.loggingConfig;
      const group = resources(graph, "aws:cloudwatch/logGroup:LogGroup").find((one) => one.inputs.name === logGroup);
      const days = group?.inputs.retentionInDays ?? 0;
      return logFormat !== "JSON" || logGroup !== `/aws/lambda/${inputs.name}` || days < 1 || days > 731;
    }),
    breaks: [
      // SST's word for "for ever".
      { type: "aws:cloudwatch/logGroup:LogGroup", name: "IntakeLogGroup", set: { retentionInDays: 0 } },
      { type: FUNCTION, name: "IntakeFunction", set: { "loggingConfig.logFormat": "Text" } },
    ],
  },
  {
    says: "no function takes concurrency away from the account's others",
    brokenBy: brokenFunctions(({ inputs }) => inputs.reservedConcurrentExecutions !== undefined),
    breaks: [{ type: FUNCTION, name: "SweepFunction", set: { reservedConcurrentExecutions: 5 } }],
  },
  {
    says: "Lambda may stop every loop but the sweep's own pages",
    brokenBy: (graph) => {
      const loops = resources(graph, RECURSION).filter(({ inputs }) => inputs.recursiveLoop === "Allow");
      const allowed = loops.map(({ inputs }) => inputs.functionName);
      return names(
        functions(graph).filter(({ name, inputs }) => allowed.includes(inputs.name) !== (name === "SweepFunction")),
      );
    },
    breaks: [
      { type: RECURSION, name: "SweepPages", set: { recursiveLoop: "Terminate" } },
      { type: RECURSION, name: "SweepPages", set: { functionName: "bedrock-key-guard-local-intake" } },
    ],
  },
  {
    says: "a sweep starts by the same message on its schedule and after a deployment",
    brokenBy: (graph) => {
      const starts = (input: string) => JSON.stringify(JSON.parse(input)) === JSON.stringify(START);
      const sweep = workers(graph).find((worker) => worker.function.name === "SweepFunction");
      const schedules = resources(graph, SCHEDULE).filter(
        ({ inputs }) => inputs.target.arn === sweep?.queue.state.arn && starts(inputs.target.input),
      );
      const invocations = resources(graph, INVOCATION).filter(
        ({ inputs }) =>
          inputs.functionName === sweep?.function.inputs.name && starts(inputs.input) && inputs.triggers.deployment,
      );
      return [
        ...(schedules.length === 1 ? [] : ["no schedule starts a sweep"]),
        ...(invocations.length === 1 ? [] : ["no deployment starts a sweep"]),
      ];
    },
    breaks: [
      { type: SCHEDULE, name: "SweepSchedule", set: { "target.input": "{}" } },
      { type: INVOCATION, name: "SweepOnceDeployed", set: { triggers: {} } },
    ],
  },
  {
    says: "a rule hears of successful calls that CloudTrail recorded of one service, on the default bus",
    brokenBy: (graph) =>
      names(
        resources(graph, RULE).filter(({ inputs }) => {
          const { source, detail, ...pattern } = inputs.eventPattern;
          return (
            inputs.eventBusName !== "default" ||
            pattern["detail-type"].join() !== "AWS API Call via CloudTrail" ||
            source.join().replace("aws.", "") !== detail.eventSource.join().replace(".amazonaws.com", "") ||
            JSON.stringify(detail.errorCode) !== '[{"exists":false}]'
          );
        }),
      ),
    breaks: [
      { type: RULE, name: "KeyChanges", set: { "eventPattern.detail.errorCode": undefined } },
      { type: RULE, name: "KeyChanges", set: { "eventPattern.source": ["aws.bedrock"] } },
    ],
  },
  {
    says: "the rules hear of every call that may change an agent, its key or what the guard may do to it",
    brokenBy: (graph) => {
      const heard = resources(graph, RULE).flatMap(({ inputs }) => inputs.eventPattern.detail.eventName);
      const wanted = [
        ...["CreateAgent", "UpdateAgent", "DeleteAgent", "PrepareAgent", "CreateAgentAlias", "UpdateAgentAlias"],
        ...["PutKeyPolicy", "DisableKey", "EnableKey", "ScheduleKeyDeletion", "CancelKeyDeletion"],
        ...["TagResource", "UntagResource"],
      ];
      return wanted.filter((name) => !heard.includes(name));
    },
    breaks: [{ type: RULE, name: "KeyChanges", set: { "eventPattern.detail.eventName": ["PutKeyPolicy"] } }],
  },
  {
    says: "the table can be brought back to any moment and is not deleted by mistake",
    brokenBy: (graph) =>
      names(
        resources(graph, TABLE).filter(
          ({ inputs }) =>
            inputs.pointInTimeRecovery?.enabled !== true ||
            !inputs.deletionProtectionEnabled ||
            inputs.billingMode !== "PAY_PER_REQUEST" ||
            inputs.hashKey !== "pk" ||
            inputs.rangeKey !== "sk",
        ),
      ),
    breaks: [
      { type: TABLE, name: "StateTable", set: { "pointInTimeRecovery.enabled": false } },
      { type: TABLE, name: "StateTable", set: { deletionProtectionEnabled: undefined } },
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
