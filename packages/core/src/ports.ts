/**
 * What the domain needs from outside. Each port names the IAM actions that it costs; a test holds these lists
 * against the permissions of the stack, both ways.
 *
 * Expected refusals are values (`kind`); throttling, outages and bugs throw and are retried by the queue.
 */
import type { AgentArn, AgentId, KeyArn, RoleArn } from "./arn.ts";
import type { Alert } from "./finding/alert.ts";
import type { KeyJob } from "./key/job.ts";
import type { JournalEntry, JournalState } from "./key/journal.ts";

/** `bedrock:GetAgent`'s answer, the part that the guard reads. The key and the role are those of the DRAFT. */
export interface Agent {
  readonly id: AgentId;
  readonly arn: AgentArn;
  readonly name: string;
  readonly status: AgentStatus;
  readonly roleArn: RoleArn | undefined;
  /** Absent while the agent uses the key that AWS owns. */
  readonly keyArn: KeyArn | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly memoryEnabled: boolean;
}

/** Every status of GetAgent. https://docs.aws.amazon.com/bedrock/latest/APIReference/API_agent_Agent.html */
export const AGENT_STATUSES = [
  "CREATING",
  "PREPARING",
  "PREPARED",
  "NOT_PREPARED",
  "DELETING",
  "FAILED",
  "VERSIONING",
  "UPDATING",
] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

/** `denied`: Bedrock, or KMS behind it, does not let the guard read the agent. */
export type AgentReading =
  | { readonly kind: "found"; readonly agent: Agent }
  | { readonly kind: "not-found" }
  | { readonly kind: "denied"; readonly message: string };

export interface AgentPage {
  readonly ids: readonly AgentId[];
  readonly nextToken: string | undefined;
}

export interface Agents {
  /** `bedrock:GetAgent` */
  get(id: AgentId): Promise<AgentReading>;
}

export interface AgentDirectory {
  /** `bedrock:ListAgents`; at most ten agents a page, whatever is asked for. */
  list(nextToken: string | undefined): Promise<AgentPage>;
}

/** `kms:DescribeKey`'s answer, the part that decides whether the guard may touch the key. */
export interface Key {
  readonly arn: KeyArn;
  readonly manager: "AWS" | "CUSTOMER";
  readonly spec: string;
  readonly usage: string;
  readonly state: string;
  readonly origin: string;
  /** ISO 8601, where a deletion is scheduled. */
  readonly deletionDate: string | undefined;
}

export type Refusal = { readonly kind: "not-found" } | { readonly kind: "denied"; readonly message: string };

export type KeyReading = { readonly kind: "found"; readonly key: Key } | Refusal;
export type PolicyReading = { readonly kind: "found"; readonly text: string } | Refusal;
export type TagReading = { readonly kind: "found"; readonly tags: ReadonlyMap<string, string> } | Refusal;

export type PolicyWrite =
  | { readonly kind: "written" }
  /** Too many calls at once; nothing was written. */
  | { readonly kind: "throttled" }
  /** KMS or IAM refused for good; `code` is the error's name, such as `MalformedPolicyDocumentException`. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

export interface Keys {
  /** `kms:DescribeKey` */
  describe(key: KeyArn): Promise<KeyReading>;
  /** `kms:ListResourceTags` */
  tags(key: KeyArn): Promise<TagReading>;
  /** `kms:GetKeyPolicy` */
  policy(key: KeyArn): Promise<PolicyReading>;
}

export interface KeyWriter {
  /** `kms:PutKeyPolicy`, never with the lockout bypass. Replaces the whole document: KMS has no version check. */
  putPolicy(key: KeyArn, text: string): Promise<PolicyWrite>;
}

export interface Roles {
  /** `iam:GetRole`. `unknown` when IAM has no role of this name or knows it under another path. */
  lookUp(
    role: RoleArn,
  ): Promise<
    { readonly kind: "known" } | { readonly kind: "unknown" } | { readonly kind: "denied"; readonly message: string }
  >;
}

