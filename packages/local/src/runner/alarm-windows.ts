/** The periods that an alarm on a metric looks back at. */
import type { DataPoint } from "./embedded-metrics.ts";

/**
 * What it means when a metric has no data:
 * - `is-missing-data`: what the alarm says of missing data, as on CloudWatch
 * - `says-nothing`: for a run in which schedules are triggered by hand: where nothing was started, nothing is late
 */
export type Silence = "is-missing-data" | "says-nothing";

export interface Window {
  /** Undefined where the period has no data. */
  readonly sum: number | undefined;
  /** `open`: it would breach, but was not watched from its beginning on. */
  readonly verdict: "breaching" | "well" | "open";
}

export interface WindowOptions {
  /** Milliseconds since 1970, as are the data points' times. */
  readonly now: number;
  /** When the alarm was made. */
  readonly since: number;
  /** Milliseconds. */
  readonly period: number;
  readonly periods: number;
  /** Of the sum of a period's data; of `undefined` where it has none. */
  readonly breaches: (sum: number | undefined) => boolean;
  /** Whether what there is of a period can be enough to breach: where it breaches by too much, and not by too little. */
  readonly byTooMuch: boolean;
  readonly silence: Silence;
}

/**
 * The latest periods, newest first, each the length of the alarm's period and back to back up to now.
 *
 * CloudWatch also judges a period that began before the alarm did. Here it is left open where it would breach, so that
 * a run doesn't begin with an alarm that the end of the first sweep takes back at once.
 */
export function judgeWindows(points: readonly DataPoint[], options: WindowOptions): readonly Window[] {
  const { now, period, periods, breaches, byTooMuch } = options;
  const watchedSince = beginning(points, options);
  return Array.from({ length: periods }, (_, index) => {
    const end = now - index * period;
    const start = end - period;
    const values = points.filter(({ at }) => at > start && at <= end).map(({ value }) => value);
    const sum = values.length === 0 ? undefined : values.reduce((total, value) => total + value, 0);
    if (!breaches(sum)) return { sum, verdict: "well" };
    if (byTooMuch && sum !== undefined) return { sum, verdict: "breaching" };
    return { sum, verdict: start >= watchedSince ? "breaching" : "open" };
  });
}

/** From when on the metric is watched without a gap; `Infinity` where it is silent now. */
function beginning(points: readonly DataPoint[], { now, since, period, silence }: WindowOptions): number {
  if (silence === "is-missing-data") return since;
  let beginning = Number.POSITIVE_INFINITY;
  let later = now;
  for (const { at } of points.toSorted((a, b) => b.at - a.at)) {
    if (later - at >= period) break;
    beginning = at;
    later = at;
  }
  return beginning;
}
