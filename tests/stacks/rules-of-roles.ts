import { type Graph, list, type Resource, resources, type Statement, statementsOf, workers } from "./graph.ts";
import type { Rule } from "./rule.ts";

const ROLE = "aws:iam/role:Role";
const first = "inlinePolicies.0.policy.Statement.0";

/** The resources that may hold a wildcard, each with the actions that need it: they name what isn't known beforehand. */
const WILDCARDS: Readonly<Record<string, readonly string[]>> = {
  // None of them knows resources, or those that are meant: a trail may be the organization's.
  "*": [
    "bedrock:ListAgents",
    "iam:GetAccountAuthorizationDetails",
    "iam:ListAccountAliases",
    "kms:ListAliases",
    "cloudtrail:DescribeTrails",
    "cloudtrail:GetTrailStatus",
    "cloudtrail:GetEventSelectors",
  ],
  "arn:aws:bedrock:eu-west-1:111122223333:agent/*": [
    "bedrock:GetAgent",
    "bedrock:ListAgentVersions",
    "bedrock:GetAgentVersion",
  ],
  "arn:aws:kms:eu-west-1:111122223333:key/*": [
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
  ],
  "arn:aws:iam::111122223333:role/*": ["iam:GetRole", "iam:GetRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy"],
  "arn:aws:iam::111122223333:user/*": ["iam:GetUser", "iam:GetUserPolicy", "iam:PutUserPolicy", "iam:DeleteUserPolicy"],
};

const isLogOf = (resource: string) => /^arn:aws:logs:[^*]+:log-group:\/aws\/lambda\/[^*]+:\*$/.test(resource);

export function roles(graph: Graph): Resource<typeof ROLE>[] {
  return resources(graph, ROLE);
}

export function allowed(role: Resource<typeof ROLE>): Statement[] {
  return statementsOf(role).filter(({ Effect }) => Effect === "Allow");
}

export function grants(statement: Statement, action: string): boolean {
  return list(statement.Action).some((pattern) => {
    const expression = pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".");
    return new RegExp(`^${expression}$`, "i").test(action);
  });
}

