/** What of the findings' news people are told at once, and what waits for the digest. */
import { isWorse, type Severity } from "../finding/finding.ts";
import { actorOf } from "../finding/life.ts";
import type { FindingRecord, News, Told } from "../finding/record.ts";
import type { Change } from "./alert.ts";

/** Of one finding, no more are told at once within one spell; the rest is for digests and reminders. */
export const MOST_AT_ONCE = 3;

export interface Telling {
  readonly record: FindingRecord;
  /** What became of it, in one word: the news that there are, taken together. */
  readonly change: Exclude<Change, "stands">;
  /** All news up to this one are told by it, or are no news any more. */
  readonly sequence: number;
  /** The latest news: who did it. */
  readonly news: News;
}

export interface TellSettings {
  /** What is less severe is told by the digest only. */
  readonly atOnceFrom: Severity;
}

/** @returns undefined where nothing of it is told at once */
export function tellingOf(
  record: FindingRecord,
  silenced: ReadonlySet<string>,
  { atOnceFrom }: TellSettings,
): Telling | undefined {
  const news = record.news.at(-1);
  const change = news && changeOf(record);
  if (!news || !change || silenced.has(record.ref)) return undefined;
  if (record.told.at.length >= MOST_AT_ONCE || isWorse(atOnceFrom, record.worst)) return undefined;
  return { record, change, sequence: news.sequence, news };
}

function changeOf({ news, told, state }: FindingRecord): Telling["change"] | undefined {
  const has = (change: News["change"]) => news.some((one) => one.change === change);
  if (has("recurring")) return "recurring";
  if (has("happened"))
    return news.some(({ change, again }) => change === "happened" && !again) ? "happened" : undefined;
  const isTakenForOpen = told.beginning && wasOpen(news, state);
  // What began and was over before anybody was told is for the digest; what is back before its end was told never ended.
  if (state === "resolved") return isTakenForOpen ? "resolved" : undefined;
  if (!isTakenForOpen) return told.beginning ? "reopened" : "opened";
  return has("worsened") ? "worsened" : undefined;
}

/** Whether it was open before these news. */
function wasOpen(news: readonly News[], state: FindingRecord["state"]): boolean {
  const turn = news.find(({ change }) => change === "opened" || change === "reopened" || change === "resolved");
  return turn ? turn.change === "resolved" : state === "open";
}

/** Who caused it, as far as events tell: what one actor did is one alert. */
export function actorIn({ causes }: Pick<News, "causes">): string {
  const actor = actorOf(causes);
  if (actor) return actor.invokedBy ? `${actor.arn} through ${actor.invokedBy}` : actor.arn;
  const last = causes.at(-1);
  return last?.kind === "person" ? last.by : "sweep";
}

/** The record once people were told: what was news up to `sequence` is none any more. */
export function toldOf(
  record: FindingRecord,
  sequence: number,
  told: { readonly at: string; readonly thread: string } | undefined,
): FindingRecord {
  const passed = record.news.filter((one) => one.sequence <= sequence);
  const news = record.news.filter((one) => one.sequence > sequence);
  if (passed.length === 0) return record;
  if (!told) return { ...record, news };
  const next: Told = {
    at: [...record.told.at, told.at],
    beginning: true,
    recurring: record.told.recurring || passed.some(({ change }) => change === "recurring"),
    thread: record.told.thread ?? told.thread,
  };
  return { ...record, news, told: next };
}
