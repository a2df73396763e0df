/**
 * Tells people what became of findings. One at a time; each alert is stored before any channel gets it, and forgotten when all
 * have, so that a crash loses none. What a crash leaves doubtful, whether a channel had taken an alert, is told again where
 * it is grave and named in the digest where it is not.
 */
import { accountOf, type KeyArn } from "../arn.ts";
import type { Channel } from "../channel/channel.ts";
import type { Severity } from "../finding/finding.ts";
import { REMEMBERED_MS } from "../finding/life.ts";
import type { FindingRecord } from "../finding/record.ts";
import type { AlertQueue, Clock, FindingLog, Log, OperatorCommands } from "../ports.ts";
import type { Alert } from "./alert.ts";
import { type Aliases, composeAlert, type Place } from "./compose.ts";
import { deliverAll } from "./deliver.ts";
import { digestOf, isSettledByTime, reminderOf } from "./digest.ts";
import { asTold, emit, noted, settle, unheld } from "./notes.ts";
import { lately, waitFor } from "./pace.ts";
import type { AnnouncerMemory, AnnouncerState, Events, FindingEvent, Names, Outbox, Silences } from "./ports.ts";
import { actorIn, type Telling, tellingOf } from "./telling.ts";

export interface AnnouncePorts {
  readonly findings: FindingLog;
  readonly silences: Silences;
  readonly outbox: Outbox;
  readonly announcer: AnnouncerState;
  readonly channels: readonly Channel[];
  /** Absent where the deployment has no events of its own. */
  readonly events: Events | undefined;
  readonly names: Names;
  readonly alertQueue: AlertQueue;
  readonly commands: Pick<OperatorCommands, "silence" | "findings">;
  readonly clock: Clock;
  readonly log: Log;
}

export interface AnnounceSettings extends Omit<Place, "account"> {
  readonly account: Alert["account"]["id"];
  readonly atOnceFrom: Severity;
  /** Milliseconds that an actor's next alert waits, by how many there were; none: nothing is held back. */
  readonly waits: readonly number[];
}

export type AnnounceOutcome =
  | { readonly kind: "busy" }
  | {
      readonly kind: "announced";
      readonly alerts: readonly Alert[];
      readonly delivered: readonly { readonly channel: string; readonly alert: Alert }[];
      /** Channels that refused, or did not answer. */
      readonly failed: readonly { readonly channel: string; readonly error: unknown }[];
      readonly open: readonly FindingRecord[];
      /** What became of findings since the last time, whether or not people are told. */
      readonly changes: readonly FindingEvent[];
    };

/** Longer than the function lives, so that no two announce at once. */
const LEASE_MS = 3 * 60_000;
const BUSY_SECONDS = 30;
/** The longest that SQS delays a message. */
const LONGEST_DELAY_SECONDS = 900;

/** @param daily - whether the day's digest and reminders are due */
export async function announce(
  { daily }: { readonly daily: boolean },
  ports: AnnouncePorts,
  settings: AnnounceSettings,
): Promise<AnnounceOutcome> {
  const now = ports.clock.now();
  const id = `${now} ${ports.clock.random()}`;
  const begun = await ports.announcer.begin(id, now, new Date(Date.parse(now) + LEASE_MS).toISOString());
  if (begun.kind === "busy") {
    // The digest of the day must not be lost with it.
    await ports.alertQueue.wake(BUSY_SECONDS, daily);
    return begun;
  }
  try {
    return await tell(id, daily, begun.memory, ports, settings);
  } finally {
    await ports.announcer.end(id);
  }
}

async function tell(
  id: string,
  daily: boolean,
  former: AnnouncerMemory,
  ports: AnnouncePorts,
  settings: AnnounceSettings,
): Promise<AnnounceOutcome> {
  const { clock, findings, outbox, announcer, alertQueue } = ports;
  const waiting = await outbox.pending();
  // A crash broke the day's telling off: what of it is stored is not made again, the rest is made now.
  const ofTheDay = waiting.filter(({ alert }) => isDaily(alert) && alert.at > (former.digestAt ?? ""));
  // The message that asks for it may come twice.
  const isDue = !former.digestAt || Date.parse(clock.now()) - Date.parse(former.digestAt) > NEARLY_A_DAY_MS;
  const makesDay = isDue && (daily || ofTheDay.length > 0);
  // Stored, and perhaps not noted: what they tell of is no news any more.
  const { records, changes } = await emit(await noted(waiting, await findings.all(), ports), ports, settings);
  const now = clock.now();
  const silenced = new Set((await ports.silences.all()).filter(({ until }) => until > now).map(({ ref }) => ref));

  const due = dueOf(records, silenced, former, now, settings);
  const place = await placeOf(due.groups.length > 0 || makesDay, ports, settings);
  const aliases = await aliasesOf(
    [
      ...due.groups.flat().map(({ record }) => record),
      ...(makesDay ? records.filter(({ state }) => state === "open") : []),
    ],
    ports,
    settings,
  );
  const told = due.groups.map((group) => ({
    alert: composeAlert(group, now, place, aliases, ports.commands),
    tells: group.map(({ record, sequence }) => ({ id: record.id, sequence })),
  }));
  const paces = { ...due.paces };
  // The first one has all that is remembered: the one of the day before may have been lost.
  const since = former.digestAt
    ? new Date(Date.parse(former.digestAt) - NOTED_WITHIN_MS).toISOString()
    : new Date(Date.parse(now) - REMEMBERED_MS).toISOString();
  const day = { now, since, doubtful: former.doubtful };
  const days = makesDay ? dailyAlerts(asTold(records, told), silenced, day, place, aliases, ports) : [];
  const memory: AnnouncerMemory = makesDay ? { paces, digestAt: now, doubtful: [] } : { ...former, paces };
  const newDays = days.filter(({ kind }) => !ofTheDay.some(({ alert }) => alert.kind === kind));
  const fresh = [...told, ...newDays.map((alert) => ({ alert, tells: [] }))];
  const left = ports.channels.map(({ name }) => name);
  const dispatches = fresh.map((one) => ({ ...one, left, trying: undefined, failed: [] }));
  for (const dispatch of dispatches) await outbox.save(dispatch);
  if (JSON.stringify(memory) !== JSON.stringify(former)) await announcer.remember(id, memory);
  const current = await noted(dispatches, records, ports);
  const settled = await settle(current, unheld(records, due.held), now, makesDay, ports);
  if (due.seconds !== undefined) await alertQueue.wake(Math.min(Math.max(1, due.seconds), LONGEST_DELAY_SECONDS));

  let { doubtful } = memory;
  const doubt = async (line: string) => {
    doubtful = [...new Set([...doubtful, line])].slice(-MOST_DOUBTFUL);
    await announcer.remember(id, { ...memory, doubtful });
  };
  const done = await deliverAll([...waiting, ...dispatches], { ...ports, doubt });
  const open = settled.filter(({ state }) => state === "open");
  const alerts = dispatches.map(({ alert }) => alert);
  return { kind: "announced", alerts, delivered: done.delivered, failed: done.failed, open, changes };
}

