import { type Graph, type Resource, resources, workers } from "./graph.ts";
import type { Rule } from "./rule.ts";

const FUNCTION = "aws:lambda/function:Function";
const TABLE = "aws:dynamodb/table:Table";
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
  AnnounceFunction: [
    "ACCOUNT_ID",
    "ALERT_QUEUE_URL",
    "ALERT_TOPIC_ARN",
    "AT_ONCE_FROM",
    "CALLERS_MODE",
    "CHAT_TOPIC_ARN",
    "EVENTS",
    "MODE",
    "SLACK_QUEUE_URL",
    "TABLE_NAME",
  ],
  CallersFunction: [
    "ACCOUNT_ID",
    "ALERT_QUEUE_URL",
    "CALLERS_QUEUE_URL",
    "GUARD_ROLE_ARNS",
    "MODE",
    "MODE_TAG",
    "TABLE_NAME",
    "WRITES_PER_HOUR",
  ],
  IntakeFunction: ["ACCOUNT_ID", "GUARD_ROLE_ARN", "KEY_QUEUE_URL", "TABLE_NAME"],
  NotifySlackFunction: ["SLACK_WEBHOOK_URL"],
  ReconcileFunction: [
    "ACCOUNT_ID",
    "ACCOUNT_WRITES_PER_HOUR",
    "ALERT_QUEUE_URL",
    "INTAKE_QUEUE_URL",
    "KEY_WRITES_PER_HOUR",
    "MODE",
    "MODE_TAG",
    "PROFILE",
    "RESTORE_LOST_UPDATES",
    "TABLE_NAME",
  ],
  SweepFunction: ["ALERT_QUEUE_URL", "KEY_QUEUE_URL", "SWEEP_QUEUE_URL", "SWEEP_SHARE", "TABLE_NAME", "TOPIC_ARNS"],
};

/** What they read beside that where callers are looked after. */
const OF_CALLERS: Readonly<Record<string, readonly string[]>> = {
  IntakeFunction: ["CALLERS_QUEUE_URL", "CALLERS_ROLE_ARN"],
  SweepFunction: ["CALLERS_QUEUE_URL"],
};

function environmentOf(name: string, graph: Graph): string {
  const looksAfterCallers = functions(graph).some((one) => one.name === "CallersFunction");
  const variables = [...(ENVIRONMENT[name] ?? []), ...(looksAfterCallers ? (OF_CALLERS[name] ?? []) : [])];
  return variables.sort().join();
}

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
      ({ name, inputs }, graph) =>
        Object.keys(inputs.environment.variables).sort().join() !== environmentOf(name, graph),
    ),
    breaks: [
      { type: FUNCTION, name: "IntakeFunction", set: { "environment.variables.SST_KEY": "AAAA" } },
      { type: FUNCTION, name: "ReconcileFunction", set: { "environment.variables.MODE": undefined } },
      { type: FUNCTION, name: "SweepFunction", set: { "environment.variables.CALLERS_QUEUE_URL": undefined } },
    ],
  },
  {
    says: "intake knows the reconciler's writes by the very role that makes them",
    brokenBy: (graph) => {
      const role = functions(graph).find(({ name }) => name === "ReconcileFunction")?.inputs.role;
      return names(
        functions(graph).filter(
          ({ name, inputs }) => name === "IntakeFunction" && inputs.environment.variables.GUARD_ROLE_ARN !== role,
        ),
      );
    },
    breaks: [
      {
        type: FUNCTION,
        name: "IntakeFunction",
        set: {
          "environment.variables.GUARD_ROLE_ARN":
            "arn:aws:iam::111122223333:role/bedrock-key-guard-local-sweep-eu-west-1",
        },
      },
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
];
