/**
 * The callers of the account's agents, start to end: gather, read IAM, judge, plan, then give, take away or tell. Reads live
 * state, never trusts the event that caused it, and may be run any number of times: when everything is as it should be, it
 * does nothing.
 */
import type { AccountId } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import type { ActSettings } from "./act.ts";
import { type EnforcePorts, enforce } from "./enforce.ts";
import { unreadableAccount } from "./findings.ts";
import { type Gathered, gatherForCallers } from "./gather.ts";
import type { CallersJob } from "./job.ts";
import type { CallerJournalEntry } from "./journal.ts";
import type { KnownAccount } from "./known-account.ts";
import type { PlanSettings } from "./plan.ts";
import type { CallersQueue, ReviewLog } from "./ports.ts";
import { reviewCallers } from "./review.ts";
import { tellFindingsOfCallers, tellWritten } from "./tell.ts";
import { factsOf, toldOnly } from "./told-only.ts";

export interface CallersPorts extends EnforcePorts {
  readonly known: KnownAccount;
  readonly reviewLog: ReviewLog;
  readonly callersQueue: CallersQueue;
}

export interface CallersSettings extends ActSettings, Pick<PlanSettings, "guardRoles"> {
  readonly account: AccountId;
  readonly region: string;
}

export type CallersOutcome =
  | { readonly kind: "skipped"; readonly reason: string }
  | { readonly kind: "put-off"; readonly reason: string; readonly seconds: number }
  | { readonly kind: "unreadable" }
  | {
      readonly kind: "reviewed";
      readonly callers: number;
      readonly written: readonly CallerJournalEntry[];
      readonly findings: readonly Finding[];
      /** Why some of it is looked at again. */
      readonly again: string | undefined;
    };

/** Longer than the function lives, so that no two reviews write at once. */
const LEASE_MS = 6 * 60_000;
const BUSY_SECONDS = 120;
const AGAIN_SECONDS = 180;
/** What is not settled after so many tries is left to the next sweep. */
const MOST_ATTEMPTS = 10;

export async function reconcileCallers(
  job: CallersJob,
  ports: CallersPorts,
  settings: CallersSettings,
): Promise<CallersOutcome> {
  if (settings.mode === "off") return { kind: "skipped", reason: "callers are not looked after" };
  const now = ports.clock.now();
  const id = `${job.causes[0].id} ${now}`;
  const begun = await ports.reviewLog.begin(id, now, new Date(Date.parse(now) + LEASE_MS).toISOString());
  if (begun === "busy") return putOff(job, "another review of the callers runs", BUSY_SECONDS, ports);
  try {
    return await review(job, ports, settings);
  } finally {
    await ports.reviewLog.end(id);
  }
}

async function putOff(
  job: CallersJob,
  reason: string,
  seconds: number,
  { callersQueue }: Pick<CallersPorts, "callersQueue">,
): Promise<CallersOutcome> {
  await callersQueue.review(job, seconds);
  return { kind: "put-off", reason, seconds };
}

async function review(job: CallersJob, ports: CallersPorts, settings: CallersSettings): Promise<CallersOutcome> {
  const gathered = await gatherForCallers(job.scope, ports, settings);
  for (const [key, reason] of gathered.skipped) ports.log.info("callers are not judged for a key", { key, reason });
  const writes = settings.mode === "enforce";
  // Nothing to judge, and nothing that the guard may have given: IAM need not be read.
  if (gathered.keys.size === 0 && !writes) return conclude(job, gathered, [], [], 0, undefined, ports, settings);

  const reading = await ports.known.read(job.iamSince);
  if (reading.kind === "too-soon") {
    const seconds = Math.max(1, Math.ceil((Date.parse(reading.until) - Date.parse(ports.clock.now())) / 1_000));
    return putOff(job, "IAM was read a moment ago", seconds, ports);
  }
  if (reading.kind === "denied") {
    await tellFindingsOfCallers(
      job,
      [unreadableAccount(reading.message)],
      false,
      placeOf(gathered, ports, settings),
      ports,
    );
    return { kind: "unreadable" };
  }
  const { account } = reading;
  const { modeTag, optIn, guardRoles } = settings;
  const judged = { kind: "these", among: gathered.among } as const;
  const plan = { modeTag, optIn, guardRoles, judged };
  const { callers } = reviewCallers(account, gathered.agents, gathered.keys, plan);
  if (!writes) {
    const why = `callers' mode is ${settings.mode}: deploy with \`callers: { mode: "enforce" }\` (stacks/settings.ts), or do it yourself`;
    const findings = callers.flatMap((one) => toldOnly(factsOf(one, account, gathered), gathered, why));
    return conclude(job, gathered, findings, [], callers.length, undefined, ports, settings);
  }
  const { findings, written, again } = await enforce(job, callers, account, gathered, ports, settings);
  const reasons = again.length > 0 ? again.join("; ") : undefined;
  return conclude(job, gathered, findings, written, callers.length, reasons, ports, settings);
}

function placeOf({ agents }: Gathered, { clock }: CallersPorts, { account, region }: CallersSettings) {
  return { account, region, agents: agents.map(({ agent }) => agent), at: clock.now() };
}

async function conclude(
  job: CallersJob,
  gathered: Gathered,
  findings: readonly Finding[],
  written: readonly CallerJournalEntry[],
  callers: number,
  again: string | undefined,
  ports: CallersPorts,
  settings: CallersSettings,
): Promise<CallersOutcome> {
  const place = placeOf(gathered, ports, settings);
  const distinct = [...new Map(written.map((entry) => [`${entry.caller} ${entry.id}`, entry])).values()];
  await tellWritten(distinct, place, ports);
  const isComplete = job.scope.kind === "everything" && gathered.skipped.size === 0 && again === undefined;
  await tellFindingsOfCallers(job, findings, isComplete, place, ports);
  if (again !== undefined && job.attempt < MOST_ATTEMPTS) {
    const iamSince = ports.clock.now();
    await ports.callersQueue.review({ ...job, iamSince, attempt: job.attempt + 1 }, AGAIN_SECONDS);
  } else if (again !== undefined) {
    ports.log.warn("callers are left to the next sweep", { again });
  }
  return { kind: "reviewed", callers, written: distinct, findings, again };
}
