/**
 * The one table: what is written under which key, and how an item is read.
 *
 * | pk            | sk                    | item |
 * |---|---|---|
 * | `AGENT#<id>`  | `AGENT`               | an agent as last seen |
 * | `AGENT#<id>`  | `ON#<arn>`            | a key under which the agent may stand |
 * | `AGENT#<id>`  | `LEFT#<arn>`          | a key that the agent's draft left, and when |
 * | `KEY#<arn>`   | `AGENT#<id>`          | an agent of which an appearance uses the key, so that they are one consistent Query |
 * | `KEY#<arn>`   | `LEFT#<id>`           | an agent whose draft left the key |
 * | `KEY#<arn>`   | `JOURNAL#<id>`        | a policy that was put, or was about to be |
 * | `KEY#<arn>`   | `HOLD`                | why nothing is written to the key |
 * | `KEY#<arn>`   | `ABSENT`              | since when subjects of the guard's statements are not needed |
 * | `KEY#<arn>`   | `FOREIGN#<time>#<id>` | a policy that someone else put; with `expires` |
 * | `CALLER#<arn>` | `JOURNAL#<id>`       | the guard's policy on a caller, as it was put or taken away, or was about to be |
 * | `CALLER#<arn>` | `HOLD`               | why nothing is written to the caller |
 * | `CALLERS`     | `REVIEW`              | which review of the callers runs, and when IAM was last read as a whole |
 * | `CALLERS`     | `WRITING`             | callers that are being written to |
 * | `FINDINGS`    | `<subject>#<ref>`     | a finding: since when, what became of it, what was told; with `expires` once it is over |
 * | `ANNOUNCER`   | `STATE`               | who announces, and what is remembered of it |
 * | `ANNOUNCER`   | `OUT#<alert>`         | an alert on its way to the channels |
 * | `SILENCES`    | `<ref>`               | a finding that a person wants to hear no more of; with `expires` |
 * | `KEYS`        | `KEY#<arn>`           | a key that the sweep looks at |
 * | `BUDGET#<scope>` | `HOUR#<hour>`      | how many writes of an hour are used up; with `expires` |
 * | `GUARD`       | `SWITCH`              | the kill switch |
 * | `SWEEP`       | `LOG`                 | the latest sweep, and whether one ever finished |
 *
 * `expires` is DynamoDB's time to live, in seconds since 1970: it deletes an item within days of that time, so that a
 * reader still has to look at the item's own time.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 */
import { type DynamoDBDocumentClient, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { type AgentId, type CallerArn, type KeyArn, keyArn } from "@bedrock-key-guard/core/arn.ts";
import * as z from "zod";
import { AwsCallError, errorCode } from "./errors.ts";
import { reasonOf, VERSION } from "./schema.ts";

export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly name: string;
}

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export const AGENT_PREFIX = "AGENT#";
export const FOREIGN_PREFIX = "FOREIGN#";
export const JOURNAL_PREFIX = "JOURNAL#";
export const KEY_PREFIX = "KEY#";
export const LEFT_PREFIX = "LEFT#";
export const KEYS_PARTITION = "KEYS";
const CALLERS_PARTITION = "CALLERS";
export const FINDINGS_PARTITION = "FINDINGS";
export const ANNOUNCER_PARTITION = "ANNOUNCER";
export const OUTBOX_PREFIX = "OUT#";
export const SILENCES_PARTITION = "SILENCES";

/** @param subject - a key's ARN, `callers` or `guard` */
export function findingPrefix(subject: string): string {
  return `${subject}#`;
}

