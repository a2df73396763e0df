/**
 * Bugs that the simulation must catch. Each changes a port or a queue from outside, as a mistake in the guard would show
 * itself there; the guard's own code has no switch for any of them.
 */
import type { KeyArn } from "../../packages/core/src/arn.ts";
import type { JournalEntry } from "../../packages/core/src/key/journal.ts";
import type { Handler } from "./calls.ts";
import { givenBy } from "./models/document.ts";
import type { SendOptions } from "./models/queues.ts";
import type { GuardPorts } from "./ports.ts";
import type { Invariant } from "./violation.ts";
import type { World } from "./world.ts";

export interface Bug {
  readonly what: string;
  /** The invariants by which it shows itself. */
  readonly caughtBy: readonly Invariant[];
  readonly wrap?: (ports: GuardPorts, handler: Handler, world: World) => GuardPorts;
  /** Changes how messages are put on the key queue. */
  readonly send?: (body: string, options: SendOptions) => SendOptions | "lost";
}

const HOUR_MS = 3_600_000;

export const BUGS = {
  "journal-after-write": {
    what: "the journal entry is made after the policy is put",
    caughtBy: ["journal"],
    wrap: (ports) => {
      const waiting = new Map<KeyArn, JournalEntry>();
      const open = async (key: KeyArn) => {
        const entry = waiting.get(key);
        waiting.delete(key);
        if (entry) await ports.journal.open(entry);
      };
      return {
        ...ports,
        journal: {
          ...ports.journal,
          open: async (entry) => void waiting.set(entry.key, entry),
          advance: async (entry, state, at) => {
            await open(entry.key);
            await ports.journal.advance(entry, state, at);
          },
        },
        writer: {
          putPolicy: async (key, text) => {
            const answer = await ports.writer.putPolicy(key, text);
            await open(key);
            return answer;
          },
        },
      };
    },
  },
  "no-re-read": {
    what: "the policy is not read again between the journal entry and the write",
    caughtBy: ["foreign-statements"],
    wrap: (ports) => {
      const read = new Map<KeyArn, Awaited<ReturnType<GuardPorts["keys"]["policy"]>>>();
      const isOpen = new Set<KeyArn>();
      return {
        ...ports,
        journal: {
          ...ports.journal,
          open: async (entry) => {
            await ports.journal.open(entry);
            isOpen.add(entry.key);
          },
        },
        keys: {
          ...ports.keys,
          policy: async (key) => {
            const former = read.get(key);
            if (former && isOpen.delete(key)) return former;
            const now = await ports.keys.policy(key);
            read.set(key, now);
            return now;
          },
        },
      };
    },
  },
  "no-budget": {
    what: "a reservation is always given",
    caughtBy: ["budget"],
    wrap: (ports) => ({ ...ports, budget: { reserve: async () => "reserved" } }),
  },
  "prune-too-early": {
    what: "what is not needed is taken to have been so for an hour",
    caughtBy: ["prune"],
    wrap: (ports, _, { engine, kms }) => ({
      ...ports,
      absences: {
        ...ports.absences,
        of: async (key) => {
          await ports.absences.of(key);
          const hourAgo = new Date(engine.now - HOUR_MS).toISOString();
          return new Map([...givenBy(kms.livePolicy(key))].map((subject) => [subject, hourAgo]));
        },
      },
    }),
  },
  "content-based-deduplication": {
    what: "the key queue takes two requests that ask for the same as one, whatever their causes",
    caughtBy: ["promptness", "convergence", "lost-update-told", "told"],
    send: (body, options) => {
      const { key, agents } = JSON.parse(body) as { readonly key: string; readonly agents: readonly string[] };
      return { ...options, deduplication: JSON.stringify([key, agents]) };
    },
  },
  "blind-kill-switch": {
    what: "the kill switch always reads as off",
    caughtBy: ["pause"],
    wrap: (ports) => ({ ...ports, killSwitch: { read: async () => ({ kind: "off" }) } }),
  },
  "forgetful-contest": {
    what: "the journal does not say any more what others removed",
    caughtBy: ["contest"],
    wrap: (ports) => ({
      ...ports,
      journal: {
        ...ports.journal,
        since: async (key, since) =>
          (await ports.journal.since(key, since)).map((entry) => ({ ...entry, regains: [] })),
      },
    }),
  },
  "untold-writes": {
    what: "no channel gets an alert about a write",
    caughtBy: ["told"],
    wrap: (ports) => ({
      ...ports,
      channels: ports.channels.map((channel) => ({
        ...channel,
        deliver: async (alert) => (alert.kind === "repaired" ? undefined : channel.deliver(alert)),
      })),
    }),
  },
  "no-outbox": {
    what: "alerts are not stored before a channel gets them",
    caughtBy: ["told", "lost-update-told"],
    wrap: (ports) => ({ ...ports, outbox: { ...ports.outbox, pending: async () => [] } }),
  },
  "told-before-stored": {
    what: "it is noted on a finding that people were told before the alert is stored",
    caughtBy: ["told", "lost-update-told"],
    wrap: (ports) => {
      let late: (() => Promise<void>)[] = [];
      const flush = async () => {
        const all = late;
        late = [];
        for (const save of all) await save();
      };
      return {
        ...ports,
        findings: {
          ...ports.findings,
          put: async (record) => {
            const answer = await ports.findings.put(record);
            await flush();
            return answer;
          },
        },
        outbox: {
          ...ports.outbox,
          save: async (dispatch) => {
            const isNew = dispatch.trying === undefined && dispatch.failed.length === 0;
            if (isNew) late.push(() => ports.outbox.save(dispatch));
            else await flush().then(() => ports.outbox.save(dispatch));
          },
        },
      };
    },
  },
  "forgetful-day": {
    what: "when the last digest was is forgotten",
    caughtBy: ["told-once", "at-once"],
    wrap: (ports) => ({
      ...ports,
      announcer: {
        ...ports.announcer,
        remember: (id, memory) => ports.announcer.remember(id, { ...memory, digestAt: undefined }),
      },
    }),
  },
  "silent-bus": {
    what: "the guard's own events are not put where people are told too",
    caughtBy: ["events"],
    wrap: (ports) => ({
      ...ports,
      events: {
        emit: async (events) => ports.events?.emit(events.filter(({ finding }) => finding.change !== "happened")),
      },
    }),
  },
  "forgotten-attempt": {
    what: "an alert that a channel was getting when the guard died goes out again as if for the first time",
    caughtBy: ["told-once"],
    wrap: (ports) => ({
      ...ports,
      outbox: {
        ...ports.outbox,
        pending: async () => (await ports.outbox.pending()).map((one) => ({ ...one, trying: undefined, failed: [] })),
      },
    }),
  },
  "lost-waiting": {
    what: "what is to be looked at again later never is",
    caughtBy: ["promptness", "told", "lost-update-told"],
    wrap: (ports) => ({ ...ports, later: { lookAgain: async () => {} } }),
  },
} as const satisfies Readonly<Record<string, Bug>>;

export type BugName = keyof typeof BUGS;

export const BUG_NAMES = Object.keys(BUGS) as readonly BugName[];

export function isBugName(text: string): text is BugName {
  return Object.hasOwn(BUGS, text);
}

export function bug(name: BugName): Bug {
  return BUGS[name];
}
