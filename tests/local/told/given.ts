/** A role or user to which the guard has given something twice, by its own adapters; its tag then keeps the guard from it. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { dynamoCallerJournal } from "../../../packages/aws/src/caller-journal.ts";
import { iamCallerWriter } from "../../../packages/aws/src/caller-writer.ts";
import { callerArn } from "../../../packages/core/src/arn.ts";
import { changePolicy } from "../../../packages/core/src/callers/write.ts";
import type { Clients } from "../../../packages/local/src/laptop.ts";
import type { Theatre } from "../../../packages/local/src/scenes/theatre.ts";

export const policyFor = (...actions: readonly string[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] });

/** @returns the ids of the two entries */
export async function givenTwice(
  { laptop }: Theatre,
  table: string,
  arn: string,
  by: Clients,
): Promise<readonly [string, string]> {
  const caller = callerArn(arn);
  if (!caller) throw new Error(`\`${arn}\` is no role's or user's ARN`);
  const { world, stack, region } = laptop;
  const tags = { "bedrock-key-guard": "off" };
  if (arn.includes(":user/")) world.plantUser(arn, {}, { tags });
  else world.plantRole(arn, {}, { tags });
  const { credentials } = by;
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: stack.endpoint, region, credentials }), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const callerJournal = dynamoCallerJournal({ client, name: table });
  const ports = { callerJournal, writer: iamCallerWriter(by.iam), clock: { now, sleep: async () => {}, random } };
  const give = async (before: string | undefined, after: string) => {
    const latest = await callerJournal.latest(caller);
    const at = now();
    const causes = [{ kind: "sweep", id: "sweep-1", whole: true, at }] as const;
    const change = { caller, action: "give", by: "guard", before, after, causes, diff: ["+ a"], latest } as const;
    const given = await changePolicy(change, ports);
    if (given.kind !== "written") throw new Error(`IAM should have taken it: ${given.kind}`);
    return given.entry.id;
  };
  const first = await give(undefined, policyFor("kms:Decrypt"));
  return [first, await give(policyFor("kms:Decrypt"), policyFor("kms:Decrypt", "kms:GenerateDataKey"))];
}

const now = () => new Date().toISOString();
const random = () => 0;
