/**
 * The callers of the account's agents, start to end: gather, read IAM, judge, plan, then give, take away or tell. Reads live
 * state, never trusts the event that caused it, and may be run any number of times: when everything is as it should be, it
 * does nothing.
 */
import type { AccountId } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import { plain } from "../finding/render.ts";
import type { ActSettings } from "./act.ts";
import { type Enforced, type EnforcePorts, enforce, SPENT } from "./enforce.ts";
import { unreadableAccount } from "./findings-of-policy.ts";
import { gatherForCallers } from "./gather.ts";
import type { CallersJob } from "./job.ts";
import type { CallerJournalEntry } from "./journal.ts";
import type { KnownAccount } from "./known-account.ts";
import type { PlanSettings } from "./plan.ts";
import type { CallersQueue, ReviewLog } from "./ports.ts";
import type { Reason } from "./remedies.ts";
import { confirmRemovals, type RemovalPorts } from "./removals.ts";
import { reviewCallers } from "./review.ts";
import { type Scene, tellFindingsOfCallers, tellWritten } from "./tell.ts";
import { factsOf, toldOnly } from "./told-only.ts";
import { unfinished } from "./unfinished.ts";

export interface CallersPorts extends EnforcePorts, RemovalPorts {
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
/** The longest that SQS delays a message. */
const NEXT_HOUR_SECONDS = 900;
/** What does not get on in so many tries is left to the next sweep. */
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
  for (const [key, reason] of gathered.skipped)
    ports.log.info("callers are not judged for a key", { key, reason: plain(reason) });
  const writes = settings.mode === "enforce";
  const agents = gathered.agents.map(({ agent }) => agent);
  const scene: Scene = { agents, at: ports.clock.now() };
  // Nothing to judge, and nothing that the guard may have given: IAM need not be read.
  if (gathered.keys.size === 0 && !writes) return conclude(job, scene, 0, NOTHING_DONE, ports);

  const former = writes ? await unfinished(ports) : undefined;
  // Before anything is written again: of a caller with two such writes, only the newer would be found.
  await tellWritten(former?.untold ?? [], scene, ports);
  const toldNow = (former?.untold ?? []).map((entry) => ({ ...entry, state: "told" }) as const);

  const reading = await ports.known.read(job.iamSince);
  if (reading.kind === "too-soon") {
    const seconds = Math.max(1, Math.ceil((Date.parse(reading.until) - Date.parse(ports.clock.now())) / 1_000));
    return putOff(job, "IAM was read a moment ago", seconds, ports);
  }
  if (reading.kind === "denied") {
    const seen = { isComplete: false, wrote: false, settled: [] };
    await tellFindingsOfCallers(job, [unreadableAccount(reading.message)], seen, scene, ports);
    return { kind: "unreadable" };
  }
  const { account } = reading;
  const { modeTag, optIn, guardRoles, mode } = settings;
  const plan = { modeTag, optIn, guardRoles };
  const judged = { kind: "these", among: gathered.among } as const;
  const reviewed = reviewCallers(account, gathered.agents, gathered.keys, { ...plan, judged });
  const { callers, again } = await confirmRemovals(reviewed.callers, account, gathered, ports, plan);
  const done = writes
    ? await enforce(job, callers, account, gathered, ports, settings)
    : {
        ...NOTHING_DONE,
        findings: callers.flatMap((one) => toldOnly(factsOf(one, account, gathered), gathered, proposing(mode))),
      };
  if (done.written.length > 0 || done.failures.length > 0) ports.known.forget();
  const all: Done = {
    ...done,
    written: [...toldNow, ...done.written],
    again: new Set([...(again === undefined ? [] : [again]), ...done.again]),
    settled: [...(former?.settled ?? []), ...done.noted].filter(
      (caller) => ![...done.open].some((one) => one === caller),
    ),
  };
  return conclude(job, scene, callers.length, all, ports);
}

interface Done extends Enforced {
  /** Callers that were noted, now or before: what became of the write to them is known. */
  readonly settled: readonly string[];
}

const NOTHING_DONE: Done = {
  written: [],
  findings: [],
  again: new Set(),
  noted: [],
  open: new Set(),
  failures: [],
  settled: [],
};

function proposing(mode: CallersSettings["mode"]): Reason {
  const why = `the callers' mode is ${mode}: deploy with \`callers: { mode: "enforce" }\` (stacks/settings.ts), or do it yourself`;
  return { why };
}

async function conclude(
  job: CallersJob,
  scene: Scene,
  callers: number,
  { written, findings, again, failures, settled }: Done,
  ports: CallersPorts,
): Promise<CallersOutcome> {
  const distinct = [...new Map(written.map((entry) => [`${entry.caller} ${entry.id}`, entry])).values()];
  await tellWritten(
    distinct.filter(({ state }) => state !== "told"),
    scene,
    ports,
  );
  const isComplete = job.scope.kind === "everything" && again.size === 0 && failures.length === 0;
  await tellFindingsOfCallers(job, findings, { isComplete, wrote: distinct.length > 0, settled }, scene, ports);
  // The queue brings the whole job again.
  for (const failure of failures) throw failure;
  const reasons = again.size > 0 ? [...again].join("; ") : undefined;
  if (reasons !== undefined) await lookAgain(job, again, distinct.length > 0, ports);
  return { kind: "reviewed", callers, written: distinct, findings, again: reasons };
}

async function lookAgain(
  job: CallersJob,
  why: ReadonlySet<string>,
  gotOn: boolean,
  { callersQueue, clock, log }: CallersPorts,
): Promise<void> {
  const attempt = gotOn ? 0 : job.attempt + 1;
  if (attempt > MOST_ATTEMPTS) return log.warn("callers are left to the next sweep", { again: [...why] });
  const seconds = [...why].every((one) => one === SPENT) ? NEXT_HOUR_SECONDS : AGAIN_SECONDS;
  await callersQueue.review({ ...job, iamSince: clock.now(), attempt }, seconds);
}
