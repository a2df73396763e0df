/** What IAM, the journal and the holds have of callers, kept in memory: read from state, never from counted calls. */
import type { CallerArn } from "../../packages/core/src/arn.ts";
import { callerArn } from "../../packages/core/src/arn.ts";
import type { CallerJournalEntry, CallerJournalState } from "../../packages/core/src/callers/journal.ts";
import type { CallerReading, CallerWrite } from "../../packages/core/src/callers/ports.ts";
import { changePolicy } from "../../packages/core/src/callers/write.ts";
import type { Hold } from "../../packages/core/src/ports.ts";
import { ACCOUNT } from "../core/support/world.ts";

export const ROLE = made(`arn:aws:iam::${ACCOUNT}:role/apps/Shop`);
export const USER = made(`arn:aws:iam::${ACCOUNT}:user/Uma`);
export const GIVEN = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Sid: "BedrockKeyGuard1", Effect: "Allow", Action: ["kms:Decrypt"], Resource: "*" }],
});
export const LINE = 'agent "bot" (AGENT00001) on KEY';

export class FakeCallers {
  /** Each role and user that is there, with the guard's policy on it. */
  readonly policies = new Map<CallerArn, string | undefined>([
    [ROLE, undefined],
    [USER, undefined],
  ]);
  readonly held = new Map<string, Hold>();
  readonly entries: CallerJournalEntry[] = [];
  /** What people were told, and whose journal is to be looked at. */
  noted: readonly string[] = ["another"];
  /** What IAM answers to a write in place of taking it. */
  answer: CallerWrite | undefined;
  unreadable = false;
  /** What happens while IAM is called, and after it took the change. */
  beforeWrite: () => void = () => {};
  afterWrite: () => void = () => {};
  #minute = 0;

  readonly clock = {
    now: () => new Date(Date.parse("2026-11-23T10:00:00Z") + this.#minute++ * 60_000).toISOString(),
    sleep: async () => {},
    random: () => 0,
  };
  readonly identities = {
    read: async (caller: CallerArn): Promise<CallerReading> => {
      if (this.unreadable) return { kind: "denied", message: "no identity-based policy allows it" };
      if (!this.policies.has(caller)) return { kind: "gone" };
      return { kind: "found", tags: new Map(), ownPolicy: this.policies.get(caller) };
    },
  };
  readonly writer = {
    put: (caller: CallerArn, text: string) => this.#write(caller, text),
    remove: (caller: CallerArn) => this.#write(caller, undefined),
  };
  readonly callerJournal = {
    latest: async (caller: CallerArn) => this.entries.findLast((entry) => entry.caller === caller),
    open: async (entry: CallerJournalEntry) => void this.entries.push(entry),
    advance: async (entry: CallerJournalEntry, state: CallerJournalState) => {
      const index = this.entries.findIndex(({ id }) => id === entry.id);
      const old = this.entries[index];
      if (old) this.entries[index] = { ...old, state };
    },
    since: async (caller: CallerArn, since: string) =>
      this.entries.filter((entry) => entry.caller === caller && entry.at >= since),
  };
  readonly history = {
    newest: async (caller: CallerArn, limit: number) =>
      this.entries
        .filter((entry) => entry.caller === caller)
        .reverse()
        .slice(0, limit),
  };
  readonly holds = {
    of: async (subject: string) => this.held.get(subject),
    set: async (subject: string, hold: Hold) => void this.held.set(subject, hold),
    lift: async (subject: string) => void this.held.delete(subject),
  };

  readonly writing = {
    of: async () => this.noted,
    set: async (callers: readonly string[]) => {
      this.noted = callers;
    },
  };

  async #write(caller: CallerArn, text: string | undefined): Promise<CallerWrite> {
    this.beforeWrite();
    if (this.answer) return this.answer;
    this.policies.set(caller, text);
    this.afterWrite();
    return { kind: "written" };
  }

  /** As the guard gives a policy, or takes it away. */
  async give(caller: CallerArn, after: string | undefined): Promise<this> {
    await changePolicy(
      {
        caller,
        action: "give",
        by: "guard",
        before: this.policies.get(caller),
        after,
        causes: [{ kind: "sweep", id: "sweep-1", whole: true, at: "2026-11-23T09:00:00.000Z" }],
        diff: [after === undefined ? `- ${LINE}` : `+ ${LINE}`],
        latest: await this.callerJournal.latest(caller),
      },
      this,
    );
    return this;
  }
}

/** What the guard has just given to a role. */
export function given(caller: CallerArn = ROLE): Promise<FakeCallers> {
  return new FakeCallers().give(caller, GIVEN);
}

function made(text: string): CallerArn {
  const arn = callerArn(text);
  if (!arn) throw new Error(`\`${text}\` is no role's or user's ARN`);
  return arn;
}
