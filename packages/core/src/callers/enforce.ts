/** Gives each caller what it lacks, and takes from it what the guard gave and nobody needs. */
import { type CallerArn, callerArn } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import type { Agents } from "../ports.ts";
import type { IamAccount } from "./account.ts";
import { type Acted, type ActPorts, type ActSettings, act, type Change, diffOf } from "./act.ts";
import { arnOf, type CallerFacts, contested, findingsOfCaller, tooMuch, writeRefused } from "./findings.ts";
import { type Gathered, type GatherPorts, idOf } from "./gather.ts";
import { notGone } from "./gone.ts";
import type { CallersJob } from "./job.ts";
import type { CallerJournalEntry } from "./journal.ts";
import { OWN_POLICY } from "./own-policy.ts";
import type { Need } from "./plan.ts";
import type { CallerReview } from "./review.ts";
import { settleFormerChange } from "./settle.ts";
import { notedWriting, noteWriting, type TellCallersPorts } from "./tell.ts";
import { FULL, factsOf, toldOnly, withRestraint } from "./told-only.ts";

export interface EnforcePorts extends ActPorts, GatherPorts, TellCallersPorts {
  readonly agents: Agents;
}

export interface Enforced {
  /** Also those of a review before this one that nobody was told of. */
  readonly written: readonly CallerJournalEntry[];
  readonly findings: readonly Finding[];
  /** Why some of it has to be looked at again; empty where nothing has. */
  readonly again: readonly string[];
}

/** One review writes to no more callers than this; the others come in the next. */
const MOST_WRITES = 40;

export async function enforce(
  job: CallersJob,
  callers: readonly CallerReview[],
  account: IamAccount,
  gathered: Gathered,
  ports: EnforcePorts,
  settings: ActSettings,
): Promise<Enforced> {
  const written: CallerJournalEntry[] = [...(await unfinished(ports))];
  const findings: Finding[] = [];
  const again = new Set<string>();
  const kept = await keptAccess(callers, gathered, ports);
  if (kept.size > 0) again.add("an agent that seemed to be gone is there, or can't be read");
  const changes = callers.filter(({ plan }) => isChange(plan)).slice(0, MOST_WRITES);
  if (changes.length > 0)
    await noteWriting(
      changes.map(({ identity }) => arnOf(identity)),
      ports.clock.now(),
      ports,
    );

  for (const one of callers) {
    const facts = factsOf(one, account, gathered);
    const { plan, identity } = one;
    if (!isChange(plan)) {
      findings.push(...toldOnly(facts, gathered, UNCERTAIN));
      continue;
    }
    if (!changes.includes(one)) again.add(`more than ${MOST_WRITES} callers are to be written to`);
    if (!changes.includes(one) || plan.removes.some((need) => kept.has(nameOf(need)))) continue;
    const acted = await actOn(job, plan, facts, ports, settings);
    if (acted.untold) written.push(acted.untold);
    switch (acted.act.kind) {
      case "written":
        written.push(acted.act.entry);
        findings.push(...afterwards(facts, plan, gathered));
        break;
      case "held":
        findings.push(...toldOnly(facts, gathered, acted.act.why));
        break;
      case "contested":
        findings.push(contested(identity, acted.act.hold, ports.commands.resume(arnOf(identity)), policyText(plan)));
        break;
      case "refused":
        findings.push(writeRefused(identity, acted.act));
        break;
      case "again":
        again.add(acted.act.why);
        break;
      default:
        acted.act satisfies never;
    }
  }
  return { written, findings, again: [...again] };
}

const UNCERTAIN = "it is not certain that it may invoke the agent";

function isChange(plan: CallerReview["plan"]): plan is Change {
  return plan.kind === "put" || plan.kind === "remove";
}

function policyText(plan: Change): readonly string[] {
  return plan.kind === "put" ? [JSON.stringify(plan.document, null, 2)] : [];
}

function nameOf({ key, agent }: Need): string {
  return `${key} ${agent}`;
}

/** Access of agents that were not among those judged, and are there nevertheless. */
async function keptAccess(
  callers: readonly CallerReview[],
  gathered: Gathered,
  ports: EnforcePorts,
): Promise<ReadonlySet<string>> {
  const known = new Set(gathered.agents.map(({ agent }) => agent.arn));
  const removes = callers.flatMap(({ plan }) => (isChange(plan) ? plan.removes : []));
  const missing = new Map(removes.filter(({ agent }) => !known.has(agent)).map((need) => [nameOf(need), need]));
  return new Set((await notGone([...missing.values()], ports)).map(nameOf));
}

function actOn(
  job: CallersJob,
  change: Change,
  { review, names }: CallerFacts,
  ports: EnforcePorts,
  settings: ActSettings,
): Promise<Acted> {
  const name = ({ agent, key }: Need) => `agent "${names.get(agent) ?? ""}" (${idOf(agent)}) on ${key}`;
  const own = review.identity.inline.find((one) => one.name === OWN_POLICY)?.policy;
  const planned = own?.kind === "read" ? JSON.stringify(own.document.raw) : undefined;
  const why = { planned, diff: diffOf(change, name), causes: job.causes };
  return act(review.identity, change, why, ports, settings);
}

/** What a written policy leaves: what stands in the way otherwise, and what did not fit. */
function afterwards(facts: CallerFacts, change: Change, gathered: Gathered): readonly Finding[] {
  const given = new Set((change.kind === "put" ? change.adds : []).map(nameOf));
  const { review } = facts;
  const left = review.judgements.filter((one) => one.verdict.kind !== "lacks" || !given.has(nameOf(one)));
  const others = { ...facts, review: { ...review, judgements: left } };
  return [
    ...findingsOfCaller(others, withRestraint(others, gathered, UNCERTAIN)),
    ...(change.leftOut.length > 0 ? [tooMuch(facts, change.leftOut, FULL)] : []),
  ];
}

/** Writes of a review that broke off before it could tell. */
async function unfinished(ports: EnforcePorts): Promise<readonly CallerJournalEntry[]> {
  const entries: CallerJournalEntry[] = [];
  for (const text of await notedWriting(ports)) {
    const caller: CallerArn | undefined = callerArn(text);
    const latest = caller && (await ports.callerJournal.latest(caller));
    if (!caller || !latest) continue;
    const live = latest.state === "opened" ? await ports.identities.read(caller) : undefined;
    if (live?.kind === "denied")
      throw new Error(`\`${caller}\` can't be read, and was being written to: ${live.message}`);
    const { untold } = await settleFormerChange(latest, live?.kind === "found" ? live.ownPolicy : undefined, ports);
    if (untold) entries.push(untold);
  }
  return entries;
}
