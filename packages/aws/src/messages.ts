/**
 * What the guard's functions say to each other through SQS, as JSON with a version and a kind. Reading is total: a
 * body that isn't such a message is a value with its reason, never an exception.
 */
import type { CallersJob } from "@bedrock-key-guard/core/callers/job.ts";
import type { KeyJob } from "@bedrock-key-guard/core/key/job.ts";
import type { SweepAgent, SweepKeys, SweepPage } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import { agentIdText, causes, id, keyArnText, orUndefined, reasonOf, time, VERSION } from "./schema.ts";

export type Parsed<T> =
  | { readonly kind: "parsed"; readonly value: T }
  | { readonly kind: "malformed"; readonly reason: string };

export type SweepMessage =
  | { readonly kind: "start" }
  | { readonly kind: "page"; readonly page: SweepPage }
  | ({ readonly kind: "agent" } & SweepAgent)
  | { readonly kind: "keys"; readonly keys: SweepKeys };

/** Bytes. What SQS took before 2025; nothing that the guard sends or AWS sends to it comes near. */
export const LARGEST_MESSAGE = 262_144;

/** Bedrock lets an account have a thousand agents per Region, unless it was raised. */
export const MOST_AGENTS = 5_000;

/** Reads a message's body as JSON. `__proto__` in it is a plain member, and no schema of ours knows it. */
export function parseJson(body: string): Parsed<unknown> {
  const bytes = Buffer.byteLength(body);
  if (bytes > LARGEST_MESSAGE) {
    return malformed(`the message has ${bytes} bytes; at most ${LARGEST_MESSAGE} are read`);
  }
  try {
    return { kind: "parsed", value: JSON.parse(body) };
  } catch {
    return malformed("the message is not JSON");
  }
}

const envelope = z.object({ v: z.unknown().optional(), kind: z.string().max(64) });

/** Whether a JSON value claims to be one of the guard's own messages; an EventBridge event doesn't. */
export function isOwnMessage(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "v") && Object.hasOwn(value, "kind");
}

function parseOwn<T>(value: unknown, kinds: readonly string[], schema: z.ZodType<T>): Parsed<T> {
  const head = envelope.safeParse(value);
  if (!head.success) return malformed(`not a message of the guard: ${reasonOf(head.error)}`);
  if (head.data.v !== VERSION) {
    const found = JSON.stringify(head.data.v)?.slice(0, 20);
    return malformed(
      `the message has version \`${found}\`, this code reads \`${VERSION}\`; deploy the version that reads it`,
    );
  }
  if (!kinds.includes(head.data.kind)) {
    return malformed(`the message is a \`${head.data.kind}\`, this queue takes \`${kinds.join("`, `")}\``);
  }
  const parsed = schema.safeParse(value);
  return parsed.success ? { kind: "parsed", value: parsed.data } : malformed(reasonOf(parsed.error));
}

function malformed(reason: string): { readonly kind: "malformed"; readonly reason: string } {
  return { kind: "malformed", reason };
}

const attempt = z.int().min(0).max(10_000);

const job = z.object({
  key: keyArnText,
  agents: z.array(agentIdText).max(MOST_AGENTS),
  causes,
  attempt,
});

/** `{"v":1,"kind":"key-job",…}`, for the key queue. */
export function keyJobBody({ key, agents, causes: why, attempt }: KeyJob): string {
  return JSON.stringify({ v: VERSION, kind: "key-job", key, agents, causes: why, attempt });
}

export function parseKeyJob(value: unknown): Parsed<KeyJob> {
  return parseOwn(value, ["key-job"], job);
}

/** `{"v":1,"kind":"look-again","job":…}`, for the intake queue, to be put on the key queue when it comes out. */
export function lookAgainBody({ key, agents, causes: why, attempt }: KeyJob): string {
  return JSON.stringify({ v: VERSION, kind: "look-again", job: { key, agents, causes: why, attempt } });
}

export function parseLookAgain(value: unknown): Parsed<KeyJob> {
  return parseOwn(
    value,
    ["look-again"],
    z.object({ job }).transform((message) => message.job),
  );
}

const callersJob = z.object({
  scope: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("everything") }),
    z.object({
      kind: z.literal("these"),
      agents: z.array(agentIdText).max(MOST_AGENTS),
      keys: z.array(keyArnText).max(MOST_AGENTS),
    }),
  ]),
  causes,
  iamSince: orUndefined(time),
  attempt,
});

/** `{"v":1,"kind":"callers-job",…}`, for the callers queue. */
export function callersJobBody({ scope, causes: why, iamSince, attempt: n }: CallersJob): string {
  return JSON.stringify({ v: VERSION, kind: "callers-job", scope, causes: why, iamSince, attempt: n });
}

export function parseCallersJob(value: unknown): Parsed<CallersJob> {
  return parseOwn<CallersJob>(value, ["callers-job"], callersJob);
}

export interface Announcement {
  /** Whether the digest of the day is due. */
  readonly daily: boolean;
}

/** `{"v":1,"kind":"announce","daily":false}`, for the alert queue. */
export function announceBody({ daily }: Announcement): string {
  return JSON.stringify({ v: VERSION, kind: "announce", daily });
}

export function parseAnnouncement(value: unknown): Parsed<Announcement> {
  return parseOwn(value, ["announce"], z.object({ daily: z.boolean().default(false) }));
}

/** `{"v":1,"kind":"page",…}`, for the sweep queue. */
export function sweepPageBody({ sweepId, startedAt, pageNumber, nextToken, unread }: SweepPage): string {
  return JSON.stringify({ v: VERSION, kind: "page", sweepId, startedAt, pageNumber, nextToken, unread });
}

/** `{"v":1,"kind":"agent",…}`, for the sweep queue. */
export function sweepAgentBody({ sweepId, startedAt, agent }: SweepAgent): string {
  return JSON.stringify({ v: VERSION, kind: "agent", sweepId, startedAt, agent });
}

/** `{"v":1,"kind":"keys",…}`, for the sweep queue. */
export function sweepKeysBody({ sweepId, startedAt, after, unread }: SweepKeys): string {
  return JSON.stringify({ v: VERSION, kind: "keys", sweepId, startedAt, after, unread });
}

/**
 * Absent in a message that an older deployment queued. A sweep that began this early has seen every agent of the
 * inventory: none counts as missing from its list, and the next sweep finds those that are.
 */
const BEFORE_EVERYTHING = "1970-01-01T00:00:00.000Z";

const ofSweep = { sweepId: id, startedAt: time.default(BEFORE_EVERYTHING) };
const unread = z.int().min(0).max(MOST_AGENTS);

const sweepMessage = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("start") }),
    z.object({
      kind: z.literal("page"),
      ...ofSweep,
      pageNumber: z.int().min(1),
      nextToken: orUndefined(z.string().max(2_048)),
      // Absent in a page that an older deployment queued.
      unread: unread.default(0),
    }),
    z.object({ kind: z.literal("agent"), ...ofSweep, agent: agentIdText }),
    z.object({ kind: z.literal("keys"), ...ofSweep, after: orUndefined(keyArnText), unread }),
  ])
  .transform((message): SweepMessage => {
    switch (message.kind) {
      case "start":
      case "agent":
        return message;
      case "page": {
        const { kind, ...page } = message;
        return { kind, page };
      }
      case "keys": {
        const { kind, ...keys } = message;
        return { kind, keys };
      }
      default:
        return message satisfies never;
    }
  });

export function parseSweepMessage(value: unknown): Parsed<SweepMessage> {
  return parseOwn<SweepMessage>(value, ["start", "page", "agent", "keys"], sweepMessage);
}
