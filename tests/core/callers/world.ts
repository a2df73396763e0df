/** The ports of a review of callers, kept in memory: an account's IAM that changes with what is written to it. */
import type { AgentId, CallerArn, KeyArn } from "../../../packages/core/src/arn.ts";
import type { IamAccount } from "../../../packages/core/src/callers/account.ts";
import type { CallersJob } from "../../../packages/core/src/callers/job.ts";
import type { CallerJournalEntry } from "../../../packages/core/src/callers/journal.ts";
import { knownAccount } from "../../../packages/core/src/callers/known-account.ts";
import type { AccountReading, CallerReading, CallerWrite } from "../../../packages/core/src/callers/ports.ts";
import {
  type CallersOutcome,
  type CallersPorts,
  type CallersSettings,
  reconcileCallers,
} from "../../../packages/core/src/callers/reconcile.ts";
import type {
  Agent,
  BudgetScope,
  DraftReading,
  Hold,
  InventoryAgent,
  KeyReading,
  PolicyReading,
  TagReading,
} from "../../../packages/core/src/ports.ts";
import { keysOf } from "../../../packages/core/src/requirements/appearances.ts";
import { MemoryAnnouncer } from "../support/announcer.ts";
import { key } from "../support/world.ts";
import {
  ACCOUNT,
  type AccountIn,
  type AgentIn,
  accountFrom,
  agentFrom,
  DELEGATES,
  KEY,
  type PolicyIn,
  policyText,
  type RoleIn,
} from "./account.ts";

export const OWN = "BedrockKeyGuard";

export const SETTINGS: CallersSettings = {
  account: ACCOUNT,
  region: "eu-west-1",
  mode: "enforce",
  modeTag: "bedrock-key-guard",
  optIn: undefined,
  guardRoles: new Set([`arn:aws:iam::${ACCOUNT}:role/guard-callers`]),
  writesPerHour: 50,
};

export const INVOKES = { invoke: [{ Effect: "Allow", Action: "bedrock:InvokeAgent", Resource: "*" }] };
/** A role that may invoke every agent, and nothing else. */
export const LACKING: RoleIn = { name: "app", inline: INVOKES };

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export function arn(name: string, kind = "role"): CallerArn {
  return `arn:aws:iam::${ACCOUNT}:${kind}/${name}` as CallerArn;
}

export function agent(id: string, changes: Partial<AgentIn> & { readonly name?: string } = {}): Agent {
  const { name = `bot-${id.toLowerCase()}`, ...rest } = changes;
  return { ...agentFrom({ id, ...rest }).agent, name };
}

export function jobFor(changes: Partial<CallersJob> = {}): CallersJob {
  return {
    scope: { kind: "everything" },
    causes: [
      {
        kind: "event",
        id: "event-1",
        eventName: "PutRolePolicy",
        actor: { arn: `arn:aws:iam::${ACCOUNT}:role/terraform`, sessionName: "ci", invokedBy: undefined },
        at: "2026-11-23T10:00:00.000Z",
      },
    ],
    iamSince: undefined,
    attempt: 0,
    ...changes,
  };
}

type Holder = RoleIn & { readonly groups?: readonly string[] };

export class World implements CallersPorts {
  readonly holders = new Map<CallerArn, Holder>();
  groups: AccountIn["groups"] = [];
  managed: AccountIn["managed"] = {};
  readonly live = new Map<string, Agent>();
  readonly inInventory = new Map<string, InventoryAgent>();
  /** Keys in the inventory's list, beside those of its agents. */
  readonly everOn = new Set<KeyArn>();
  readonly policies = new Map<KeyArn, PolicyIn | undefined>([[KEY, DELEGATES]]);
  readonly keyTags = new Map<KeyArn, TagReading>();
  readonly deniedAgents = new Set<string>();
  readonly entries: CallerJournalEntry[] = [];
  readonly queued: { readonly job: CallersJob; readonly seconds: number }[] = [];
  readonly writes: { readonly caller: CallerArn; readonly text: string | undefined }[] = [];
  readonly warnings: string[] = [];
  readonly held = new Map<string, Hold>();
  readonly spent = new Map<string, number>();
  noted: readonly string[] = [];
  readings = 0;
  sweepEverFinished = true;
  paused = false;
  accountDenied: string | undefined;
  /** What IAM answers to a write in place of taking it. */
  refusal: ((caller: CallerArn) => CallerWrite | undefined) | undefined;
  deniedCallers = new Set<CallerArn>();
  /** Runs right before a role or user is read for a write: what others do meanwhile. */
  beforeRead: (caller: CallerArn) => void = () => {};
  #now = Date.parse("2026-11-23T10:05:00.000Z");

  with(...roles: readonly RoleIn[]): this {
    for (const role of roles) this.holders.set(arn(`${(role.path ?? "/").slice(1)}${role.name}`), role);
    return this;
  }

  withUser(user: Holder): this {
    this.holders.set(arn(`${(user.path ?? "/").slice(1)}${user.name}`, "user"), user);
    return this;
  }

