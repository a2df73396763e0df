/** Times as items have them: in a form whose order as text is the order in time. */

/** @param time - ISO 8601, with or without a fraction of a second. @returns ISO 8601 in UTC, to the millisecond. */
export function sortable(time: string): string {
  return new Date(millisecondsOf(time)).toISOString();
}

/** As `sortable`, back at the beginning of its second: where times are known to the second only. */
export function sortableSecond(time: string): string {
  return new Date(Math.floor(millisecondsOf(time) / 1_000) * 1_000).toISOString();
}

const DAY_SECONDS = 24 * 60 * 60;

/** For DynamoDB's time to live: whole seconds since 1970. */
export function daysAfter(time: string, days: number): number {
  return Math.floor(millisecondsOf(time) / 1_000) + days * DAY_SECONDS;
}

function millisecondsOf(time: string): number {
  const milliseconds = Date.parse(time);
  if (Number.isNaN(milliseconds)) throw new Error(`\`${time}\` is not a time; give it as ISO 8601`);
  return milliseconds;
}