/** An agent as the guard last saw it. */
export interface InventoryAgent {
  readonly agent: Agent;
  /** ISO 8601. */
  readonly seenAt: string;
}

export interface Inventory {
  /** `dynamodb:GetItem` */
  agent(id: AgentId): Promise<InventoryAgent | undefined>;
  /** `dynamodb:Query`, consistent. The agents whose DRAFT uses the key, but those known to be gone. */
  agentsOn(key: KeyArn): Promise<readonly InventoryAgent[]>;
  /**
   * `dynamodb:PutItem`, `dynamodb:DeleteItem`. Records what was just read of an agent, and moves it from its former key.
   * An agent without a customer key is recorded too, so that one which lost its key is noticed.
   */
  record(agent: Agent, seenAt: string, former: InventoryAgent | undefined): Promise<void>;
  /** `dynamodb:DeleteItem`. Forgets an agent that GetAgent no longer finds. */
  forget(known: InventoryAgent): Promise<void>;
}

export interface SweepLog {
  /** `dynamodb:GetItem`. Whether a sweep has ever finished: until then the inventory can't say that a key is unrelated. */
  everFinished(): Promise<boolean>;
  /** `dynamodb:PutItem` */
  finished(sweepId: string, at: string): Promise<void>;
}

export interface Journal {
  /** `dynamodb:Query`, consistent. The newest entry of a key. */
  latest(key: KeyArn): Promise<JournalEntry | undefined>;
  /** `dynamodb:PutItem`; throws when the entry exists: an entry is never overwritten. */
  open(entry: JournalEntry): Promise<void>;
  /** `dynamodb:UpdateItem` */
  advance(entry: JournalEntry, state: JournalState): Promise<void>;
  /** `dynamodb:Query`, consistent. How many policies of a key KMS took since then (ISO 8601). */
  writesSince(key: KeyArn, since: string): Promise<number>;
  /** A shell command that prints the policy as it was before the entry's write: for a person, no call is made. */
  commandForBefore(entry: JournalEntry): string;
}

export interface KillSwitch {
  /** `dynamodb:GetItem`, consistent. Read before every write. */
  read(): Promise<{ readonly kind: "off" } | { readonly kind: "paused"; readonly reason: string; readonly by: string }>;
}

/** What people have already been told of a key, so that the same problem is told once. */
export interface ToldFindings {
  /** `dynamodb:GetItem`, consistent. */
  of(key: KeyArn): Promise<readonly string[]>;
  /** `dynamodb:PutItem` */
  set(key: KeyArn, findingIds: readonly string[], at: string): Promise<void>;
}

export interface Alerts {
  /** `sns:Publish` */
  publish(alert: Alert): Promise<void>;
}

export interface KeyQueue {
  /** `sqs:SendMessage` on the FIFO queue: group = key ARN, deduplication id = cause and key. */
  lookAt(job: KeyJob): Promise<void>;
}

export interface LaterQueue {
  /** `sqs:SendMessage` on the intake queue with a delay (at most 900 seconds). */
  lookAgain(job: KeyJob, delaySeconds: number): Promise<void>;
}

export interface SweepQueue {
  /** `sqs:SendMessage` on the sweep queue. */
  page(page: SweepPage): Promise<void>;
  /** `sqs:SendMessage` on the sweep queue: one agent by itself, since reading it failed within its page. */
  agent(agent: SweepAgent): Promise<void>;
}

export interface SweepPage {
  readonly sweepId: string;
  readonly pageNumber: number;
  readonly nextToken: string | undefined;
  /** How many agents of the pages so far could not be read: a sweep with any has not seen everything. */
  readonly unread: number;
}

export interface SweepAgent {
  readonly sweepId: string;
  readonly agent: AgentId;
}

export interface Clock {
  /** ISO 8601. */
  now(): string;
  sleep(milliseconds: number): Promise<void>;
}

/** Why something was dropped, deferred or decided: one structured line. */
export interface Log {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}
