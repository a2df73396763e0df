/** What is told once a day: critical problems that still stand, and whatever else there is. */
import type { KeyArn } from "../arn.ts";
import { digest, type Severity } from "../finding/finding.ts";
import { type FindingRecord, happeningOf } from "../finding/record.ts";
import { plain } from "../finding/render.ts";
import type { OperatorCommands } from "../ports.ts";
import type { Alert } from "./alert.ts";
import { type Aliases, findingOf, type Place, shortKey, unique, worstFirst } from "./compose.ts";

const DAY_MS = 24 * 3_600_000;
/** What was told within so many hours is not repeated yet. */
const FRESH_MS = 20 * 3_600_000;
const MOST_LINES = 60;
/** What happened and stays open until somebody looks at it is over by itself after this. */
const ACKNOWLEDGED_AFTER_MS = 7 * DAY_MS;
/** UTC. On this day of the week all that is open is listed, whether or not anything is new. */
const WEEKLY = 1;

/** Whether it only happened, and was told often enough. */
export function isSettledByTime({ state, kind, openedAt }: FindingRecord, now: string): boolean {
  const isOpen = state === "open" && happeningOf(kind) === "until-acknowledged";
  return isOpen && Date.parse(now) - Date.parse(openedAt) >= ACKNOWLEDGED_AFTER_MS;
}

/** The critical problems that stand, to be told again; undefined where there are none. */
export function reminderOf(
  records: readonly FindingRecord[],
  silenced: ReadonlySet<string>,
  now: string,
  place: Place,
  aliases: Aliases,
  commands: Pick<OperatorCommands, "silence" | "findings">,
): Alert | undefined {
  const standing = records.filter(
    ({ state, severity, ref, told }) =>
      state === "open" && severity === "critical" && !silenced.has(ref) && isOld(told.at.at(-1), now),
  );
  if (standing.length === 0) return undefined;
  const [first] = standing;
  return {
    ...frame(standing, now, place, aliases, "critical"),
    id: `reminder-${digest(now.slice(0, 10), ...standing.map(({ ref }) => ref))}`,
    kind: "reminder",
    subject:
      standing.length === 1 ? `still so: ${shortTitle(first)}` : `${standing.length} critical findings still stand`,
    headline:
      standing.length === 1
        ? `${plain(first?.title ?? "")}; so since ${minuteOf(first?.openedAt)}.`
        : `${standing.length} critical findings still stand.`,
    sections: [{ title: "Still critical", lines: standing.slice(0, MOST_LINES).map((one) => lineOf(one)) }],
    nextSteps: [
      ...(standing.length === 1 ? (first?.remedy ?? []) : []),
      "All that is open, with what to do about each:",
      commands.findings(),
    ],
    wayBack: ["To hear no more of it for a while:", commands.silence(standing.map(({ ref }) => ref))],
    thread: standing.length === 1 ? (first?.told.thread ?? first?.ref ?? "") : "reminders",
  };
}

/** What happened since the last digest; undefined where nobody need read one. */
export function digestOf(
  records: readonly FindingRecord[],
  silenced: ReadonlySet<string>,
  { now, since, doubtful }: { readonly now: string; readonly since: string; readonly doubtful: readonly string[] },
  place: Place,
  aliases: Aliases,
  commands: Pick<OperatorCommands, "silence" | "findings">,
): Alert | undefined {
  const loud = records.filter(({ ref }) => !silenced.has(ref));
  const recurring = loud.filter(
    ({ kind, begun }) => happeningOf(kind) === "over" && begun.length > 1 && isAfter(begun.at(-1), since),
  );
  // Each write is told: where not at once, here.
  const written = loud.filter(
    ({ kind, begun, told }) =>
      happeningOf(kind) === "over" &&
      begun.length === 1 &&
      isAfter(begun.at(-1), since) &&
      !wasTold(told.at, begun.at(-1)),
  );
  const began = loud.filter(
    ({ kind, openedAt, told }) =>
      happeningOf(kind) !== "over" && isAfter(openedAt, since) && !wasTold(told.at, openedAt),
  );
  const ended = loud.filter(
    ({ kind, resolved, told }) =>
      happeningOf(kind) === undefined && isAfter(resolved?.at, since) && !wasTold(told.at, resolved?.at),
  );
  const worse = loud.filter(
    (one) =>
      one.state === "open" &&
      !began.includes(one) &&
      isAfter(one.worsenedAt, since) &&
      !wasTold(one.told.at, one.worsenedAt),
  );
  const open = loud.filter(({ state }) => state === "open").sort(worstFirst);
  const muted = records.filter(({ state, ref }) => state === "open" && silenced.has(ref));
  const isWeekly = new Date(now).getUTCDay() === WEEKLY && open.length + muted.length > 0;
  const news = [...written, ...recurring, ...began, ...worse, ...ended];
  if (news.length + doubtful.length === 0 && !isWeekly) return undefined;
  const about = [...new Set([...news, ...open])];
  const sections = [
    section(
      "Written since the last digest",
      written.map((one) => happenedOf(one)),
    ),
    section("Repaired again", recurring.map(recurrence)),
    section(
      "Began since the last digest",
      began.map((one) => lineOf(one)),
    ),
    section(
      "Grown worse since the last digest",
      worse.map((one) => lineOf(one)),
    ),
    section("Over since the last digest", ended.map(endOf)),
    section(
      "Open",
      open.map((one) => lineOf(one)),
    ),
    section(
      "Silenced",
      muted.map((one) => lineOf(one)),
    ),
    section("Perhaps not delivered", doubtful.map(plain)),
  ].filter(({ lines }) => lines.length > 0);
  return {
    ...frame(about, now, place, aliases, "low"),
    id: `digest-${digest(now.slice(0, 10), place.account.id, place.region, ...about.map(({ ref, sequence }) => `${ref} ${sequence}`))}`,
    kind: "digest",
    subject: [
      `${open.length} open`,
      ...some(worse, "grown worse"),
      ...some(written, "written"),
      ...some(recurring, "repaired again"),
      ...some(ended, "over"),
    ].join(", "),
    headline: headlineOf(open.length, [
      ...some(began, "began"),
      ...some(worse, "grew worse"),
      ...some(ended, "ended"),
      ...some(written, written.length === 1 ? "write was made" : "writes were made"),
      ...some(recurring, recurring.length === 1 ? "repair happened again" : "repairs happened again"),
    ]),
    sections,
    nextSteps: ["All that is open, with what to do about each:", commands.findings()],
    wayBack: [],
    thread: "digests",
  };
}