const NEARLY_A_DAY_MS = 20 * 3_600_000;
/** A look notes later what it saw; the last digest did not have what was noted behind it. */
const NOTED_WITHIN_MS = 10 * 60_000;
const MOST_DOUBTFUL = 20;

function isDaily({ kind }: Alert): boolean {
  return kind === "digest" || kind === "reminder";
}

interface Due {
  /** By actor. */
  readonly groups: readonly (readonly [Telling, ...Telling[]])[];
  readonly paces: AnnouncerMemory["paces"];
  /** Findings that are told of later. */
  readonly held: ReadonlySet<string>;
  /** When the next of them is due. */
  readonly seconds: number | undefined;
}

function dueOf(
  records: readonly FindingRecord[],
  silenced: ReadonlySet<string>,
  { paces }: AnnouncerMemory,
  now: string,
  settings: AnnounceSettings,
): Due {
  const tellings = records.flatMap((record) => tellingOf(record, silenced, settings) ?? []);
  const groups: [Telling, ...Telling[]][] = [];
  const held = new Set<string>();
  const waits: number[] = [];
  const next = new Map(
    Object.entries(paces).flatMap(([actor, told]) => (lately(told, now).length > 0 ? [[actor, told] as const] : [])),
  );
  for (const [actor, group] of Map.groupBy(tellings, ({ news }) => actorIn(news))) {
    const told = next.get(actor) ?? [];
    const wait = waitFor(told, now, settings.waits);
    if (wait > 0) {
      waits.push(wait);
      for (const { record } of group) held.add(record.id);
      continue;
    }
    groups.push(group as [Telling, ...Telling[]]);
    next.set(actor, [...told, now].slice(-settings.waits.length - 1));
  }
  const seconds = waits.length > 0 ? Math.ceil(Math.min(...waits) / 1_000) : undefined;
  return { groups, paces: Object.fromEntries(next), held, seconds };
}

function dailyAlerts(
  records: readonly FindingRecord[],
  silenced: ReadonlySet<string>,
  days: Parameters<typeof digestOf>[2],
  place: Place,
  aliases: Aliases,
  { commands }: AnnouncePorts,
): readonly Alert[] {
  const current = records.filter((record) => !isSettledByTime(record, days.now));
  const reminder = reminderOf(current, silenced, days.now, place, aliases, commands);
  const digest = digestOf(current, silenced, days, place, aliases, commands);
  return [reminder, digest].filter((alert) => alert !== undefined);
}

async function placeOf(
  isNeeded: boolean,
  { names, log }: AnnouncePorts,
  { account, region, modes }: AnnounceSettings,
): Promise<Place> {
  const alias = isNeeded ? await orNothing(() => names.accountAlias(), log) : undefined;
  return { account: { id: account, alias }, region, modes };
}

/** Of so many keys the aliases are asked; more are not read in an alert. */
const MOST_ALIASES = 10;

async function aliasesOf(
  records: readonly FindingRecord[],
  { names, log }: AnnouncePorts,
  { account }: AnnounceSettings,
): Promise<Aliases> {
  const keys = new Set(records.flatMap(({ key }) => (key && accountOf(key) === account ? [key] : [])));
  const found = new Map<KeyArn, readonly string[]>();
  for (const key of [...keys].slice(0, MOST_ALIASES)) {
    found.set(key, (await orNothing(() => names.keyAliases(key), log)) ?? []);
  }
  return found;
}

/** A name that can't be read holds no alert up. */
async function orNothing<T>(read: () => Promise<T>, log: Log): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    log.warn("a name can't be read, and is left out of an alert", { error });
    return undefined;
  }
}
