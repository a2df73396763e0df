/**
 * Time that passes at once: while nothing happens but that something is waited for, nobody on a laptop wants to wait.
 */
import type { StackTime } from "./time.ts";

/** What happens by itself once its time has come. */
export interface Waiting {
  /** Real milliseconds until the first of it is due; undefined where there is none. */
  left(): number | undefined;
  /** As if so much time had passed. */
  pass(milliseconds: number): void;
}

/**
 * Goes on to when the first of these is due. Under a compressed clock the time passes for the clock too, and for all that
 * waits. A real clock can't be put forward: of what waits, only `gathering` ends then, which no clock is asked about.
 */
export function passTime(
  time: StackTime,
  waits: { readonly gathering: readonly Waiting[]; readonly others: readonly Waiting[] },
): void {
  if (time.clock.kind === "real") {
    for (const one of waits.gathering) one.pass(one.left() ?? 0);
    return;
  }
  const all = [...waits.gathering, ...waits.others];
  const left = Math.min(...all.map((one) => one.left() ?? Number.POSITIVE_INFINITY));
  if (left === Number.POSITIVE_INFINITY || left <= 0) return;
  time.clock.ahead = (time.clock.ahead ?? 0) + left * time.scale;
  for (const one of all) one.pass(left);
}
