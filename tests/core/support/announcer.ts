/** Findings, their telling and the alert queue, kept in memory: who is woken tells at once. */
import type { Alert, AlertFinding } from "../../../packages/core/src/alert/alert.ts";
import { type AnnounceOutcome, type AnnounceSettings, announce } from "../../../packages/core/src/alert/announce.ts";
import type { AnnouncerMemory, Dispatch, FindingEvent, Silence } from "../../../packages/core/src/alert/ports.ts";
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import type { Channel } from "../../../packages/core/src/channel/channel.ts";
import { emailOf } from "../../../packages/core/src/channel/email.ts";
import { type FindingRecord, happeningOf, type Subject } from "../../../packages/core/src/finding/record.ts";
import type { Clock } from "../../../packages/core/src/ports.ts";

export const ANNOUNCE_SETTINGS: AnnounceSettings = {
  account: "111122223333" as AnnounceSettings["account"],
  region: "eu-west-1",
  modes: { keys: "enforce", callers: "enforce" },
  atOnceFrom: "low",
  waits: [],
};

/** An alert, with what tests look for in it. */
export interface Published extends Alert {
  /** As people read it. */
  readonly text: string;
  /** All lines of all diffs. */
  readonly diff: readonly string[];
}

function published(alert: Alert): Published {
  return { ...alert, text: emailOf(alert).text, diff: alert.findings.flatMap(({ diff }) => diff) };
}

/** The findings that alerts told of, but for what was done and what is over: a problem each. */
export function problemsIn(alerts: readonly Alert[]): readonly AlertFinding[] {
  return alerts
    .flatMap(({ findings }) => findings)
    .filter(({ kind, change }) => happeningOf(kind) !== "over" && change !== "resolved");
}

export class MemoryAnnouncer {
  readonly clock: Clock;
  readonly records = new Map<string, FindingRecord>();
  readonly published: Published[] = [];
  readonly emitted: FindingEvent[] = [];
  readonly silenced: Silence[] = [];
  readonly dispatches = new Map<string, Dispatch>();
  /** What nobody has worked on yet, where nobody tells at once. */
  readonly wakes: { readonly seconds: number; readonly daily: boolean }[] = [];
  /** Whether who is woken tells at once. */
  isPrompt = true;
  settings: AnnounceSettings = ANNOUNCE_SETTINGS;
  aliases: readonly string[] = [];
  memory: AnnouncerMemory = { paces: {}, digestAt: undefined, doubtful: [] };
  #running: { readonly id: string; readonly until: string } | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  readonly findings = {
    of: async (subject: Subject) => [...this.records.values()].filter((record) => record.subject === subject),
    all: async () => [...this.records.values()],
    put: async (record: FindingRecord) => {
      const former = this.records.get(record.id);
      if ((former?.revision ?? 0) !== record.revision) return "conflict" as const;
      this.records.set(record.id, { ...record, revision: record.revision + 1 });
      return "put" as const;
    },
  };
  readonly alertQueue = {
    wake: async (seconds: number, daily = false) => {
      if (this.isPrompt && seconds === 0) await this.run(daily);
      else this.wakes.push({ seconds, daily });
    },
  };
  readonly silences = { all: async () => this.silenced };
  readonly silenceLever = {
    set: async (silence: Silence) => void this.silenced.push(silence),
    lift: async (ref: string) => {
      this.silenced.splice(0, this.silenced.length, ...this.silenced.filter((one) => one.ref !== ref));
    },
  };
  readonly outbox = {
    pending: async () => [...this.dispatches.values()].sort((a, b) => (a.alert.at < b.alert.at ? -1 : 1)),
    save: async (dispatch: Dispatch) => void this.dispatches.set(dispatch.alert.id, dispatch),
    remove: async (dispatch: Dispatch) => void this.dispatches.delete(dispatch.alert.id),
  };
  readonly announcer = {
    begin: async (id: string, at: string, until: string) => {
      if (this.#running && this.#running.id !== id && this.#running.until > at) return { kind: "busy" } as const;
      this.#running = { id, until };
      return { kind: "begun", memory: this.memory } as const;
    },
    remember: async (id: string, memory: AnnouncerMemory) => {
      if (this.#running?.id !== id) throw new Error("another one has begun");
      this.memory = memory;
    },
    end: async (id: string) => {
      if (this.#running?.id === id) this.#running = undefined;
    },
  };
  readonly names = {
    accountAlias: async () => "acme-production",
    keyAliases: async (_: KeyArn) => this.aliases,
  };
  readonly commands = {
    silence: (refs: readonly string[]) => `silence ${refs.join(" ")}`,
    findings: () => "list-findings",
  };
  readonly events = { emit: async (events: readonly FindingEvent[]) => void this.emitted.push(...events) };
  readonly log = { info: () => {}, warn: () => {} };
  channels: readonly Channel[] = [
    { name: "memory", deduplicates: false, deliver: async (alert) => void this.published.push(published(alert)) },
  ];

  run(daily = false): Promise<AnnounceOutcome> {
    return announce({ daily }, this, this.settings);
  }
}
