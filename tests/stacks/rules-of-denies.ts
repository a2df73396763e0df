import { type Graph, list, resources, type Statement, statementsOf } from "./graph.ts";
import type { Rule } from "./rule.ts";
import { grants, roles } from "./rules-of-roles.ts";

const ROLE = "aws:iam/role:Role";

/** What the reconciler denies itself, whatever a key's policy allows. */
const NEVER_ON_KEYS = [
  "kms:Encrypt",
  "kms:ReEncrypt*",
  "kms:GenerateDataKey*",
  "kms:CreateGrant",
  "kms:DisableKey",
  "kms:ScheduleKeyDeletion",
  "kms:TagResource",
  "kms:UntagResource",
];

function denies(graph: Graph, wanted: (statement: Statement) => boolean): string[] {
  return roles(graph)
    .filter(({ name }) => name === "ReconcileRole")
    .filter((role) => !statementsOf(role).some((statement) => statement.Effect === "Deny" && wanted(statement)))
    .map(({ name }) => name);
}

/** As Lambda names its environment variables' encryption context to IAM. */
const OWN_VARIABLES = "kms:EncryptionContext:aws:lambda:FunctionArn";

export const rulesOfDenies: readonly Rule[] = [
  {
    says: "the reconciler may never bypass the check that keeps a key manageable",
    brokenBy: (graph) =>
      denies(
        graph,
        (statement) =>
          grants(statement, "kms:PutKeyPolicy") &&
          grants(statement, "kms:CreateKey") &&
          statement.Resource === "*" &&
          JSON.stringify(statement.Condition) === '{"Bool":{"kms:BypassPolicyLockoutSafetyCheck":"true"}}',
      ),
    breaks: [
      { type: ROLE, name: "ReconcileRole", set: { "inlinePolicies.0.policy.Statement.3.Effect": "Allow" } },
      { type: ROLE, name: "ReconcileRole", set: { "inlinePolicies.0.policy.Statement.3.Action": ["kms:CreateKey"] } },
    ],
  },
  {
    says: "the reconciler may never use a key, delegate it, disable it or choose its tags",
    brokenBy: (graph) =>
      denies(
        graph,
        (statement) =>
          NEVER_ON_KEYS.every((action) => list(statement.Action).includes(action)) &&
          statement.Resource === "*" &&
          statement.Condition === undefined,
      ),
    breaks: [
      { type: ROLE, name: "ReconcileRole", set: { "inlinePolicies.0.policy.Statement.4.Action": ["kms:Encrypt"] } },
      {
        type: ROLE,
        name: "ReconcileRole",
        set: { "inlinePolicies.0.policy.Statement.4.Condition": { Bool: { "aws:SecureTransport": "true" } } },
      },
    ],
  },
  {
    says: "the reconciler may never decrypt anything but what Lambda decrypts to start it",
    brokenBy: (graph) => {
      const own = resources(graph, "aws:lambda/function:Function").find(({ name }) => name === "ReconcileFunction");
      const condition = JSON.stringify({ StringNotEquals: { [OWN_VARIABLES]: own?.state.arn } });
      const onDecrypt = roles(graph)
        .flatMap(statementsOf)
        .filter((statement) => statement.Effect === "Deny" && grants(statement, "kms:Decrypt"));
      return onDecrypt.length === 1 && onDecrypt[0]?.Resource === "*"
        ? onDecrypt.filter(({ Condition }) => JSON.stringify(Condition) !== condition).map(({ Sid }) => `${Sid}`)
        : ["ReconcileRole"];
    },
    breaks: [
      { type: ROLE, name: "ReconcileRole", set: { "inlinePolicies.0.policy.Statement.5.Condition": undefined } },
      { type: ROLE, name: "ReconcileRole", set: { "inlinePolicies.0.policy.Statement.4.Action": "kms:Decrypt" } },
      { type: ROLE, name: "ReconcileRole", set: { "inlinePolicies.0.policy.Statement.5.Effect": "Allow" } },
      {
        type: ROLE,
        name: "ReconcileRole",
        set: {
          [`inlinePolicies.0.policy.Statement.5.Condition.StringNotEquals.${OWN_VARIABLES}`]:
            "arn:aws:lambda:eu-west-1:111122223333:function:bedrock-key-guard-local-intake",
        },
      },
    ],
  },
];
