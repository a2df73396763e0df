/** The ports, kept in memory: what happens is read from state and from the list of what was done, never from counted calls. */
import type { AgentId, KeyArn, RoleArn } from "../../../packages/core/src/arn.ts";
import type { Alert } from "../../../packages/core/src/finding/alert.ts";
import type { IntakePorts } from "../../../packages/core/src/intake/intake.ts";
import type { KeyJob } from "../../../packages/core/src/key/job.ts";
import type { JournalEntry } from "../../../packages/core/src/key/journal.ts";
import type { ReconcilePorts, ReconcileSettings } from "../../../packages/core/src/key/look.ts";
import type {
  Agent,
  AgentReading,
  InventoryAgent,
  Key,
  KeyReading,
  PolicyReading,
  SweepAgent,
  SweepPage,
  TagReading,
} from "../../../packages/core/src/ports.ts";
import type { SweepPorts } from "../../../packages/core/src/sweep/sweep.ts";

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
  readonly toldIds = new Map<string, readonly string[]>();
  readonly published: Alert[] = [];
  readonly again: { readonly job: KeyJob; readonly delaySeconds: number }[] = [];
  readonly queued: KeyJob[] = [];
  readonly pages: SweepPage[] = [];
  readonly writes: { readonly key: KeyArn; readonly text: string }[] = [];
  sweepEverFinished = true;
  paused = false;
  /** The next PutKeyPolicy is refused with this. */
  refuseNextPut: { readonly code: string; readonly message: string } | undefined;
  throttled = false;
  readonly deniedAgents = new Set<string>();
  /** Runs right after the journal entry is opened: another writer, or a crash. */
  afterJournalOpened: () => void = () => {};
  afterPut: () => void = () => {};
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
  };
  readonly log = { info: () => {}, warn: () => {} };

  readonly agents = {
    get: async (id: AgentId): Promise<AgentReading> => {
      if (this.deniedAgents.has(id)) return { kind: "denied", message: "not authorized to perform kms:Decrypt" };
      const found = this.live.get(id);
      return found ? { kind: "found", agent: found } : { kind: "not-found" };
    },
  };
  readonly inventory = {
    agent: async (id: AgentId) => this.known.get(id),
    agentsOn: async (on: KeyArn) => [...this.known.values()].filter((k) => k.agent.keyArn === on),
    record: async (read: Agent, seenAt: string) => void this.known.set(read.id, { agent: read, seenAt }),
    forget: async (gone: InventoryAgent) => void this.known.delete(gone.agent.id),
  };
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
    advance: async (entry: JournalEntry, state: JournalEntry["state"]) => {
      const at = this.entries.findIndex((e) => e.id === entry.id);
      const old = this.entries[at];
      if (old) this.entries[at] = { ...old, state };
    },
    writesSince: async (of: KeyArn, since: string) =>
      this.entries.filter((e) => e.key === of && e.at >= since && ["put", "verified", "told"].includes(e.state)).length,
    commandForBefore: (entry: JournalEntry) => `print-policy-before ${entry.id}`,
  };
  readonly killSwitch = {
    read: async () =>
      this.paused ? ({ kind: "paused", reason: "change freeze", by: "ana" } as const) : ({ kind: "off" } as const),
  };
  readonly told = {
    of: async (on: KeyArn) => this.toldIds.get(on) ?? [],
    set: async (on: KeyArn, ids: readonly string[]) => void this.toldIds.set(on, ids),
  };
  readonly alerts = { publish: async (alert: Alert) => void this.published.push(alert) };
  readonly later = {
    lookAgain: async (job: KeyJob, delaySeconds: number) => void this.again.push({ job, delaySeconds }),
  };
  readonly keyQueue = { lookAt: async (job: KeyJob) => void this.queued.push(job) };
  readonly sweepQueue = {
    page: async (page: SweepPage) => void this.pages.push(page),
    agent: async (one: SweepAgent) => void this.lone.push(one),
  };
  readonly lone: SweepAgent[] = [];
  readonly sweepLog = {
    everFinished: async () => this.sweepEverFinished,
    finished: async () => {
      this.sweepEverFinished = true;
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
