import { type Graph, list, type Resource, resources, statementsOf } from "./graph.ts";
import type { Rule } from "./rule.ts";
import { allowed, grants, roles } from "./rules-of-roles.ts";

const ROLE = "aws:iam/role:Role";
const FUNCTION = "aws:lambda/function:Function";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
const statement = (index: number) => `inlinePolicies.0.policy.Statement.${index}`;

const OF_ROLES = ["iam:PutRolePolicy", "iam:DeleteRolePolicy"];
const OF_USERS = ["iam:PutUserPolicy", "iam:DeleteUserPolicy"];

/** What would turn "may write a policy" into "may do anything": each with a call that it stands for. */
const NEVER = [
  "sts:AssumeRole",
  "iam:PassRole",
  "iam:UpdateAssumeRolePolicy",
  "iam:CreateAccessKey",
  "iam:CreateLoginProfile",
  "iam:AttachRolePolicy",
  "iam:AttachUserPolicy",
  "iam:CreatePolicyVersion",
  "iam:SetDefaultPolicyVersion",
  "iam:PutGroupPolicy",
  "iam:AddUserToGroup",
  "iam:DeleteRolePermissionsBoundary",
  "iam:DeleteUserPermissionsBoundary",
  "iam:TagRole",
  "iam:UntagRole",
  "kms:PutKeyPolicy",
  "kms:CreateGrant",
  "kms:GenerateDataKey",
];

type Role = Resource<typeof ROLE>;

const names = (found: readonly { readonly name: string }[]) => found.map(({ name }) => name);
const may = (role: Role, action: string) => allowed(role).some((one) => grants(one, action));
const writers = (graph: Graph) =>
  roles(graph).filter((role) => [...OF_ROLES, ...OF_USERS].some((action) => may(role, action)));

/** Whether a Deny without a condition stands over the action on this resource. */
function denied(role: Role, action: string, resource: string): boolean {
  return statementsOf(role).some(
    (one) =>
      one.Effect === "Deny" &&
      one.Condition === undefined &&
      grants(one, action) &&
      list(one.Resource).some((pattern) =>
        pattern.endsWith("*") ? resource.startsWith(pattern.slice(0, -1)) : resource === pattern,
      ),
  );
}

