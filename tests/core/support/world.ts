/** The ports, kept in memory: what happens is read from state and from the list of what was done, never from counted calls. */
import type { AgentId, KeyArn, RoleArn } from "../../../packages/core/src/arn.ts";
import type { IntakePorts } from "../../../packages/core/src/intake/intake.ts";
import type { KeyJob } from "../../../packages/core/src/key/job.ts";
import { type JournalEntry, TAKEN } from "../../../packages/core/src/key/journal.ts";
import type { ReconcilePorts, ReconcileSettings } from "../../../packages/core/src/key/look.ts";
import type {
  Agent,
  DepartedAgent,
  DraftReading,
  ForeignWrite,
  Hold,
  InventoryAgent,
  Key,
  KeyReading,
  PolicyReading,
  SweepAgent,
  SweepKeys,
  SweepPage,
  SweepState,
  TagReading,
  VersionReading,
  VersionsReading,
} from "../../../packages/core/src/ports.ts";
import { keysOf } from "../../../packages/core/src/requirements/appearances.ts";
import type { SweepPorts } from "../../../packages/core/src/sweep/sweep.ts";
import { MemoryAnnouncer } from "./announcer.ts";

export const ACCOUNT = "111122223333";
export const REGION = "eu-west-1";
export const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555` as KeyArn;
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/service/SupportBot` as RoleArn;
export const OTHER_ROLE = `arn:aws:iam::${ACCOUNT}:role/service/OtherBot` as RoleArn;

export const SETTINGS: ReconcileSettings = {
  account: ACCOUNT as ReconcileSettings["account"],
  mode: "enforce",
  modeTag: "bedrock-key-guard",
  optIn: undefined,
  profile: "documented",
  budgets: { keyPerHour: 20, accountPerHour: 100 },
  restoreLostUpdates: false,
};

export function agent(id: string, changes: Partial<Agent> = {}): Agent {
  return {
    id: id as AgentId,
    arn: `arn:aws:bedrock:${REGION}:${ACCOUNT}:agent/${id}` as Agent["arn"],
    name: `bot-${id.toLowerCase()}`,
    status: "PREPARED",
    roleArn: ROLE,
    keyArn: KEY,
    createdAt: "2024-05-01T00:00:00Z",
    memoryEnabled: false,
    versions: [],
    ...changes,
  };
}

export function key(changes: Partial<Key> = {}): Key {
  return {
    arn: KEY,
    manager: "CUSTOMER",
    spec: "SYMMETRIC_DEFAULT",
    usage: "ENCRYPT_DECRYPT",
    state: "Enabled",
    origin: "AWS_KMS",
    deletionDate: undefined,
    ...changes,
  };
}

export const ADMIN_STATEMENT = {
  Sid: "Enable IAM User Permissions",
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: "kms:*",
  Resource: "*",
};

export function policyOf(...statements: readonly object[]): string {
  return JSON.stringify({ Version: "2012-10-17", Id: "key-default-1", Statement: statements });
}

export const DEFAULT_POLICY = policyOf(ADMIN_STATEMENT);

export function jobFor(changes: Partial<KeyJob> = {}): KeyJob {
  return {
    key: KEY,
    agents: [],
    causes: [
      {
        kind: "event",
        id: "event-1",
        eventName: "PutKeyPolicy",
        actor: { arn: `arn:aws:iam::${ACCOUNT}:role/terraform`, sessionName: "ci", invokedBy: undefined },
        at: "2026-11-23T10:00:00.000Z",
      },
    ],
    attempt: 0,
    ...changes,
  };
}

/** Everything outside the domain, in one place. */
export class World implements ReconcilePorts {
  readonly live = new Map<string, Agent>();
  readonly known = new Map<string, InventoryAgent>();
  readonly kmsKeys = new Map<string, Key>();
  readonly policies = new Map<string, string>();
  readonly keyTags = new Map<string, string>();
  readonly iamRoles = new Set<string>([ROLE, OTHER_ROLE]);
  readonly entries: JournalEntry[] = [];
  readonly again: { readonly job: KeyJob; readonly delaySeconds: number }[] = [];
  readonly queued: KeyJob[] = [];
  readonly pages: SweepPage[] = [];
  readonly writes: { readonly key: KeyArn; readonly text: string }[] = [];
  sweepEverFinished = true;
  paused = false;
  readonly departed = new Map<KeyArn, DepartedAgent[]>();
  readonly droppedKeys = new Set<KeyArn>();
  readonly heldKeys = new Map<KeyArn, Hold>();
  readonly absent = new Map<KeyArn, ReadonlyMap<string, string>>();
  readonly foreign: ForeignWrite[] = [];
  readonly reserved = new Map<string, number>();
  sweep: SweepState | undefined;
  /** The next PutKeyPolicy is refused with this. */
  refuseNextPut: { readonly code: string; readonly message: string } | undefined;
  throttled = false;
  readonly deniedAgents = new Set<string>();
  /** Runs right after the journal entry is opened: another writer, or a crash. */
  afterJournalOpened: () => void = () => {};
  afterPut: () => void = () => {};
  /** Runs when KMS is about to take a policy: another writer, after the guard's last reading. */
  beforePut: () => void = () => {};
  /** This many reads after a write still show the policy before it. */
  staleReads = 0;
  readonly #stale = new Map<string, { text: string; left: number }>();
  #milliseconds = Date.parse("2026-11-23T10:00:05.000Z");

