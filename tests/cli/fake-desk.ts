/** A person at a desk: what they are shown, what they answer, and a guard whose ports are kept in memory. */
import type { Desk, Guard, Person } from "../../packages/cli/src/operate/guard.ts";
import { reconcileKey } from "../../packages/core/src/key/reconcile.ts";
import type { Pause } from "../../packages/core/src/ports.ts";
import { ACCOUNT, agent, DEFAULT_POLICY, jobFor, KEY, SETTINGS, World } from "../core/support/world.ts";
import { FakeCallers } from "./fake-callers.ts";

export const ANA: Person = { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Security/ana`, account: ACCOUNT };
export const TABLE = ["--table", "guard-table"];

/** A world in which the guard has just repaired the key. */
export async function repairedWorld(): Promise<World> {
  const world = new World().put(agent("AGENT00001")).withKey(DEFAULT_POLICY);
  await reconcileKey(jobFor(), world, SETTINGS);
  if (world.writes.length !== 1) throw new Error("the guard should have repaired the key");
  world.writes.length = 0;
  world.pass(60_000);
  return world;
}

export const live = (world: World): string => world.policies.get(KEY) ?? "";

export interface Habits {
  /** What is typed; without it there is no terminal. */
  readonly types?: string | "end of input";
  readonly person?: Person;
  readonly environment?: Desk["environment"];
  /** Replaces ports. */
  readonly guard?: Partial<Guard>;
  readonly callers?: FakeCallers;
  readonly columns?: number;
}

export class FakeDesk implements Desk {
  readonly printed: string[] = [];
  readonly noted: string[] = [];
  readonly errors: string[] = [];
  readonly asked: string[] = [];
  readonly places: unknown[] = [];
  pause: Pause = { kind: "off" };
  readonly environment: Desk["environment"];
  readonly terminal: Desk["terminal"];
  readonly #guard: Guard;

  constructor(world: World, { types, person = ANA, environment = {}, guard = {}, callers, columns = 80 }: Habits = {}) {
    this.environment = environment;
    this.terminal = {
      columns,
      print: async (text) => void this.printed.push(text),
      note: async (text) => void this.noted.push(text),
      printError: async (text) => void this.errors.push(text),
      isManned: () => types !== undefined,
      ask: async (question) => {
        this.asked.push(question);
        return types === "end of input" ? undefined : types;
      },
    };
    this.#guard = {
      history: world.history,
      journal: world.journal,
      holds: callers?.holds ?? world.holds,
      callers: callers ?? new FakeCallers(),
      writing: (callers ?? new FakeCallers()).writing,
      findings: world.people.findings,
      silences: world.people.silences,
      silenceLever: world.people.silenceLever,
      keys: world.keys,
      writer: world.writer,
      clock: world.clock,
      commands: {
        ...world.commands,
        rollback: (entry) => `roll-back ${"caller" in entry ? entry.caller : entry.key} ${entry.id}`,
        history: (subject) => `show-history ${subject}`,
        resume: (caller) => `resume-caller ${caller}`,
      },
      sweepLog: world.sweepLog,
      killSwitch: { read: async () => this.pause },
      lever: {
        pause: async (by, reason) => {
          this.pause = { kind: "paused", by, reason };
        },
        resume: async () => {
          this.pause = { kind: "off" };
        },
      },
      person: async () => person,
      ...guard,
    };
  }

  async guardAt(place: unknown): Promise<Guard> {
    this.places.push(place);
    return this.#guard;
  }

  get out(): string {
    return this.printed.join("\n");
  }
}
