/** One look at a key: what it is made with, what is known so far, and how it ends. */
import type { AccountId, AgentId } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import type {
  Agent,
  Agents,
  Alerts,
  Clock,
  Inventory,
  Journal,
  Keys,
  KeyWriter,
  KillSwitch,
  LaterQueue,
  Log,
  Roles,
  ToldFindings,
} from "../ports.ts";
import type { HindranceSettings } from "./hindrance.ts";
import type { KeyJob } from "./job.ts";
import type { JournalEntry } from "./journal.ts";
import type { Outcome } from "./outcome.ts";
import * as problem from "./problems.ts";
import { tellFindings } from "./tell.ts";

export interface ReconcilePorts {
  readonly agents: Agents;
  readonly inventory: Inventory;
  readonly keys: Keys;
  readonly writer: KeyWriter;
  readonly roles: Roles;
  readonly journal: Journal;
  readonly killSwitch: KillSwitch;
  readonly told: ToldFindings;
  readonly alerts: Alerts;
  readonly later: LaterQueue;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ReconcileSettings extends HindranceSettings {
  readonly account: AccountId;
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
  readonly agents: readonly Agent[];
  readonly live: ReadonlySet<AgentId>;
  readonly latest: JournalEntry | undefined;
  /** Problems that do not come from the policy. */
  readonly findings: readonly Finding[];
  /** Why the key is looked at again in any case. */
  readonly waiting: readonly string[];
}

/** The end of a look: people are told what is new, and what is waited for is looked at again. */
export async function conclude(
  look: Look,
  problems: readonly Finding[],
  outcome?: Extract<Outcome, { kind: "repaired" | "proposed" }>,
  diff: readonly string[] = [],
): Promise<Outcome> {
  const { job, agents, ports, waiting } = look;
  const findings = [...look.findings, ...problems];
  await tellFindings(job, [...agents], findings, diff, waiting.length === 0, ports);
  const deferred = waiting.length > 0 ? await later(look, [...new Set(waiting)].join("; ")) : undefined;
  if (outcome) return outcome;
  if (findings.length > 0) return { kind: "alerted", findings };
  return deferred ?? { kind: "compliant" };
}

/** Tried again while there is patience, then told. */
export async function unfinished(look: Look, reason: string): Promise<Outcome> {
  if (look.patient) return later(look, reason);
  return conclude({ ...look, waiting: [] }, [problem.inFlux(look.job.key, look.agents, reason)]);
}

export async function later({ job, ports }: Look, reason: string): Promise<Outcome> {
  const delay = Math.min(15 * 2 ** job.attempt, MAX_DELAY_SECONDS);
  await ports.later.lookAgain({ ...job, attempt: job.attempt + 1 }, delay);
  ports.log.info("looked at again later", { key: job.key, reason, delaySeconds: delay, attempt: job.attempt });
  return { kind: "deferred", reason };
}