  put(...agents: readonly Agent[]): this {
    for (const one of agents) {
      this.live.set(one.id, one);
      this.known.set(one.id, { agent: one, seenAt: this.clock.now() });
    }
    return this;
  }

  withKey(policy: string, changes: Partial<Key> = {}): this {
    this.kmsKeys.set(KEY, key(changes));
    this.policies.set(KEY, policy);
    return this;
  }

  policyStatements(of: KeyArn = KEY): Record<string, unknown>[] {
    return JSON.parse(this.policies.get(of) ?? "{}").Statement;
  }

  readonly clock = {
    now: () => new Date(this.#milliseconds++).toISOString(),
    sleep: async (ms: number) => {
      this.#milliseconds += ms;
    },
    random: () => 0.5,
  };
  /** Lets time pass. */
  pass(milliseconds: number): void {
    this.#milliseconds += milliseconds;
  }
  readonly log = { info: () => {}, warn: () => {} };

  readonly agents = {
    get: async (id: AgentId): Promise<DraftReading> => {
      if (this.deniedAgents.has(id)) return { kind: "denied", message: "not authorized to perform kms:Decrypt" };
      const found = this.live.get(id);
      if (!found) return { kind: "not-found" };
      const { versions: _, ...draft } = found;
      return { kind: "found", agent: draft };
    },
    versions: async (id: AgentId): Promise<VersionsReading> => {
      const found = this.live.get(id);
      return found ? { kind: "found", versions: found.versions.map((v) => v.version) } : { kind: "not-found" };
    },
    version: async (id: AgentId, version: string): Promise<VersionReading> => {
      const found = this.live.get(id)?.versions.find((v) => v.version === version);
      return found ? { kind: "found", version: found } : { kind: "not-found" };
    },
  };
  readonly inventory = {
    agent: async (id: AgentId) => this.known.get(id),
    agentsOn: async (on: KeyArn) => [...this.known.values()].filter((k) => keysOf(k.agent).includes(on)),
    departedFrom: async (from: KeyArn) => this.departed.get(from) ?? [],
    record: async (read: Agent, seenAt: string, former: InventoryAgent | undefined) => {
      const left = former?.agent.keyArn;
      if (left && left !== read.keyArn) {
        const gone = { id: read.id, name: read.name, to: read.keyArn, at: seenAt };
        this.departed.set(left, [...(this.departed.get(left) ?? []).filter((d) => d.id !== read.id), gone]);
      }
      if (read.keyArn) this.#comeBack(read.keyArn, read.id);
      this.known.set(read.id, { agent: read, seenAt });
      for (const on of keysOf(read)) {
        this.everOn.add(on);
        this.droppedKeys.delete(on);
      }
    },
    forget: async (gone: InventoryAgent) => {
      this.known.delete(gone.agent.id);
      for (const from of this.departed.keys()) this.#comeBack(from, gone.agent.id);
    },
    keys: async (after: KeyArn | undefined) => {
      for (const { agent: one } of this.known.values()) for (const on of keysOf(one)) this.everOn.add(on);
      const keys = [...this.everOn].filter((on) => !this.droppedKeys.has(on) && (!after || on > after)).sort();
      return { keys: keys.slice(0, 10), more: keys.length > 10 };
    },
    dropKey: async (of: KeyArn) => void this.droppedKeys.add(of),
  };
  readonly everOn = new Set<KeyArn>();
  #comeBack(from: KeyArn, id: string): void {
    this.departed.set(
      from,
      (this.departed.get(from) ?? []).filter((d) => d.id !== id),
    );
  }
  readonly keys = {
    describe: async (of: KeyArn): Promise<KeyReading> => {
      const found = this.kmsKeys.get(of);
      return found ? { kind: "found", key: found } : { kind: "not-found" };
    },
    tags: async (): Promise<TagReading> => ({ kind: "found", tags: this.keyTags }),
    policy: async (of: KeyArn): Promise<PolicyReading> => {
      const stale = this.#stale.get(of);
      if (stale && stale.left-- > 0) return { kind: "found", text: stale.text };
      const text = this.policies.get(of);
      return text === undefined
        ? { kind: "denied", message: "no resource-based policy allows it" }
        : { kind: "found", text };
    },
  };
  readonly writer = {
    putPolicy: async (to: KeyArn, text: string) => {
      if (this.throttled) return { kind: "throttled" } as const;
      const refusal = this.refuseNextPut;
      this.refuseNextPut = undefined;
      if (refusal) return { kind: "refused", ...refusal } as const;
      this.beforePut();
      this.#stale.set(to, { text: this.policies.get(to) ?? "", left: this.staleReads });
      this.policies.set(to, text);
      this.writes.push({ key: to, text });
      this.afterPut();
      return { kind: "written" } as const;
    },
  };
  readonly roles = {
    lookUp: async (role: RoleArn) =>
      this.iamRoles.has(role) ? ({ kind: "known" } as const) : ({ kind: "unknown" } as const),
  };
  readonly journal = {
    latest: async (of: KeyArn) => this.entries.filter((e) => e.key === of).at(-1),
    open: async (entry: JournalEntry) => {
      this.entries.push(entry);
      this.afterJournalOpened();
    },
    advance: async (entry: JournalEntry, state: JournalEntry["state"], at: string) => {
      const index = this.entries.findIndex((e) => e.id === entry.id);
      const old = this.entries[index];
      if (old) this.entries[index] = { ...old, state, putAt: old.putAt ?? (TAKEN.has(state) ? at : undefined) };
    },
    since: async (of: KeyArn, since: string) => this.entries.filter((e) => e.key === of && e.at >= since),
  };
  readonly history = {
    newest: async (of: KeyArn, limit: number) =>
      this.entries
        .filter((e) => e.key === of)
        .reverse()
        .slice(0, limit),
  };
  readonly commands = {
    rollback: (entry: Pick<JournalEntry, "key" | "id">) => `roll-back ${entry.key} ${entry.id}`,
    history: (of: KeyArn) => `show-history ${of}`,
    resumeKey: (of: KeyArn) => `resume-key ${of}`,
    resumeGuard: () => "resume-guard",
    silence: (refs: readonly string[]) => `silence ${refs.join(" ")}`,
    findings: () => "list-findings",
  };
  readonly holds = {
    of: async (on: KeyArn) => this.heldKeys.get(on),
    set: async (on: KeyArn, hold: Hold) => void this.heldKeys.set(on, hold),
    lift: async (on: KeyArn) => void this.heldKeys.delete(on),
  };
  readonly budget = {
    reserve: async (scope: KeyArn | "account", hour: string, limit: number) => {
      const used = this.reserved.get(`${scope} ${hour}`) ?? 0;
      if (used >= limit) return "spent" as const;
      this.reserved.set(`${scope} ${hour}`, used + 1);
      return "reserved" as const;
    },
  };
  readonly absences = {
    of: async (on: KeyArn) => this.absent.get(on) ?? new Map<string, string>(),
    set: async (on: KeyArn, absences: ReadonlyMap<string, string>) => void this.absent.set(on, absences),
  };
  readonly foreignWrites = {
    record: async (write: ForeignWrite) => {
      if (!this.foreign.some((f) => f.eventId === write.eventId)) this.foreign.push(write);
    },
    since: async (on: KeyArn, since: string) => this.foreign.filter((f) => f.key === on && f.at >= since),
    settle: async (write: ForeignWrite) => {
      const index = this.foreign.findIndex((f) => f.eventId === write.eventId);
      const old = this.foreign[index];
      if (old) this.foreign[index] = { ...old, settled: true };
    },
  };
  readonly killSwitch = {
    read: async () =>
      this.paused ? ({ kind: "paused", reason: "change freeze", by: "ana" } as const) : ({ kind: "off" } as const),
  };
  readonly people = new MemoryAnnouncer(this.clock);
  readonly findings = this.people.findings;
  readonly alertQueue = this.people.alertQueue;
  readonly published = this.people.published;
  readonly later = {
    lookAgain: async (job: KeyJob, delaySeconds: number) => void this.again.push({ job, delaySeconds }),
  };
  readonly keyQueue = { lookAt: async (job: KeyJob) => void this.queued.push(job) };
  readonly sweepQueue = {
    page: async (page: SweepPage) => void this.pages.push(page),
    agent: async (one: SweepAgent) => void this.lone.push(one),
    keys: async (keys: SweepKeys) => void this.keyPages.push(keys),
  };
  readonly lone: SweepAgent[] = [];
  readonly keyPages: SweepKeys[] = [];
  readonly sweepLog = {
    everFinished: async () => this.sweepEverFinished,
    latest: async () => this.sweep,
    started: async (sweepId: string, at: string) => {
      if (this.sweep?.sweepId !== sweepId) this.sweep = { sweepId, startedAt: at, finishedAt: undefined };
    },
    finished: async (sweepId: string, at: string) => {
      this.sweepEverFinished = true;
      if (this.sweep?.sweepId === sweepId) this.sweep = { ...this.sweep, finishedAt: at };
    },
  };
  readonly directory = {
    list: async (token: string | undefined) => {
      const ids = [...this.live.keys()] as AgentId[];
      const from = Number(token ?? 0);
      return { ids: ids.slice(from, from + 10), nextToken: from + 10 < ids.length ? String(from + 10) : undefined };
    },
  };
}

// The compiler holds the world against each workflow's ports.
const _intake: (world: World) => IntakePorts = (world) => world;
const _sweep: (world: World) => SweepPorts = (world) => world;