function some({ length }: readonly unknown[], what: string): readonly string[] {
  return length === 0 ? [] : [`${length} ${what}`];
}

function headlineOf(open: number, news: readonly string[]): string {
  const stands = open === 1 ? "1 finding is open" : `${open} findings are open`;
  return news.length === 0 ? `${stands}.` : `${stands}; since the last digest ${news.join(", ")}.`;
}

function frame(
  records: readonly FindingRecord[],
  now: string,
  { account, region, modes }: Place,
  aliases: Aliases,
  severity: Severity,
) {
  const keys = unique(records.flatMap(({ key }) => key ?? []));
  const names = new Map(records.flatMap((one) => one.names.map(({ id, name }) => [id, name] as const)));
  return {
    v: 2,
    at: now,
    severity,
    mode: modes.keys,
    account,
    region,
    keys: keys.map((arn) => ({ arn, aliases: aliases.get(arn) ?? [] })),
    callers: unique(records.flatMap(({ caller }) => caller ?? [])),
    agents: unique(records.flatMap(({ agents }) => agents)).map((id) => ({ id, name: names.get(id) ?? id })),
    causes: [],
    findings: records.slice(0, MOST_LINES).map((record) => brief(record)),
    perhapsAgain: false,
  } as const;
}

function brief(record: FindingRecord) {
  return { ...findingOf(record, "stands"), evidence: [], diff: [], remedy: [], detail: "" };
}

function section(title: string, lines: readonly string[]) {
  const more = lines.length - MOST_LINES;
  return { title, lines: more > 0 ? [...lines.slice(0, MOST_LINES), `and ${more} more`] : lines };
}

function lineOf(record: FindingRecord): string {
  const { severity, openedAt, ref } = record;
  return `${severity}, since ${minuteOf(openedAt)}: ${shortTitle(record)}${whereOf(record)} [${ref}]`;
}

function endOf(record: FindingRecord): string {
  const by = record.resolved?.by === "guard" ? "by the guard" : "by others";
  return `${minuteOf(record.resolved?.at)}, ${by}: ${shortTitle(record)}${whereOf(record)} [${record.ref}]`;
}

function happenedOf(record: FindingRecord): string {
  return `${minuteOf(record.begun.at(-1))}: ${shortTitle(record)}${whereOf(record)} [${record.ref}]`;
}

function recurrence(record: FindingRecord): string {
  const last = minuteOf(record.begun.at(-1));
  const who = record.actors.map(({ actor, at }) => `${plain(actor)} (${at.length})`).join(", ");
  const undone = who === "" ? "" : `; undone by ${who}`;
  return `${record.begun.length} times within 30 days, last ${last}: ${shortTitle(record)}${whereOf(record)}${undone} [${record.ref}]`;
}

/** As people write it: nobody counts seconds in a digest. */
function minuteOf(at = ""): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}

function shortTitle(record: FindingRecord | undefined): string {
  return plain(record?.title.split(":")[0] ?? "");
}

function whereOf({ key, caller, names, agents }: FindingRecord): string {
  const of =
    agents.length === 0
      ? ""
      : ` of ${
          names
            .map(({ name }) => `"${plain(name)}"`)
            .slice(0, 3)
            .join(", ") || agents.slice(0, 3).join(", ")
        }${agents.length > 3 ? ` and ${agents.length - 3} more` : ""}`;
  if (caller) return `, ${plain(caller)}`;
  return key === undefined ? "" : `, key ${shortKey(key as KeyArn)}${of}`;
}

function isAfter(at: string | undefined, since: string): boolean {
  return at !== undefined && at > since;
}

function isOld(at: string | undefined, now: string): boolean {
  return at === undefined || Date.parse(now) - Date.parse(at) >= FRESH_MS;
}

/** Whether an alert went out about it since then. */
function wasTold(told: readonly string[], since: string | undefined): boolean {
  return since !== undefined && told.some((at) => at >= since);
}
