/** How long no sweep may finish before people are told. Free of SST, so that tests can read it. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const UNITS: Readonly<Record<string, number>> = { minute: MINUTE, hour: HOUR, day: DAY };

/** A sweep of a few thousand agents takes many minutes: a shorter time says nothing. */
const SHORTEST_SECONDS = HOUR;
/** As far as an alarm looks back. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
const LONGEST_SECONDS = 7 * DAY;

/** What an alarm of CloudWatch is given. */
export interface AlarmWindow {
  /** Whole minutes, at most a day. */
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
}

/**
 * A time in which two sweeps are begun, in as few periods as a day allows.
 *
 * @param schedule `rate(…)` or `cron(…)` as EventBridge Scheduler takes it.
 * @returns undefined when that is longer than an alarm looks back, or can't be told from the expression.
 */
export function sweepWindow(schedule: string): AlarmWindow | undefined {
  const pause = longestPause(schedule);
  if (pause === undefined || 2 * pause > LONGEST_SECONDS) return undefined;
  const seconds = Math.max(SHORTEST_SECONDS, 2 * pause);
  const evaluationPeriods = Math.ceil(seconds / DAY);
  return { periodSeconds: Math.ceil(seconds / evaluationPeriods / MINUTE) * MINUTE, evaluationPeriods };
}

/** The longest time between two runs, in seconds. */
function longestPause(schedule: string): number | undefined {
  const [, count, unit = ""] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(schedule) ?? [];
  if (count !== undefined) return Number(count) * (UNITS[unit] ?? Number.NaN);
  const [, , , ...days] = /^cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)$/.exec(schedule) ?? [];
  // Day of the month, month, day of the week and year: on every day, whatever the hours are.
  return days.length === 4 && days.every((field) => field === "*" || field === "?") ? DAY : undefined;
}