  /** Agents that are there, and that the inventory knows. */
  put(...agents: readonly Agent[]): this {
    for (const one of agents) {
      this.live.set(one.id, one);
      this.inInventory.set(one.id, { agent: one, seenAt: this.clock.now() });
    }
    return this;
  }

  /** Agents that are deleted, and that the inventory has forgotten. */
  drop(...ids: readonly string[]): this {
    for (const id of ids) for (const agents of [this.live, this.inInventory]) agents.delete(id);
    return this;
  }

  /** The guard's policy on a caller. */
  own(caller: CallerArn): PolicyIn | undefined {
    return this.holders.get(caller)?.inline?.[OWN];
  }

  /** The agents' ids that the guard's policy on a caller names, by key. */
  access(caller: CallerArn): Readonly<Record<string, readonly string[]>> {
    const text = this.own(caller);
    if (text === undefined) return {};
    const { Statement } = JSON.parse(policyText(text));
    return Object.fromEntries(
      Statement.map((one: { Resource: string; Condition: { StringEquals: Record<string, string[]> } }) => [
        one.Resource,
        Object.values(one.Condition.StringEquals)
          .flat()
          .map((agent) => agent.split("/").at(-1)),
      ]),
    );
  }

  setOwn(caller: CallerArn, policy: PolicyIn | undefined): void {
    const holder = this.holders.get(caller);
    if (!holder) throw new Error(`the world has no \`${caller}\``);
    const { [OWN]: _, ...others } = holder.inline ?? {};
    this.holders.set(caller, { ...holder, inline: policy === undefined ? others : { ...others, [OWN]: policy } });
  }

  hold(caller: CallerArn, kind: Hold["kind"], at = "2026-11-23T09:00:00.000Z"): void {
    this.held.set(caller, { kind, by: "ana", reason: "change freeze", at });
  }

  change(caller: CallerArn, changes: Partial<Holder>): void {
    const holder = this.holders.get(caller);
    if (!holder) throw new Error(`the world has no \`${caller}\``);
    this.holders.set(caller, { ...holder, ...changes });
  }

  account(): IamAccount {
    const of = (kind: string) => [...this.holders].flatMap(([arn, one]) => (arn.includes(`:${kind}/`) ? [one] : []));
    return accountFrom({
      roles: of("role"),
      users: of("user"),
      groups: this.groups ?? [],
      managed: this.managed ?? {},
    });
  }

  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  /** A review, after IAM may be read again. */
  review(job: Partial<CallersJob> = {}, settings: Partial<CallersSettings> = {}): Promise<CallersOutcome> {
    this.pass(11 * MINUTE);
    const iamSince = this.clock.now();
    return reconcileCallers(jobFor({ iamSince, ...job }), this, { ...SETTINGS, ...settings });
  }

