/** One look at a key: what it is made with, what is known so far, and how it ends. */
import type { AccountId, AgentId } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import { documentedStatement } from "../finding/findings.ts";
import type {
  Absences,
  Agent,
  Agents,
  AlertQueue,
  Clock,
  FindingLog,
  ForeignWrite,
  ForeignWrites,
  Holds,
  Inventory,
  InventoryAgent,
  Journal,
  Keys,
  KeyWriter,
  KillSwitch,
  LaterQueue,
  Log,
  OperatorCommands,
  Roles,
  WriteBudget,
} from "../ports.ts";
import { requirementsOf } from "../requirements/instance.ts";
import { type ProfileId, profile } from "../requirements/profiles.ts";
import type { HindranceSettings } from "./hindrance.ts";
import { type KeyJob, wholeSweeps } from "./job.ts";
import type { JournalEntry } from "./journal.ts";
import { CONSISTENT_AFTER_MS, putTime } from "./last-put.ts";
import type { Outcome } from "./outcome.ts";
import { inFlux } from "./problems-of-writing.ts";
import { tellFindings } from "./tell.ts";

export interface ReconcilePorts {
  readonly agents: Agents;
  readonly inventory: Inventory;
  readonly keys: Keys;
  readonly writer: KeyWriter;
  readonly roles: Roles;
  readonly journal: Journal;
  readonly killSwitch: KillSwitch;
  readonly holds: Holds;
  readonly budget: WriteBudget;
  readonly absences: Absences;
  readonly foreignWrites: ForeignWrites;
  readonly commands: OperatorCommands;
  readonly findings: FindingLog;
  readonly alertQueue: AlertQueue;
  readonly later: LaterQueue;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ReconcileSettings extends HindranceSettings {
  readonly account: AccountId;
  /** Which requirements an agent has. */
  readonly profile: ProfileId;
  /**
   * Whether a policy that the guard overwrote unseen is put back, with the guard's statements added. Never the other way
   * round: what someone revoked stays revoked.
   */
  readonly restoreLostUpdates: boolean;
}

/** How often something unfinished is looked at again before it is told: about 50 minutes, by the delays below. */
export const MAX_ATTEMPTS = 8;
const MAX_DELAY_SECONDS = 900;
/** What is known of the key so far, and what is still waited for. */
export interface Look {
  readonly job: KeyJob;
  readonly ports: ReconcilePorts;
  readonly settings: ReconcileSettings;
  /** Whether something that is not there yet may still be waited for. */
  readonly patient: boolean;
  /** What the key is judged for. */
  readonly agents: readonly Agent[];
  /** All that are known to be on the key, the unsettled too. */
  readonly onKey: readonly InventoryAgent[];
  /** Read live in this look. */
  readonly live: ReadonlySet<AgentId>;
  /** A write was reserved in this look and not made yet. */
  readonly reserved: boolean;
  /** A policy that the guard overwrote unseen, and that is to be put back. */
  readonly restoring: ForeignWrite | undefined;
  /** It was found out in this look what became of the policies that others put. */
  readonly foreignIsSettled: boolean;
  /** The policies that others put within the last day, where this look has read them. */
  readonly foreign: readonly ForeignWrite[] | undefined;
  readonly latest: JournalEntry | undefined;
  /** Problems that do not come from the policy. */
  readonly findings: readonly Finding[];
  /** Why the key is looked at again in any case. */
  readonly waiting: readonly Waiting[];
}

export interface Waiting {
  readonly reason: string;
  /** Whether a problem that this look does not see may still be there: it is then not taken for gone. */
  readonly unseen: boolean;
  /** No sooner than this; by default, what the number of attempts says. */
  readonly seconds?: number;
}

/** The end of a look: people are told what is new, and what is waited for is looked at again. */
export async function conclude(
  look: Look,
  problems: readonly Finding[],
  outcome?: Extract<Outcome, { kind: "repaired" | "proposed" }>,
): Promise<Outcome> {
  const { job, agents, ports, waiting } = look;
  const findings = [...look.findings, ...problems];
  const isComplete = !waiting.some(({ unseen }) => unseen);
  await tellFindings(job, agents, findings, { isComplete, wrote: outcome?.kind === "repaired" }, ports);
  const reasons = [...new Set(waiting.map(({ reason }) => reason))].join("; ");
  const soonest = Math.max(0, ...waiting.map(({ seconds }) => seconds ?? 0));
  const deferred = waiting.length > 0 ? await later(look, reasons, soonest) : undefined;
  if (outcome) return outcome;
  if (findings.length > 0) return { kind: "alerted", findings };
  return deferred ?? { kind: "compliant" };
}

/** Tried again while there is patience, then told. */
export async function unfinished(look: Look, reason: string): Promise<Outcome> {
  if (look.patient) return later(look, reason);
  return conclude({ ...look, waiting: [] }, [inFlux(look.job.key, look.agents, reason)]);
}

/** @param soonest - seconds */
export async function later({ job, ports }: Look, reason: string, soonest = 0): Promise<Outcome> {
  const delay = Math.min(Math.max(15 * 2 ** job.attempt, soonest), MAX_DELAY_SECONDS);
  await ports.later.lookAgain({ ...job, attempt: job.attempt + 1 }, delay);
  ports.log.info("looked at again later", { key: job.key, reason, delaySeconds: delay, attempt: job.attempt });
  return { kind: "deferred", reason };
}

/**
 * Whether a whole sweep has found no agent on the key, and there is nothing to tell or to wait for. Not within a minute of
 * the guard's own put: KMS may still show the policy before it, in which nothing is the guard's.
 */
export function isAbandoned({ job, onKey, findings, waiting, latest, ports }: Look): boolean {
  if (latest && Date.parse(ports.clock.now()) - putTime(latest) < CONSISTENT_AFTER_MS) return false;
  return wholeSweeps(job.causes).length > 0 && onKey.length === 0 && findings.length === 0 && waiting.length === 0;
}

/** The sweep need not come by any more: no agent uses the key, and nothing of the guard's is in it. */
export async function giveUp(look: Look): Promise<Outcome> {
  await look.ports.inventory.dropKey(look.job.key);
  return conclude(look, []);
}

/** The documented statements for the key's owner, one for each requirement and agent. */
export function statementsFor({ job, agents, settings }: Look): readonly string[] {
  return requirementsOf(job.key, agents, profile(settings.profile)).map(documentedStatement);
}