export const rulesOfCallers: readonly Rule[] = [
  {
    says: "only the callers function may write to IAM: inline policies of this account's roles and users, nothing else",
    brokenBy: (graph) =>
      names(
        roles(graph).filter((role) =>
          allowed(role).some(({ Action, Resource }) => {
            const written = list(Action).filter((action) => /^iam:(?!Get|List)/i.test(action));
            const known = Resource === "arn:aws:iam::111122223333:role/*" ? OF_ROLES : OF_USERS;
            const here = known === OF_ROLES || Resource === "arn:aws:iam::111122223333:user/*";
            return (
              written.length > 0 &&
              !(role.name === "CallersRole" && here && written.every((one) => known.includes(one)))
            );
          }),
        ),
      ),
    breaks: [
      { type: ROLE, name: "IntakeRole", set: { [`${statement(0)}.Action`]: "iam:PutRolePolicy" } },
      { type: ROLE, name: "CallersRole", set: { [`${statement(5)}.Action`]: [...OF_ROLES, "iam:AttachRolePolicy"] } },
      { type: ROLE, name: "CallersRole", set: { [`${statement(5)}.Resource`]: "*" } },
      { type: ROLE, name: "CallersRole", set: { [`${statement(6)}.Resource`]: "arn:aws:iam::111122223333:group/*" } },
    ],
  },
  {
    says: "no role may write both key policies and policies of IAM",
    brokenBy: (graph) => names(writers(graph).filter((role) => may(role, "kms:PutKeyPolicy"))),
    breaks: [
      { type: ROLE, name: "CallersRole", set: { [`${statement(1)}.Action`]: "kms:PutKeyPolicy" } },
      { type: ROLE, name: "ReconcileRole", set: { [`${statement(0)}.Action`]: "iam:PutUserPolicy" } },
    ],
  },
  {
    says: "who may write to IAM may change neither a role of the guard nor one that AWS reserves",
    brokenBy: (graph) => {
      const others = ["aws-service-role/support.amazonaws.com/x", "aws-reserved/sso.amazonaws.com/x"];
      const kept = [
        ...roles(graph).map(({ state }) => state.arn),
        // Of another stage and Region.
        "arn:aws:iam::111122223333:role/bedrock-key-guard-prod-reconcile-us-east-1",
        ...others.map((path) => `arn:aws:iam::111122223333:role/${path}`),
      ];
      return names(
        writers(graph).filter((role) => kept.some((one) => OF_ROLES.some((action) => !denied(role, action, one)))),
      );
    },
    breaks: [
      { type: ROLE, name: "CallersRole", set: { [`${statement(7)}.Effect`]: "Allow" } },
      { type: ROLE, name: "CallersRole", set: { [`${statement(7)}.Action`]: "iam:PutRolePolicy" } },
      {
        type: ROLE,
        name: "CallersRole",
        set: { [`${statement(7)}.Condition`]: { Bool: { "aws:ViaAWSService": "true" } } },
      },
      ...[0, 1, 2].map((index) => ({
        type: ROLE as typeof ROLE,
        name: "CallersRole",
        set: { [`${statement(7)}.Resource.${index}`]: "arn:aws:iam::111122223333:role/nobody" },
      })),
    ],
  },
  {
    says: "who may write to IAM may act as nobody else, change IAM in no other way, and touch no key",
    brokenBy: (graph) =>
      names(writers(graph).filter((role) => NEVER.some((action) => !denied(role, action, "arn:aws:any")))),
    breaks: [8, 9, 10].flatMap((index) => [
      { type: ROLE as typeof ROLE, name: "CallersRole", set: { [`${statement(index)}.Effect`]: "Allow" } },
      { type: ROLE as typeof ROLE, name: "CallersRole", set: { [`${statement(index)}.Resource`]: "arn:aws:iam::*" } },
      { type: ROLE as typeof ROLE, name: "CallersRole", set: { [`${statement(index)}.Action.0`]: "iam:GetRole" } },
    ]),
  },
  {
    says: "the callers function knows every role of the guard, which are no callers to write to",
    brokenBy: (graph) => {
      const made = resources(graph, FUNCTION).find(({ name }) => name === "CallersFunction");
      const known = made?.inputs.environment.variables.GUARD_ROLE_ARNS?.split(",") ?? [];
      return made ? names(roles(graph).filter(({ state }) => !known.includes(state.arn))) : [];
    },
    breaks: [
      {
        type: FUNCTION,
        name: "CallersFunction",
        set: {
          "environment.variables.GUARD_ROLE_ARNS": "arn:aws:iam::111122223333:role/bedrock-key-guard-local-sweep",
        },
      },
    ],
  },
  {
    says: "intake knows the callers function's writes by the very role that makes them",
    brokenBy: (graph) => {
      const [callers, intake] = ["CallersFunction", "IntakeFunction"].map((name) =>
        resources(graph, FUNCTION).find((one) => one.name === name),
      );
      const known = intake?.inputs.environment.variables.CALLERS_ROLE_ARN;
      return known === callers?.inputs.role ? [] : ["IntakeFunction"];
    },
    breaks: [
      {
        type: FUNCTION,
        name: "IntakeFunction",
        set: { "environment.variables.CALLERS_ROLE_ARN": "arn:aws:iam::111122223333:role/somebody" },
      },
    ],
  },
  {
    says: "changes of IAM are gathered for some minutes, many to a review, and two reviews at most begin at once",
    brokenBy: (graph) =>
      names(
        resources(graph, MAPPING).filter(
          ({ name, inputs }) =>
            name === "CallersFromQueue" &&
            (inputs.maximumBatchingWindowInSeconds < 120 ||
              inputs.batchSize < 1000 ||
              inputs.scalingConfig?.maximumConcurrency !== 2),
        ),
      ),
    breaks: [
      { type: MAPPING, name: "CallersFromQueue", set: { maximumBatchingWindowInSeconds: 10 } },
      { type: MAPPING, name: "CallersFromQueue", set: { batchSize: 10 } },
      { type: MAPPING, name: "CallersFromQueue", set: { scalingConfig: undefined } },
    ],
  },
];
