import type { Statement } from "./policy.ts";

/**
 * The guard's memory: the agents by key, every policy that was replaced, what people were told, the kill switch.
 *
 * Deletion protection is on for every stage: a key of a test account that was changed has its only way back here too.
 * To remove the table, switch it off by hand first. SST bills on demand and switches point-in-time recovery on; a test
 * of the resource graph holds it to that.
 *
 * Its name alone has SST's random ending: the table outlives its stack, and must not be in the way of the next one.
 */
export function stateTable(): sst.aws.Dynamo {
  return new sst.aws.Dynamo("State", {
    fields: { pk: "string", sk: "string" },
    primaryIndex: { hashKey: "pk", rangeKey: "sk" },
    deletionProtection: true,
    // Of items that nobody needs after some days; epoch seconds.
    ttl: "expires",
  });
}

/** The partitions that hold what the guard knows of agents and keys: `packages/aws/src/table.ts`. */
export const AGENTS_AND_KEYS: readonly string[] = ["AGENT#*", "KEY#*"];
/** The list of the keys that a sweep looks at. */
export const KEY_LIST: readonly string[] = ["KEYS"];
export const SWEEP_LOG: readonly string[] = ["SWEEP"];
/** Which callers' policies were written, and why one is not. */
export const EACH_CALLER: readonly string[] = ["CALLER#*"];
/** Who reviews the callers, when IAM was last read, and who is being written to. */
export const ALL_CALLERS: readonly string[] = ["CALLERS"];
/** The life of findings: what stands, since when, what was told of it. */
export const FINDINGS: readonly string[] = ["FINDINGS"];
/** Who tells people, and what is on its way to them. */
export const ANNOUNCER: readonly string[] = ["ANNOUNCER"];
/** How many policies were written in an hour. */
export const WRITE_BUDGETS: readonly string[] = ["BUDGET#*"];

type ReadAction = "dynamodb:GetItem" | "dynamodb:Query";
type WriteAction = "dynamodb:PutItem" | "dynamodb:UpdateItem" | "dynamodb:DeleteItem";

/** Lets a function read the whole table. */
export function readState(table: sst.aws.Dynamo, actions: readonly ReadAction[]): Statement {
  return { Sid: "ReadState", Effect: "Allow", Action: actions, Resource: table.arn };
}

/**
 * Lets a function write to these partitions and to no others. The kill switch is in none of them: people throw it, and
 * the guard can't, whatever goes wrong in it.
 *
 * @param partitions patterns of the partition key
 */
export function writeState(
  sid: string,
  table: sst.aws.Dynamo,
  actions: readonly WriteAction[],
  partitions: readonly string[],
): Statement {
  return {
    Sid: sid,
    Effect: "Allow",
    Action: actions,
    Resource: table.arn,
    Condition: {
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": partitions },
      // "For all values" holds of a request with no values at all.
      Null: { "dynamodb:LeadingKeys": "false" },
    },
  };
}
