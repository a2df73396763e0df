import { list, type Resource, type Statement } from "./graph.ts";
import type { Rule } from "./rule.ts";
import { allowed, grants, roles } from "./rules-of-roles.ts";

const ROLE = "aws:iam/role:Role";
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

/** The partitions that each function writes to. The kill switch, `GUARD`, is in none. */
const PARTITIONS: Readonly<Record<string, readonly string[]>> = {
  IntakeRole: ["AGENT#*", "KEY#*"],
  ReconcileRole: ["AGENT#*", "KEY#*"],
  SweepRole: ["AGENT#*", "KEY#*", "SWEEP"],
};

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
    says: "a function writes to the partitions of its own work only, never to the kill switch",
    brokenBy: (graph) =>
      roles(graph)
        .filter((role) => {
          const bound = writes(role).map(partitions);
          const may = [...new Set(bound.flatMap((one) => one ?? ["any"]))].sort();
          return may.join() !== (PARTITIONS[role.name] ?? []).join();
        })
        .map(({ name }) => name),
    breaks: [
      { type: ROLE, name: "IntakeRole", set: { "inlinePolicies.0.policy.Statement.2.Condition": undefined } },
      { type: ROLE, name: "IntakeRole", set: { "inlinePolicies.0.policy.Statement.2.Condition.Null": undefined } },
      {
        type: ROLE,
        name: "SweepRole",
        set: {
          [`inlinePolicies.0.policy.Statement.4.Condition.ForAllValues:StringLike.${LEADING_KEYS}`]: ["SWEEP", "GUARD"],
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
        name: "NotifySlackRole",
        set: { "inlinePolicies.0.policy.Statement.0.Action": "dynamodb:PutItem" },
      },
    ],
  },
];