export const rulesOfRoles: readonly Rule[] = [
  {
    says: "a role is assumed by one AWS service, never by an account or a user",
    brokenBy: (graph) =>
      roles(graph)
        .filter(({ inputs }) =>
          inputs.assumeRolePolicy.Statement.some(({ Principal = {} }) => {
            const services = list(Principal.Service);
            return Object.keys(Principal).join() !== "Service" || services.length !== 1;
          }),
        )
        .map(({ name }) => name),
    breaks: [
      {
        type: ROLE,
        name: "SweepRole",
        set: { "assumeRolePolicy.Statement.0.Principal": { AWS: "arn:aws:iam::111122223333:root" } },
      },
      { type: ROLE, name: "SweepRole", set: { "assumeRolePolicy.Statement.0.Principal.AWS": "*" } },
    ],
  },
  {
    says: "the schedule's role is assumed for schedules of this account only, and may only start a sweep",
    brokenBy: (graph) =>
      roles(graph)
        .filter(({ name }) => name === "SweepScheduleRole")
        .filter((role) => {
          const same = role.inputs.assumeRolePolicy.Statement[0]?.Condition?.StringEquals ?? {};
          const may = allowed(role).map(({ Action, Resource }) => `${Action} ${Resource}`);
          return (
            same["aws:SourceAccount"] !== "111122223333" ||
            !String(same["aws:SourceArn"]).startsWith("arn:aws:scheduler:eu-west-1:111122223333:schedule-group/") ||
            may.join() !== "sqs:SendMessage arn:aws:sqs:eu-west-1:111122223333:bedrock-key-guard-local-sweep"
          );
        })
        .map(({ name }) => name),
    breaks: [
      { type: ROLE, name: "SweepScheduleRole", set: { "assumeRolePolicy.Statement.0.Condition": {} } },
      { type: ROLE, name: "SweepScheduleRole", set: { [`${first}.Action`]: "sqs:*" } },
    ],
  },
  {
    says: "only the reconciler may write key policies, and only those of symmetric encryption keys",
    brokenBy: (graph) =>
      roles(graph)
        .filter((role) =>
          allowed(role).some((statement) => {
            const same = statement.Condition?.StringEquals ?? {};
            const bounded = same["kms:KeySpec"] === "SYMMETRIC_DEFAULT" && same["kms:KeyUsage"] === "ENCRYPT_DECRYPT";
            return grants(statement, "kms:PutKeyPolicy") && !(role.name === "ReconcileRole" && bounded);
          }),
        )
        .map(({ name }) => name),
    breaks: [
      { type: ROLE, name: "SweepRole", set: { [`${first}.Action`]: "kms:PutKeyPolicy" } },
      { type: ROLE, name: "IntakeRole", set: { [`${first}.Action`]: ["kms:Describe*", "kms:Put*"] } },
      { type: ROLE, name: "ReconcileRole", set: { "inlinePolicies.0.policy.Statement.2.Condition": undefined } },
      {
        type: ROLE,
        name: "ReconcileRole",
        set: { "inlinePolicies.0.policy.Statement.2.Condition.StringEquals.kms:KeyUsage": undefined },
      },
    ],
  },
  {
    says: "a role allows whole actions by name, in policies of this stack",
    brokenBy: (graph) =>
      roles(graph)
        .filter(
          (role) =>
            role.inputs.managedPolicyArns.length > 0 ||
            allowed(role).some(({ Action }) => list(Action).some((action) => /[*?]/.test(action))),
        )
        .map(({ name }) => name),
    breaks: [
      { type: ROLE, name: "IntakeRole", set: { [`${first}.Action`]: "bedrock:Get*" } },
      {
        type: ROLE,
        name: "IntakeRole",
        set: { managedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"] },
      },
    ],
  },
  {
    says: "a role allows a wildcard only for resources that aren't known beforehand",
    brokenBy: (graph) =>
      roles(graph)
        .filter((role) =>
          allowed(role).some(({ Action, Resource }) =>
            list(Resource)
              .filter((resource) => /[*?]/.test(resource) && !isLogOf(resource))
              .some((resource) => list(Action).some((action) => !WILDCARDS[resource]?.includes(action))),
          ),
        )
        .map(({ name }) => name),
    breaks: [
      { type: ROLE, name: "IntakeRole", set: { [`${first}.Resource`]: "*" } },
      {
        type: ROLE,
        name: "IntakeRole",
        set: { [`${first}.Action`]: ["bedrock:GetAgent", "bedrock:DeleteAgentVersion"] },
      },
      { type: ROLE, name: "ReconcileRole", set: { "inlinePolicies.0.policy.Statement.2.Resource": "*" } },
      { type: ROLE, name: "SweepRole", set: { [`${first}.Action`]: ["bedrock:ListAgents", "kms:ListKeys"] } },
    ],
  },
  {
    says: "a function reads its own queue and writes its own log, and no others",
    brokenBy: (graph) =>
      workers(graph)
        .filter((worker) => {
          const role = roles(graph).find(({ state }) => state.arn === worker.function.inputs.role);
          const on = (action: string) =>
            role
              ? allowed(role)
                  .filter((statement) => grants(statement, action))
                  .map(({ Resource }) => Resource)
              : [];
          const queues = workers(graph)
            .filter((other) => other.function.name === worker.function.name)
            .map(({ queue }) => queue.state.arn);
          return (
            on("sqs:ReceiveMessage").flatMap(list).toSorted().join() !== queues.toSorted().join() ||
            on("logs:PutLogEvents").join() !==
              `arn:aws:logs:eu-west-1:111122223333:log-group:${worker.function.inputs.loggingConfig.logGroup}:*`
          );
        })
        .map((worker) => worker.function.name),
    breaks: [
      {
        type: ROLE,
        name: "NotifySlackRole",
        set: { [`${first}.Resource`]: "arn:aws:sqs:eu-west-1:111122223333:bedrock-key-guard-local-intake" },
      },
      {
        type: ROLE,
        name: "NotifySlackRole",
        set: {
          "inlinePolicies.0.policy.Statement.1.Resource":
            "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/other:*",
        },
      },
    ],
  },
];
