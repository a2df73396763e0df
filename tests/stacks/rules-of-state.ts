import { list, type Resource, resources, type Statement } from "./graph.ts";
import type { Rule } from "./rule.ts";
import { allowed, grants, roles } from "./rules-of-roles.ts";

const ROLE = "aws:iam/role:Role";
const TABLE = "aws:dynamodb/table:Table";
/** As `packages/aws/src/table.ts` writes it. */
const EXPIRES = "expires";
const LEADING_KEYS = "dynamodb:LeadingKeys";

/** Every action that can change an item. */
const WRITES = [
  "dynamodb:PutItem",
  "dynamodb:UpdateItem",
  "dynamodb:DeleteItem",
  "dynamodb:BatchWriteItem",
  "dynamodb:PartiQLInsert",
  "dynamodb:PartiQLUpdate",
  "dynamodb:PartiQLDelete",
];

const PUT = "dynamodb:PutItem";
const UPDATE = "dynamodb:UpdateItem";
const DELETE = "dynamodb:DeleteItem";

/** What each function does to which partitions. The kill switch, `GUARD`, and what people silence are in none. */
const READS_AGENTS = { "AGENT#*": [PUT, DELETE], "KEY#*": [PUT, DELETE], KEYS: [PUT] };
const PARTITIONS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  IntakeRole: READS_AGENTS,
  ReconcileRole: {
    "AGENT#*": [PUT, UPDATE, DELETE],
    "BUDGET#*": [UPDATE],
    "KEY#*": [PUT, UPDATE, DELETE],
    KEYS: [PUT, DELETE],
    FINDINGS: [PUT],
  },
  SweepRole: { ...READS_AGENTS, SWEEP: [UPDATE], FINDINGS: [PUT] },
  CallersRole: { ...READS_AGENTS, CALLERS: [PUT, UPDATE], FINDINGS: [PUT] },
  AnnounceRole: { FINDINGS: [PUT], ANNOUNCER: [PUT, UPDATE, DELETE] },
};
/** What the callers function keeps beside that where it writes to IAM. */
const OF_WRITES_TO_IAM = { "CALLER#*": [PUT, UPDATE], "BUDGET#*": [UPDATE] };

function partitionsFor(role: Resource<typeof ROLE>): Readonly<Record<string, readonly string[]>> {
  const writesToIam = allowed(role).some((statement) => grants(statement, "iam:PutRolePolicy"));
  return { ...PARTITIONS[role.name], ...(writesToIam ? OF_WRITES_TO_IAM : {}) };
}

function writes(role: Resource<typeof ROLE>): Statement[] {
  return allowed(role).filter((statement) => WRITES.some((action) => grants(statement, action)));
}

/** The partitions that a statement is bound to; undefined where a request without a partition would pass. */
function partitions({ Condition }: Statement): readonly string[] | undefined {
  const bound = list(Condition?.["ForAllValues:StringLike"]?.[LEADING_KEYS]);
  return bound.length > 0 && Condition?.Null?.[LEADING_KEYS] === "false" ? bound : undefined;
}

export const rulesOfState: readonly Rule[] = [
  {
    says: "a function writes to the partitions of its own work only, in its own way, never to the kill switch",
    brokenBy: (graph) =>
      roles(graph)
        .filter((role) => {
          const may = writes(role).flatMap((statement) =>
            (partitions(statement) ?? ["any"]).flatMap((partition) =>
              list(statement.Action).map((action) => `${action} ${partition}`),
            ),
          );
          const wanted = Object.entries(partitionsFor(role)).flatMap(([partition, actions]) =>
            actions.map((action) => `${action} ${partition}`),
          );
          return may.toSorted().join() !== wanted.toSorted().join();
        })
        .map(({ name }) => name),
    breaks: [
      { type: ROLE, name: "IntakeRole", set: { "inlinePolicies.0.policy.Statement.2.Condition": undefined } },
      { type: ROLE, name: "IntakeRole", set: { "inlinePolicies.0.policy.Statement.2.Condition.Null": undefined } },
      {
        type: ROLE,
        name: "SweepRole",
        set: {
          [`inlinePolicies.0.policy.Statement.5.Condition.ForAllValues:StringLike.${LEADING_KEYS}`]: ["SWEEP", "GUARD"],
        },
      },
      { type: ROLE, name: "SweepRole", set: { "inlinePolicies.0.policy.Statement.4.Action": ["dynamodb:DeleteItem"] } },
      {
        type: ROLE,
        name: "ReconcileRole",
        set: {
          [`inlinePolicies.0.policy.Statement.10.Condition.ForAllValues:StringLike.${LEADING_KEYS}`]: [
            "BUDGET#*",
            "GUARD",
          ],
        },
      },
      {
        type: ROLE,
        name: "ReconcileRole",
        set: { [`inlinePolicies.0.policy.Statement.8.Condition.ForAllValues:StringLike.${LEADING_KEYS}`]: ["*"] },
      },
      { type: ROLE, name: "ReconcileRole", set: { "inlinePolicies.0.policy.Statement.7.Action": "dynamodb:*" } },
      {
        type: ROLE,
        name: "CallersRole",
        set: {
          [`inlinePolicies.0.policy.Statement.15.Condition.ForAllValues:StringLike.${LEADING_KEYS}`]: ["CALLER*"],
        },
      },
      { type: ROLE, name: "CallersRole", set: { "inlinePolicies.0.policy.Statement.5.Action": "iam:GetRole" } },
      {
        type: ROLE,
        name: "AnnounceRole",
        set: {
          [`inlinePolicies.0.policy.Statement.2.Condition.ForAllValues:StringLike.${LEADING_KEYS}`]: [
            "ANNOUNCER",
            "SILENCES",
          ],
        },
      },
      {
        type: ROLE,
        name: "NotifySlackRole",
        set: { "inlinePolicies.0.policy.Statement.0.Action": "dynamodb:PutItem" },
      },
    ],
  },
  {
    says: "the table forgets by itself what carries the time of its end, and nothing else",
    brokenBy: (graph) =>
      resources(graph, TABLE)
        .filter(({ inputs }) => inputs.ttl?.attributeName !== EXPIRES || !inputs.ttl.enabled)
        .map(({ name }) => name),
    breaks: [
      { type: TABLE, name: "StateTable", set: { ttl: undefined } },
      { type: TABLE, name: "StateTable", set: { "ttl.attributeName": "at" } },
      { type: TABLE, name: "StateTable", set: { "ttl.enabled": false } },
    ],
  },
];