export const itemKey = {
  agent: (id: AgentId): ItemKey => ({ pk: agentPartition(id), sk: "AGENT" }),
  keyOfAgent: (id: AgentId, key: KeyArn): ItemKey => ({ pk: agentPartition(id), sk: `ON#${key}` }),
  keyLeftByAgent: (id: AgentId, key: KeyArn): ItemKey => ({ pk: agentPartition(id), sk: `${LEFT_PREFIX}${key}` }),
  agentOnKey: (key: KeyArn, id: AgentId): ItemKey => ({ pk: keyPartition(key), sk: `${AGENT_PREFIX}${id}` }),
  agentLeftKey: (key: KeyArn, id: AgentId): ItemKey => ({ pk: keyPartition(key), sk: `${LEFT_PREFIX}${id}` }),
  journal: (key: KeyArn, id: string): ItemKey => ({ pk: keyPartition(key), sk: `${JOURNAL_PREFIX}${id}` }),
  callerJournal: (caller: CallerArn, id: string): ItemKey => ({
    pk: callerPartition(caller),
    sk: `${JOURNAL_PREFIX}${id}`,
  }),
  writing: { pk: CALLERS_PARTITION, sk: "WRITING" } satisfies ItemKey,
  finding: (subject: string, ref: string): ItemKey => ({
    pk: FINDINGS_PARTITION,
    sk: `${findingPrefix(subject)}${ref}`,
  }),
  announcer: { pk: ANNOUNCER_PARTITION, sk: "STATE" } satisfies ItemKey,
  outbox: (alert: string): ItemKey => ({ pk: ANNOUNCER_PARTITION, sk: `${OUTBOX_PREFIX}${alert}` }),
  silence: (ref: string): ItemKey => ({ pk: SILENCES_PARTITION, sk: ref }),
  hold: (subject: KeyArn | CallerArn): ItemKey => ({ pk: subjectPartition(subject), sk: "HOLD" }),
  absences: (key: KeyArn): ItemKey => ({ pk: keyPartition(key), sk: "ABSENT" }),
  foreign: (key: KeyArn, at: string, eventId: string): ItemKey => ({
    pk: keyPartition(key),
    sk: `${FOREIGN_PREFIX}${at}#${eventId}`,
  }),
  knownKey: (key: KeyArn): ItemKey => ({ pk: KEYS_PARTITION, sk: `${KEY_PREFIX}${key}` }),
  budget: (scope: string, hour: string): ItemKey => ({ pk: `BUDGET#${scope}`, sk: `HOUR#${hour}` }),
  review: { pk: CALLERS_PARTITION, sk: "REVIEW" } satisfies ItemKey,
  killSwitch: { pk: "GUARD", sk: "SWITCH" } satisfies ItemKey,
  sweep: { pk: "SWEEP", sk: "LOG" } satisfies ItemKey,
} as const;

export function agentPartition(id: AgentId): string {
  return `AGENT#${id}`;
}

export function keyPartition(key: KeyArn): string {
  return `KEY#${key}`;
}

export function callerPartition(caller: CallerArn): string {
  return `CALLER#${caller}`;
}

function subjectPartition(subject: KeyArn | CallerArn): string {
  const key = keyArn(subject);
  return key ? keyPartition(key) : callerPartition(subject as CallerArn);
}

/** An item that this code can't read. Thrown: what isn't understood is never taken for absent. */
export class UnreadableItemError extends Error {
  override readonly name = "UnreadableItemError";
}

/** Reads one item, consistently. `undefined` when there is none. */
export async function readItem<T>(table: Table, key: ItemKey, schema: z.ZodType<T>): Promise<T | undefined> {
  const { Item } = await calling("dynamodb:GetItem", key, () =>
    table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true })),
  );
  return Item === undefined ? undefined : parseItem(Item, key, schema);
}

/**
 * Which items of a partition: all, those whose sort key comes behind `after`, those whose sort key starts with `prefix`,
 * or those from `from` to `to`, both in.
 */
export type Range =
  | { readonly kind: "all" }
  | { readonly kind: "after"; readonly after: string }
  | { readonly kind: "prefix"; readonly prefix: string }
  | { readonly kind: "between"; readonly from: string; readonly to: string };

export interface ReadOptions {
  /** No more than these are read. */
  readonly limit?: number;
  readonly newestFirst?: boolean;
  /** Attributes to read, beside `v` and `sk`; all when absent. */
  readonly only?: readonly string[];
}

