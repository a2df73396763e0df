import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { FINDING_KINDS } from "@bedrock-key-guard/core/finding/finding.ts";
import type { FindingRecord, Subject } from "@bedrock-key-guard/core/finding/record.ts";
import type { FindingLog } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { agentIdText, callerArnText, causes, id, keyArnText, orUndefined, time, VERSION, words } from "./schema.ts";
import { callingIf, FINDINGS_PARTITION, findingPrefix, itemKey, readItems, type Table } from "./table.ts";

export const findingLogActions = {
  of: ["dynamodb:Query"],
  all: ["dynamodb:Query"],
  put: ["dynamodb:PutItem"],
} as const satisfies ActionsOf<FindingLog>;

const severity = z.enum(["critical", "high", "medium", "low"]);
const lines = z.array(words);

const news = z.object({
  sequence: z.int().min(1),
  change: z.enum(["opened", "worsened", "resolved", "reopened", "happened", "recurring"]),
  at: time,
  causes,
  severity,
  again: z.boolean(),
});

const item: z.ZodType<FindingRecord> = z.object({
  id: words,
  kind: z.enum(FINDING_KINDS),
  severity,
  key: orUndefined(keyArnText),
  caller: orUndefined(callerArnText),
  agents: z.array(agentIdText),
  about: lines,
  title: words,
  detail: words,
  evidence: lines,
  diff: lines,
  remedy: lines,
  snippets: lines,
  wayBack: lines,
  subject: z.union([z.literal("callers"), z.literal("guard"), keyArnText]),
  ref: id,
  state: z.enum(["open", "resolved"]),
  openedAt: time,
  lastSeenAt: time,
  worsenedAt: orUndefined(time),
  resolved: orUndefined(z.object({ at: time, by: z.enum(["guard", "others"]) })),
  causes,
  names: z.array(z.object({ id: agentIdText, name: words })),
  begun: z.array(time),
  actors: z.array(z.object({ actor: words, at: z.array(time) })),
  occurrences: lines,
  worst: severity,
  sequence: z.int().min(0),
  news: z.array(news),
  emitted: z.int().min(0),
  told: z.object({
    at: z.array(time),
    beginning: z.boolean(),
    recurring: z.boolean(),
    thread: orUndefined(words),
  }),
  revision: z.int().min(1),
});

/** What is over is remembered for so long: as long as it may come back as the same. */
const REMEMBERED_SECONDS = 90 * 24 * 3_600;

/** All findings in one partition: what is open is one Query, for the digest; what is open of a key, a part of it. */
export function dynamoFindingLog(table: Table): FindingLog {
  return {
    of: (subject: Subject) =>
      readItems(table, FINDINGS_PARTITION, { kind: "prefix", prefix: findingPrefix(subject) }, item),

    all: () => readItems(table, FINDINGS_PARTITION, { kind: "all" }, item),

    async put(record: FindingRecord): Promise<"put" | "conflict"> {
      const key = itemKey.finding(record.subject, record.ref);
      const { revision } = record;
      const written = await callingIf("dynamodb:PutItem", key, () =>
        table.client.send(
          new PutCommand({
            TableName: table.name,
            Item: { v: VERSION, ...key, ...fitting(record), revision: revision + 1, ...expiry(record) },
            ConditionExpression: revision === 0 ? "attribute_not_exists(pk)" : "#revision = :revision",
            ...(revision === 0
              ? {}
              : {
                  ExpressionAttributeNames: { "#revision": "revision" },
                  ExpressionAttributeValues: { ":revision": revision },
                }),
          }),
        ),
      );
      return written ? "put" : "conflict";
    },
  };
}

function expiry({ state, resolved }: FindingRecord): { readonly expires?: number } {
  if (state === "open" || !resolved) return {};
  return { expires: Math.ceil(Date.parse(resolved.at) / 1_000) + REMEMBERED_SECONDS };
}

/** DynamoDB takes 400 KB; what an item holds twice or only explains goes first. */
const LARGEST = 350_000;

/** Progressively less of what is long; what, who and since when stay. */
const SHORTER: readonly ((record: FindingRecord) => FindingRecord)[] = [
  (record) => ({ ...record, snippets: [] }),
  (record) => ({ ...record, diff: shortened(record.diff, 200, 2_000) }),
  (record) => ({
    ...record,
    evidence: shortened(record.evidence, 5, 40_000),
    remedy: shortened(record.remedy, 20, 2_000),
  }),
  (record) => ({
    ...record,
    evidence: [],
    diff: [],
    names: record.names.slice(0, 100),
    about: record.about.slice(0, 2_000),
  }),
];

function fitting(record: FindingRecord): FindingRecord {
  let shorter = record;
  for (const shorten of SHORTER) {
    if (Buffer.byteLength(JSON.stringify(shorter)) <= LARGEST) break;
    shorter = shorten(shorter);
  }
  return shorter;
}

function shortened(list: readonly string[], most: number, longest: number): readonly string[] {
  return list.slice(0, most).map((text) => (text.length <= longest ? text : `${text.slice(0, longest)} … (shortened)`));
}
