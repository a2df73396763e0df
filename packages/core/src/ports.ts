/**
 * What the domain needs from outside. Each port names the IAM actions that it costs; a test holds these lists
 * against the permissions of the stack, both ways.
 *
 * Expected refusals are values (`kind`); throttling, outages and bugs throw and are retried by the queue.
 */
import type { AgentArn, AgentId, CallerArn, KeyArn, RoleArn } from "./arn.ts";
import type { FindingRecord, Subject } from "./finding/record.ts";
import type { Actor, KeyJob } from "./key/job.ts";
import type { JournalEntry, JournalState, JournalSummary } from "./key/journal.ts";

/** `bedrock:GetAgent`'s answer, the part that the guard reads. The key and the role are those of the DRAFT. */
export interface DraftAgent {
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

/**
 * `bedrock:GetAgentVersion`'s answer, the part that the guard reads. A numbered version is a snapshot: it keeps the key,
 * the role and the memory that the draft had when it was made.
 */
export interface AgentVersion {
  /** Such as `3`; never `DRAFT`. */
  readonly version: string;
  readonly roleArn: RoleArn | undefined;
  readonly keyArn: KeyArn | undefined;
  readonly memoryEnabled: boolean;
}

/** An agent with its numbered versions that exist: an alias can point at any of them. */
export interface Agent extends DraftAgent {
  readonly versions: readonly AgentVersion[];
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
type BedrockReading<T> =
  | ({ readonly kind: "found" } & T)
  | { readonly kind: "not-found" }
  | { readonly kind: "denied"; readonly message: string };

export type DraftReading = BedrockReading<{ readonly agent: DraftAgent }>;
export type VersionsReading = BedrockReading<{ readonly versions: readonly string[] }>;
export type VersionReading = BedrockReading<{ readonly version: AgentVersion }>;
/** An agent with its versions, as the core puts it together. */
export type AgentReading = BedrockReading<{ readonly agent: Agent }>;

export interface AgentPage {
  readonly ids: readonly AgentId[];
  readonly nextToken: string | undefined;
}

export interface Agents {
  /** `bedrock:GetAgent`. 15 calls a second for the whole account and Region. */
  get(id: AgentId): Promise<DraftReading>;
  /** `bedrock:ListAgentVersions`, all pages, without `DRAFT`. 10 calls a second. */
  versions(id: AgentId): Promise<VersionsReading>;
  /** `bedrock:GetAgentVersion`. 10 calls a second. */
  version(id: AgentId, version: string): Promise<VersionReading>;
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
  /** ISO 8601. When it was last read live. */
  readonly seenAt: string;
}

/** An agent whose DRAFT no longer uses the key: it was moved to another key, or lost its key. */
export interface DepartedAgent {
  readonly id: AgentId;
  readonly name: string;
  /** The key that its DRAFT uses now; absent for one that AWS owns. */
  readonly to: KeyArn | undefined;
  /** ISO 8601. When that was noticed. */
  readonly at: string;
}

export interface Inventory {
  /** `dynamodb:GetItem` */
  agent(id: AgentId): Promise<InventoryAgent | undefined>;
  /** `dynamodb:Query`, consistent. The agents of which the draft or a version uses the key, but those known to be gone. */
  agentsOn(key: KeyArn): Promise<readonly InventoryAgent[]>;
  /** `dynamodb:Query`, consistent. The agents whose draft left the key, and was not seen to come back. */
  departedFrom(key: KeyArn): Promise<readonly DepartedAgent[]>;
  /**
   * `dynamodb:PutItem`, `dynamodb:DeleteItem`. Records what was just read of an agent under each key that it uses, takes it
   * from those that it no longer uses, and notes where its draft went. An agent without a customer key is recorded too.
   */
  record(agent: Agent, seenAt: string, former: InventoryAgent | undefined): Promise<void>;
  /** `dynamodb:DeleteItem`. Forgets an agent that GetAgent no longer finds. */
  forget(known: InventoryAgent): Promise<void>;
  /** `dynamodb:Query`. Every key that an agent was ever recorded on and that was not dropped, a page at a time, sorted. */
  keys(after: KeyArn | undefined): Promise<{ readonly keys: readonly KeyArn[]; readonly more: boolean }>;
  /** `dynamodb:DeleteItem`. The key is no longer looked at by the sweep: no agent uses it, nothing of the guard's is in it. */
  dropKey(key: KeyArn): Promise<void>;
}

/** How the latest sweep stands. */
export interface SweepState {
  readonly sweepId: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** ISO 8601; absent while it runs, or where it got stuck. */
  readonly finishedAt: string | undefined;
}

export interface SweepLog {
  /** `dynamodb:GetItem`. Whether a sweep has ever finished: until then the inventory can't say that a key is unrelated. */
  everFinished(): Promise<boolean>;
  /** `dynamodb:GetItem` */
  latest(): Promise<SweepState | undefined>;
  /** `dynamodb:UpdateItem`. Idempotent: the same sweep, started again, keeps its first time. */
  started(sweepId: string, at: string): Promise<void>;
  /** `dynamodb:UpdateItem` */
  finished(sweepId: string, at: string): Promise<void>;
}

export interface Journal {
  /** `dynamodb:Query`, consistent. The newest entry of a key. */
  latest(key: KeyArn): Promise<JournalEntry | undefined>;
  /** `dynamodb:PutItem`; throws when the entry exists: an entry is never overwritten. */
  open(entry: JournalEntry): Promise<void>;
  /** `dynamodb:UpdateItem`. `at`, ISO 8601, is kept as the entry's `putAt` when it becomes `put`. */
  advance(entry: JournalEntry, state: JournalState, at: string): Promise<void>;
  /** `dynamodb:Query`, consistent. The entries of a key since then (ISO 8601), oldest first, without their policies. */
  since(key: KeyArn, since: string): Promise<readonly JournalSummary[]>;
}

/** What a person reads and undoes the journal with, by the command line. */
export interface History {
  /** `dynamodb:Query`, consistent. The newest entries of a key, newest first. */
  newest(key: KeyArn, limit: number): Promise<readonly JournalEntry[]>;
}

/** The commands that an alert tells a person to run: text for a shell, no call is made. */
export interface OperatorCommands {
  rollback(entry: Pick<JournalEntry, "key" | "id">): string;
  history(key: KeyArn): string;
  /** Lifts the hold on one key. */
  resumeKey(key: KeyArn): string;
  resumeGuard(): string;
  /** Has nothing more told of findings, for a while. `refs`: their short names. */
  silence(refs: readonly string[]): string;
  /** Lists what is open, with what to do about each. */
  findings(): string;
}

export type Pause =
  | { readonly kind: "off" }
  | { readonly kind: "paused"; readonly reason: string; readonly by: string };

export interface KillSwitch {
  /** `dynamodb:GetItem`, consistent. Read before every write. */
  read(): Promise<Pause>;
}

/** People throw the kill switch, by the command line; the guard's own roles can't. */
export interface KillSwitchLever {
  /** `dynamodb:PutItem` */
  pause(by: string, reason: string, at: string): Promise<void>;
  /** `dynamodb:DeleteItem` */
  resume(): Promise<void>;
}

/** Why nothing is written to one key or caller until a person lifts it; or that a person lifted it. */
export interface Hold {
  /**
   * `rollback`: a person put a former policy back. `contest`: another writer keeps removing what the guard gives.
   * `person`: a person paused the key or caller. `lifted`: a person said that the guard may write again; what was contested before
   * then does not count any more.
   */
  readonly kind: "rollback" | "contest" | "person" | "lifted";
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface Holds {
  /** `dynamodb:GetItem`, consistent. Read before every write. */
  of(subject: KeyArn | CallerArn): Promise<Hold | undefined>;
  /** `dynamodb:PutItem`. */
  set(subject: KeyArn | CallerArn, hold: Hold): Promise<void>;
  /** `dynamodb:DeleteItem` */
  lift(subject: KeyArn | CallerArn): Promise<void>;
}

export type BudgetScope = KeyArn | CallerArn | "account" | "callers";

/** How many writes may still be made. A reservation is never given back. */
export interface WriteBudget {
  /**
   * `dynamodb:UpdateItem`, conditional, so that two functions can't both take the last one.
   *
   * @param scope - a key's or a caller's ARN, `account` for all keys together, `callers` for all callers together
   * @param hour - ISO 8601 to the hour, such as `2026-11-23T10`
   */
  reserve(scope: BudgetScope, hour: string, limit: number): Promise<"reserved" | "spent">;
}

/** Since when something that the guard's statements name was not needed any more (agents' and roles' ARNs). */
export interface Absences {
  /** `dynamodb:GetItem`, consistent. By subject: ISO 8601, when it was first confirmed that nothing needs it. */
  of(key: KeyArn): Promise<ReadonlyMap<string, string>>;
  /** `dynamodb:PutItem`, or `dynamodb:DeleteItem` of an empty one. */
  set(key: KeyArn, absences: ReadonlyMap<string, string>): Promise<void>;
}

/** A PutKeyPolicy as CloudTrail told of it, that the journal does not know. */
export interface ForeignWrite {
  readonly key: KeyArn;
  /** CloudTrail's eventID. */
  readonly eventId: string;
  /** ISO 8601, whole seconds. */
  readonly at: string;
  readonly actor: Actor;
  /** The document that was put. */
  readonly policy: string;
  /** By the guard's own role, though no journal entry explains it. */
  readonly byGuard: boolean;
  /** Whether it was found out what became of it, and told where that had to be told. */
  readonly settled: boolean;
}

export interface ForeignWrites {
  /** `dynamodb:PutItem`, once for an event: a repeated one changes nothing. */
  record(write: ForeignWrite): Promise<void>;
  /** `dynamodb:Query`, consistent. Oldest first. */
  since(key: KeyArn, since: string): Promise<readonly ForeignWrite[]>;
  /** `dynamodb:UpdateItem` */
  settle(write: ForeignWrite): Promise<void>;
}

/** The life of findings. */
export interface FindingLog {
  /** `dynamodb:Query`, consistent. All findings of a subject that are remembered, the resolved ones too. */
  of(subject: Subject): Promise<readonly FindingRecord[]>;
  /** `dynamodb:Query`, consistent. Those of all subjects. */
  all(): Promise<readonly FindingRecord[]>;
  /** `dynamodb:PutItem`, conditional: `conflict` where the record was written since it was read, and nothing is written. */
  put(record: FindingRecord): Promise<"put" | "conflict">;
}

export interface AlertQueue {
  /**
   * `sqs:SendMessage` on the alert queue: there is something to tell, in so many seconds (at most 900).
   *
   * @param daily - whether the digest of the day is due
   */
  wake(delaySeconds: number, daily?: boolean): Promise<void>;
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
  /** `sqs:SendMessage` on the sweep queue: all agents were read; the keys to look at, from one key on. */
  keys(keys: SweepKeys): Promise<void>;
}

export interface SweepPage {
  readonly sweepId: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly pageNumber: number;
  readonly nextToken: string | undefined;
  /** How many agents of the pages so far could not be read: a sweep with any has not seen everything. */
  readonly unread: number;
}

export interface SweepAgent {
  readonly sweepId: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly agent: AgentId;
}

export interface SweepKeys {
  readonly sweepId: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly after: KeyArn | undefined;
  /** How many agents could not be read. */
  readonly unread: number;
}

export interface Clock {
  /** ISO 8601. */
  now(): string;
  sleep(milliseconds: number): Promise<void>;
  /** At least 0, less than 1. For jitter only. */
  random(): number;
}

/** Why something was dropped, deferred or decided: one structured line. */
export interface Log {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
}
