/**
 * Storms: what one actor brings about is gathered, and told after ever longer waits. The first alert goes out at once; the
 * next five minutes later at the earliest, and then each quarter of an hour, with all that came meanwhile.
 */

/** Milliseconds from one alert to the next, by how many there were; the last one stays. */
export const WAITS_MS: readonly number[] = [5 * 60_000, 15 * 60_000];
/** So long after its last alert, an actor starts anew. */
const CALM_MS = 60 * 60_000;

/**
 * @param told - when the actor's doings were told lately, ISO 8601, oldest first
 * @param waits - milliseconds; none: nothing is ever held back
 * @returns when the next alert may go out, in milliseconds from `now`; 0: at once
 */
export function waitFor(told: readonly string[], now: string, waits: readonly number[] = WAITS_MS): number {
  const recent = lately(told, now);
  const last = recent.at(-1);
  const wait = waits[Math.min(recent.length, waits.length) - 1];
  if (last === undefined || wait === undefined) return 0;
  return Math.max(0, Date.parse(last) + wait - Date.parse(now));
}

/** The alerts of the storm that is still going on. */
export function lately(told: readonly string[], now: string): readonly string[] {
  const last = told.at(-1);
  return last !== undefined && Date.parse(now) - Date.parse(last) < CALM_MS ? told : [];
}
