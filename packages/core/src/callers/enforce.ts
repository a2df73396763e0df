/** Gives each caller what it lacks, and takes from it what the guard gave and nobody needs. */
import type { CallerArn } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import { digest } from "../finding/finding.ts";
import type { IamAccount } from "./account.ts";
import { type Act, type Acted, type ActPorts, type ActSettings, act, type Change, diffOf } from "./act.ts";
import { arnOf } from "./caller-arn.ts";
import type { CallerFacts } from "./findings.ts";
import { contested, writeRefused } from "./findings-of-policy.ts";
import type { Gathered } from "./gather.ts";
import type { CallersJob } from "./job.ts";
import type { CallerJournalEntry } from "./journal.ts";
import { idOf } from "./need.ts";
import { OWN_POLICY } from "./own-policy.ts";
import type { Need } from "./plan.ts";
import type { CallerReview } from "./review.ts";
import { noteWriting, type TellCallersPorts } from "./tell.ts";
import { factsOf, toldBeside, toldOnly } from "./told-only.ts";

export interface EnforcePorts extends ActPorts, TellCallersPorts {}

export interface Enforced {
  /** With those of before that turned out not to have been told. */
  readonly written: readonly CallerJournalEntry[];
  readonly findings: readonly Finding[];
  /** Why some of it has to be looked at again; empty where nothing has. */
  readonly again: ReadonlySet<string>;
  /** Callers that were noted before the writes. */
  readonly noted: readonly CallerArn[];
  /** Those of them where something was thrown: whether they were written to is not known. */
  readonly open: ReadonlySet<CallerArn>;
  /** What was thrown; empty where nothing was. */
  readonly failures: readonly unknown[];
}

/** One review writes to no more callers than this; the others come in the next. */
const MOST_WRITES = 40;
/** One odd caller does not keep the others waiting; so many are an outage. */
const MOST_FAILURES = 3;

/** The budget of the hour. */
export const SPENT = "the guard has written to callers as often as it may within the hour";

export async function enforce(
  job: CallersJob,
  callers: readonly CallerReview[],
  account: IamAccount,
  gathered: Gathered,
  ports: EnforcePorts,
  settings: ActSettings,
): Promise<Enforced> {
  const written: CallerJournalEntry[] = [];
  const findings: Finding[] = [];
  const again = new Set<string>();
  const failures: unknown[] = [];
  const changes = inTurn(job, callers).slice(0, MOST_WRITES);
  const open = new Set<CallerArn>();
  const noted = changes.map(({ identity }) => arnOf(identity));
  await noteWriting(noted, ports.clock.now(), ports);

  for (const one of callers) {
    const facts = factsOf(one, account, gathered);
    if (!isChange(one.plan)) {
      findings.push(
        ...(one.plan.kind === "withheld" ? toldOnly(facts, gathered, { why: "" }) : toldBeside(facts, gathered)),
      );
    } else if (!changes.includes(one)) {
      again.add(`more than ${MOST_WRITES} callers are to be written to`);
    } else if (failures.length < MOST_FAILURES) {
      try {
        const acted = await actOn(job, one.plan, facts, ports, settings);
        if (acted.untold) written.push(acted.untold);
        if (acted.act.kind === "written") written.push(acted.act.entry);
        if (acted.act.kind === "again") again.add(acted.act.why);
        if (acted.act.kind === "spent") again.add(SPENT);
        findings.push(...told(acted.act, facts, one.plan, gathered, ports));
      } catch (error) {
        failures.push(error);
        open.add(arnOf(one.identity));
      }
    }
  }
  return { written, findings, again, noted, open, failures };
}

/** Another order each time: callers that can't be written to must not keep the others waiting. */
function inTurn(job: CallersJob, callers: readonly CallerReview[]): readonly CallerReview[] {
  const turn = `${job.causes.map(({ id }) => id).join(" ")} ${job.attempt} ${job.iamSince ?? ""}`;
  return callers
    .filter(({ plan }) => isChange(plan))
    .map((one) => ({ one, at: digest(turn, one.identity.arn) }))
    .sort((a, b) => (a.at < b.at ? -1 : 1))
    .map(({ one }) => one);
}

function told(
  done: Act,
  facts: CallerFacts,
  change: Change,
  gathered: Gathered,
  { commands }: EnforcePorts,
): readonly Finding[] {
  const { identity } = facts.review;
  const needs = [...(change.kind === "put" ? change.adds : []), ...change.removes];
  switch (done.kind) {
    case "written":
      return toldBeside(facts, gathered);
    case "held":
    case "spent":
      return toldOnly(facts, gathered, done.reason);
    case "contested": {
      const document = change.kind === "put" ? change.document : undefined;
      return [contested(identity, needs, done.hold, commands.resume(arnOf(identity)), document)];
    }
    case "refused":
      return [writeRefused(identity, needs, done)];
    case "again":
      return [];
    default:
      return done satisfies never;
  }
}

function isChange(plan: CallerReview["plan"]): plan is Change {
  return plan.kind === "put" || plan.kind === "remove";
}

function actOn(
  job: CallersJob,
  change: Change,
  { review, names }: CallerFacts,
  ports: EnforcePorts,
  settings: ActSettings,
): Promise<Acted> {
  const name = ({ agent, key }: Need) => {
    const known = names.get(agent);
    return known === undefined ? `agent ${idOf(agent)} on ${key}` : `agent "${known}" (${idOf(agent)}) on ${key}`;
  };
  const own = review.identity.inline.find((one) => one.name === OWN_POLICY)?.policy;
  const planned = own?.kind === "read" ? JSON.stringify(own.document.raw) : undefined;
  const why = { planned, diff: diffOf(change, name), causes: job.causes };
  return act(review.identity, change, why, ports, settings);
}
