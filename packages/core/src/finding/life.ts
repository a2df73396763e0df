/**
 * What becomes of findings with each look: they open, worsen, and are resolved. Pure: records and what was seen in, the
 * records to be written out. Seeing the same again changes nothing, in whatever order it comes.
 */
import type { AgentId } from "../arn.ts";
import type { Cause } from "../key/job.ts";
import { type Finding, isWorse } from "./finding.ts";
import { type Causes, type FindingRecord, happeningOf, type News, refOf, type Subject, type Told } from "./record.ts";

export interface Observation {
  readonly subject: Subject;
  /** ISO 8601. */
  readonly at: string;
  readonly causes: Causes;
  readonly findings: readonly Finding[];
  /** Agents' names, for those who read of the findings. */
  readonly names: ReadonlyMap<AgentId, string>;
  /** Whether the look saw everything: what it does not see any more is then over. */
  readonly isComplete: boolean;
  /** Who mended what is over: the guard where it wrote in this look. */
  readonly mendedBy: "guard" | "others";
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Over for less than this, and back: the same spell, which people know of. */
const SPELL_MS = DAY_MS;
/** A repair that happens again within this time is the same one again. */
export const REMEMBERED_MS = 30 * DAY_MS;
/** While nothing else changes, the time at which it was last seen is written this often. */
const SEEN_EVERY_MS = HOUR_MS;

/** @returns the records to be written; those that nothing became of are not among them */
export function observe(known: readonly FindingRecord[], seen: Observation): readonly FindingRecord[] {
  const found = new Map(seen.findings.map((finding) => [finding.id, finding]));
  const before = new Map(known.map((record) => [record.id, record]));
  const met = [...found.values()].map((finding) => see(before.get(finding.id), finding, seen));
  const over = known.filter(
    ({ id, state, kind }) => seen.isComplete && state === "open" && happeningOf(kind) === undefined && !found.has(id),
  );
  return [...met.filter((record) => record !== before.get(record.id)), ...over.map((record) => resolve(record, seen))];
}

function see(former: FindingRecord | undefined, finding: Finding, seen: Observation): FindingRecord {
  if (!former) return begin(undefined, finding, seen, "opened");
  if (former.state === "resolved") {
    const isBack = age(former.resolved?.at ?? former.lastSeenAt, seen.at) < SPELL_MS;
    return begin(former, finding, seen, isBack ? "reopened" : "opened");
  }
  const isNews = growsFrom(former, finding);
  // A look at a part of it has not seen the rest, and must not make it smaller.
  const isWhole = seen.isComplete || former.about.every((part) => finding.about.includes(part));
  const isOther = isWhole && contentOf(finding) !== contentOf(former);
  const isMore = finding.agents.some((id) => !former.agents.includes(id));
  if (!isNews && !isOther && !isMore && age(former.lastSeenAt, seen.at) < SEEN_EVERY_MS) return former;
  const agents = isWhole ? finding.agents : [...new Set([...former.agents, ...finding.agents])];
  const record: FindingRecord = {
    ...former,
    ...(isNews || isOther ? finding : {}),
    // What it was about once is no news again in this spell.
    about: union(former.about, finding.about),
    agents,
    names: namesOf(former, { agents }, seen),
    lastSeenAt: later(former.lastSeenAt, seen.at),
    worst: isWorse(finding.severity, former.worst) ? finding.severity : former.worst,
  };
  return isNews ? withNews(record, "worsened", seen) : record;
}

function begin(
  former: FindingRecord | undefined,
  finding: Finding,
  seen: Pick<Observation, "subject" | "at" | "causes" | "names">,
  change: "opened" | "reopened",
): FindingRecord {
  const spell = change === "reopened" ? former : undefined;
  const record: FindingRecord = {
    ...finding,
    ...startOf(former, finding, seen),
    about: union(spell?.about ?? [], finding.about),
    state: "open",
    resolved: undefined,
    worst: spell && isWorse(spell.worst, finding.severity) ? spell.worst : finding.severity,
    told: spell?.told ?? NOTHING_TOLD,
  };
  const begun = withNews(record, change, seen);
  return spell && growsFrom(spell, finding) ? withNews(begun, "worsened", seen) : begun;
}

/** Whether it is more than it ever was in this spell. */
function growsFrom(former: FindingRecord, finding: Finding): boolean {
  return finding.about.some((part) => !former.about.includes(part)) || isWorse(finding.severity, former.worst);
}

function startOf(
  former: FindingRecord | undefined,
  finding: Finding,
  seen: Pick<Observation, "subject" | "at" | "causes" | "names">,
) {
  return {
    subject: seen.subject,
    ref: refOf(finding.id),
    openedAt: seen.at,
    lastSeenAt: seen.at,
    worsenedAt: undefined,
    causes: seen.causes,
    names: namesOf(former, finding, seen),
    begun: [...(former?.begun ?? []), seen.at].slice(-MOST_KEPT),
    actors: former?.actors ?? [],
    occurrences: former?.occurrences ?? [],
    sequence: former?.sequence ?? 0,
    // Programs are told of each, and people of what they do not know.
    news: former?.news ?? [],
    emitted: former?.emitted ?? 0,
    revision: former?.revision ?? 0,
  };
}

/** Of lists that would grow for as long as it goes on. */
const MOST_KEPT = 60;

const NOTHING_TOLD: Told = { at: [], beginning: false, recurring: false, thread: undefined };

function resolve(record: FindingRecord, { at, mendedBy, causes }: Observation): FindingRecord {
  return withNews({ ...record, state: "resolved", resolved: { at, by: mendedBy } }, "resolved", { at, causes });
}

/** Something that happened: a write, or what was noticed of one. */
export interface Happening {
  readonly finding: Finding;
  /** Names this one occurrence: seen again, it is not another one. */
  readonly occurrence: string;
  /** Who is to blame where it happens again: who undid it. */
  readonly actor: string | undefined;
}

/** @returns `former` itself where this occurrence is known */
export function happen(
  former: FindingRecord | undefined,
  { finding, occurrence, actor }: Happening,
  seen: Pick<Observation, "subject" | "at" | "causes" | "names">,
): FindingRecord {
  if (former?.occurrences.includes(occurrence)) return former;
  const isRemembered = former !== undefined && age(former.begun.at(-1) ?? former.openedAt, seen.at) < REMEMBERED_MS;
  const base = isRemembered ? former : undefined;
  const actors = actor === undefined ? (base?.actors ?? []) : withActor(base?.actors ?? [], actor, seen.at);
  const isOver = happeningOf(finding.kind) === "over";
  const told = base?.told ?? NOTHING_TOLD;
  const isRecurring = !told.recurring && base !== undefined && keepsOn({ actors }) !== undefined;
  const start = startOf(former, finding, seen);
  const record: FindingRecord = {
    ...finding,
    ...start,
    about: union(base?.about ?? [], finding.about),
    begun: isRemembered ? start.begun : [seen.at],
    state: isOver ? "resolved" : "open",
    resolved: isOver ? { at: seen.at, by: "guard" } : undefined,
    worst: base && isWorse(base.worst, finding.severity) ? base.worst : finding.severity,
    actors,
    occurrences: [...(former?.occurrences ?? []), occurrence].slice(-MOST_KEPT),
    told,
  };
  const isKnown = base !== undefined && !growsFrom(base, finding);
  return withNews(record, isRecurring ? "recurring" : "happened", { ...seen, again: isKnown && !isRecurring });
}

function withActor(actors: FindingRecord["actors"], actor: string, at: string): FindingRecord["actors"] {
  const former = actors.find((one) => one.actor === actor);
  const others = actors.filter((one) => one.actor !== actor).slice(-MOST_ACTORS);
  return [...others, { actor, at: [...(former?.at ?? []), at].slice(-MOST_KEPT) }];
}

const MOST_ACTORS = 9;
const TIMES = 3;
const WEEKS_MS = 14 * DAY_MS;

/** Who brings it about again and again: three times, over two weeks at least. */
export function keepsOn({ actors }: Pick<FindingRecord, "actors">): FindingRecord["actors"][number] | undefined {
  return actors.find(({ at }) => at.length >= TIMES && age(at[0] ?? "", at.at(-1) ?? "") >= WEEKS_MS);
}

function withNews(
  record: FindingRecord,
  change: News["change"],
  { at, causes, again = false }: { readonly at: string; readonly causes: Causes; readonly again?: boolean },
): FindingRecord {
  const sequence = record.sequence + 1;
  const news: News = { sequence, change, at, causes, severity: record.severity, again };
  const worsenedAt = change === "worsened" ? at : record.worsenedAt;
  return { ...record, causes, sequence, worsenedAt, news: [...record.news, news].slice(-MOST_KEPT) };
}

function namesOf(
  former: FindingRecord | undefined,
  { agents }: Pick<Finding, "agents">,
  { names }: Pick<Observation, "names">,
): FindingRecord["names"] {
  const known = new Map((former?.names ?? []).map(({ id, name }) => [id, name]));
  return agents.flatMap((id) => {
    const name = names.get(id) ?? known.get(id);
    return name === undefined ? [] : [{ id, name }];
  });
}

/** What people would read, without what tells how bad it is. */
function contentOf({ severity, title, detail, agents, evidence, diff, remedy }: Finding): string {
  return JSON.stringify([severity, title, detail, agents, evidence, diff, remedy]);
}

function union<T>(one: readonly T[], other: readonly T[]): readonly T[] {
  return [...new Set([...one, ...other])].sort();
}

function age(at: string, now: string): number {
  return Date.parse(now) - Date.parse(at);
}

function later(one: string, other: string): string {
  return one > other ? one : other;
}

/** Whose doing it was, as far as CloudTrail tells: the last call among the causes. */
export function actorOf(causes: readonly Cause[]): Extract<Cause, { kind: "event" }>["actor"] | undefined {
  return causes.flatMap((cause) => (cause.kind === "event" ? [cause.actor] : [])).at(-1);
}