  readonly clock = {
    now: () => new Date(this.#now++).toISOString(),
    sleep: async (ms: number) => this.pass(ms),
    random: () => 0.5,
  };
  readonly log = { info: () => {}, warn: (message: string) => void this.warnings.push(message) };

  readonly accounts = {
    read: async (): Promise<AccountReading> => {
      this.readings++;
      if (this.accountDenied !== undefined) return { kind: "denied", message: this.accountDenied };
      return { kind: "read", account: this.account() };
    },
  };
  #review: { readonly id: string; readonly until: string } | undefined;
  #readAt: string | undefined;
  readonly reviewLog = {
    begin: async (id: string, at: string, until: string) => {
      if (this.#review && this.#review.id !== id && this.#review.until > at) return "busy" as const;
      this.#review = { id, until };
      return "begun" as const;
    },
    end: async (id: string) => {
      if (this.#review?.id === id) this.#review = undefined;
    },
    reserveReading: async (at: string, before: string) => {
      if (this.#readAt !== undefined && this.#readAt > before) {
        return { kind: "too-soon", readAt: this.#readAt } as const;
      }
      this.#readAt = at;
      return { kind: "reserved" } as const;
    },
  };
  known = knownAccount(this);
  readonly identities = {
    read: async (caller: CallerArn): Promise<CallerReading> => {
      this.beforeRead(caller);
      if (this.deniedCallers.has(caller)) return { kind: "denied", message: "not authorized to perform: iam:GetRole" };
      const holder = this.holders.get(caller);
      if (!holder) return { kind: "gone" };
      const own = this.own(caller);
      return {
        kind: "found",
        ...(holder.uniqueId === undefined ? {} : { uniqueId: holder.uniqueId }),
        tags: new Map(Object.entries(holder.tags ?? {})),
        ownPolicy: own === undefined ? undefined : policyText(own),
      };
    },
  };
  readonly writer = {
    put: async (caller: CallerArn, text: string): Promise<CallerWrite> => this.#write(caller, text),
    remove: async (caller: CallerArn): Promise<CallerWrite> => this.#write(caller, undefined),
  };
  #write(caller: CallerArn, text: string | undefined): CallerWrite {
    const refused = this.refusal?.(caller);
    if (refused) return refused;
    if (!this.holders.has(caller)) return { kind: "gone" };
    this.setOwn(caller, text);
    this.writes.push({ caller, text });
    return { kind: "written" };
  }
  readonly callerJournal = {
    latest: async (of: CallerArn) => this.#entriesOf(of).at(-1),
    open: async (entry: CallerJournalEntry) => {
      if (this.#entriesOf(entry.caller).some(({ id }) => id === entry.id)) throw new Error("the entry exists");
      this.entries.push(entry);
    },
    advance: async ({ caller, id }: CallerJournalEntry, state: CallerJournalEntry["state"]) => {
      const index = this.entries.findIndex((one) => one.caller === caller && one.id === id);
      const old = this.entries[index];
      if (!old) throw new Error("there is no such entry");
      this.entries[index] = { ...old, state };
    },
    since: async (of: CallerArn, since: string) => this.#entriesOf(of).filter(({ at }) => at >= since),
  };
  #entriesOf(caller: CallerArn): readonly CallerJournalEntry[] {
    return this.entries.filter((one) => one.caller === caller).sort((a, b) => (a.id < b.id ? -1 : 1));
  }
  readonly callersQueue = {
    review: async (job: CallersJob, seconds: number) => void this.queued.push({ job, seconds }),
  };
  readonly agents = {
    get: async (id: AgentId): Promise<DraftReading> => {
      if (this.deniedAgents.has(id)) return { kind: "denied", message: "not authorized to perform: kms:Decrypt" };
      const found = this.live.get(id);
      return found ? { kind: "found", agent: found } : { kind: "not-found" };
    },
    versions: async (id: AgentId) => {
      const found = this.live.get(id);
      if (!found) return { kind: "not-found" } as const;
      return { kind: "found", versions: found.versions.map(({ version }) => version) } as const;
    },
    version: async (id: AgentId, version: string) => {
      const found = this.live.get(id)?.versions.find((one) => one.version === version);
      return found ? ({ kind: "found", version: found } as const) : ({ kind: "not-found" } as const);
    },
  };
  readonly inventory = {
    agent: async (id: AgentId) => this.inInventory.get(id),
    agentsOn: async (on: KeyArn) => [...this.inInventory.values()].filter(({ agent }) => keysOf(agent).includes(on)),
    departedFrom: async () => [],
    record: async (read: Agent, seenAt: string) => void this.inInventory.set(read.id, { agent: read, seenAt }),
    forget: async ({ agent }: InventoryAgent) => void this.inInventory.delete(agent.id),
    keys: async (after: KeyArn | undefined) => {
      const on = [...this.inInventory.values()].flatMap(({ agent }) => keysOf(agent));
      const keys = [...new Set([...this.everOn, ...on])].sort().filter((one) => !after || one > after);
      return { keys: keys.slice(0, 2), more: keys.length > 2 };
    },
    dropKey: async (of: KeyArn) => void this.everOn.delete(of),
  };
  readonly sweepLog = {
    everFinished: async () => this.sweepEverFinished,
    latest: async () => undefined,
    started: async () => {},
    finished: async () => {},
  };
  readonly keys = {
    describe: async (of: KeyArn): Promise<KeyReading> =>
      this.policies.has(of) ? { kind: "found", key: key({ arn: of }) } : { kind: "not-found" },
    tags: async (of: KeyArn): Promise<TagReading> =>
      this.keyTags.get(of) ?? (this.policies.has(of) ? { kind: "found", tags: new Map() } : { kind: "not-found" }),
    policy: async (of: KeyArn): Promise<PolicyReading> => {
      const policy = this.policies.get(of);
      return policy === undefined
        ? { kind: "denied", message: "no resource-based policy allows it" }
        : { kind: "found", text: policyText(policy) };
    },
  };
  readonly holds = {
    of: async (on: string) => this.held.get(on),
    set: async (on: string, hold: Hold) => void this.held.set(on, hold),
    lift: async (on: string) => void this.held.delete(on),
  };
  readonly killSwitch = {
    read: async () =>
      this.paused ? ({ kind: "paused", reason: "change freeze", by: "ana" } as const) : ({ kind: "off" } as const),
  };
  readonly budget = {
    reserve: async (scope: BudgetScope, hour: string, limit: number) => {
      const used = this.spent.get(`${scope} ${hour}`) ?? 0;
      if (used >= limit) return "spent" as const;
      this.spent.set(`${scope} ${hour}`, used + 1);
      return "reserved" as const;
    },
  };
  readonly writing = {
    of: async () => this.noted,
    set: async (callers: readonly string[]) => {
      this.noted = callers;
    },
  };
  readonly people = new MemoryAnnouncer(this.clock);
  readonly findings = this.people.findings;
  readonly alertQueue = this.people.alertQueue;
  readonly published = this.people.published;
  readonly commands = {
    rollback: ({ id, ...of }: { readonly id: string; readonly key?: KeyArn; readonly caller?: CallerArn }) =>
      `roll-back ${of.caller ?? of.key} ${id}`,
    history: (of: string) => `show-history ${of}`,
    resumeKey: (of: KeyArn) => `resume-key ${of}`,
    resume: (of: CallerArn) => `resume ${of}`,
    resumeGuard: () => "resume-guard",
    silence: (refs: readonly string[]) => `silence ${refs.join(" ")}`,
    findings: () => "list-findings",
  };
}