/** Reads items of a partition, consistently, in the order of their sort keys; all pages. */
export async function readItems<T>(
  table: Table,
  pk: string,
  range: Range,
  schema: z.ZodType<T>,
  options: ReadOptions = {},
): Promise<readonly T[]> {
  const { limit = Number.POSITIVE_INFINITY } = options;
  const found: T[] = [];
  if (limit < 1) return found;
  let from: Record<string, unknown> | undefined;
  do {
    const left = limit - found.length;
    const page = await calling("dynamodb:Query", { pk, sk: JSON.stringify(range) }, () =>
      table.client.send(
        new QueryCommand({
          TableName: table.name,
          ConsistentRead: true,
          ...condition(pk, range),
          ...(options.only ? projection(options.only) : {}),
          ...(options.newestFirst ? { ScanIndexForward: false } : {}),
          ...(Number.isFinite(left) ? { Limit: left } : {}),
          ...(from ? { ExclusiveStartKey: from } : {}),
        }),
      ),
    );
    for (const item of page.Items ?? []) found.push(parseItem(item, { pk, sk: String(item.sk) }, schema));
    from = page.LastEvaluatedKey;
  } while (from && found.length < limit);
  return found;
}

function condition(pk: string, range: Range) {
  switch (range.kind) {
    case "all":
      return { KeyConditionExpression: "pk = :pk", ExpressionAttributeValues: { ":pk": pk } };
    case "after":
      return {
        KeyConditionExpression: "pk = :pk AND sk > :after",
        ExpressionAttributeValues: { ":pk": pk, ":after": range.after },
      };
    case "prefix":
      return {
        KeyConditionExpression: "pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues: { ":pk": pk, ":prefix": range.prefix },
      };
    case "between":
      return {
        KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
        ExpressionAttributeValues: { ":pk": pk, ":from": range.from, ":to": range.to },
      };
    default:
      return range satisfies never;
  }
}

/** By placeholders: `at`, `by`, `state` and many more are reserved words in an expression. */
function projection(attributes: readonly string[]) {
  const names = ["v", "sk", ...attributes].map((name, index) => [`#p${index}`, name] as const);
  return {
    ProjectionExpression: names.map(([placeholder]) => placeholder).join(", "),
    ExpressionAttributeNames: Object.fromEntries(names),
  };
}

/** What has a time in its sort key: those from a time on. No time sorts behind a tilde. */
export function sinceTime(prefix: string, since: string): Range {
  return { kind: "between", from: `${prefix}${since}`, to: `${prefix}~` };
}

const versioned = z.object({ v: z.literal(VERSION) });

/** Reads what DynamoDB gave for `key`. */
export function parseItem<T>(item: unknown, key: ItemKey, schema: z.ZodType<T>): T {
  const version = versioned.safeParse(item);
  if (!version.success) throw unreadable(key, version.error);
  const parsed = schema.safeParse(item);
  if (!parsed.success) throw unreadable(key, parsed.error);
  return parsed.data;
}

function unreadable(key: ItemKey, error: z.ZodError): UnreadableItemError {
  return new UnreadableItemError(
    `the item \`${key.pk}\` / \`${key.sk}\` can't be read: ${reasonOf(error)}; another version or a person wrote it: mend it, or restore the table to an earlier time`,
  );
}

/** Calls DynamoDB; a failed condition is left to the caller as `ConditionalCheckFailedException`. */
export async function calling<T>(action: string, key: ItemKey, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isConditionFailed(error)) throw error;
    throw new AwsCallError(action, `${key.pk} / ${key.sk}`, error);
  }
}

export function isConditionFailed(error: unknown): boolean {
  return errorCode(error) === "ConditionalCheckFailedException";
}

/** Calls DynamoDB with a condition. A failed one is an answer: `false`. */
export async function callingIf(action: string, key: ItemKey, call: () => Promise<unknown>): Promise<boolean> {
  try {
    await calling(action, key, call);
    return true;
  } catch (error) {
    if (isConditionFailed(error)) return false;
    throw error;
  }
}
