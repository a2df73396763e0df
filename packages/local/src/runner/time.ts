/**
 * Compressed time, in one place. AWS counts its waits in minutes; a run on a laptop should not.
 *
 * Divided by the scale: message delays, visibility after a failure, the FIFO deduplication window, batching windows
 * and the periods of alarms.
 *
 * Not divided: the functions' timeouts. Their code, the SDK's retries and the machine run at their own speed, so a
 * minute of CPU stays a minute. A message therefore stays invisible for as long as its function may really run,
 * and the compressed visibility begins to count for it afterwards (see `poller.ts`).
 */
export interface StackTime {
  readonly scale: number;
  /** What the functions and the emulated services take for the time. */
  readonly clock: StackClock;
  /** Real milliseconds for so many seconds of the stack's configuration. */
  milliseconds(seconds: number): number;
  /** Real seconds, with fractions, for so many seconds of the stack's configuration. */
  seconds(seconds: number): number;
}

/**
 * The clock of the functions and of the emulated services. Real by default, so that whoever comes from outside, with the
 * AWS CLI or the guard's own commands, has the same time. Where nobody does, it may run as fast as the waits are short:
 * what the guard does only minutes later by its clock can then be seen.
 */
export type StackClock =
  | { readonly kind: "real" }
  /** From `origin` on (milliseconds since 1970), `scale` times as fast, and `ahead` milliseconds (see `waiting.ts`). */
  | { readonly kind: "compressed"; readonly origin: number; readonly scale: number; ahead?: number };

/** Milliseconds since 1970. */
export function clockTime(clock: StackClock, real: number): number {
  if (clock.kind === "real") return real;
  return Math.floor(clock.origin + (real - clock.origin) * clock.scale + (clock.ahead ?? 0));
}

/** @param scale how many configured seconds pass in a real one, such as 60; at least 1. */
export function stackTime(scale: number, clock: StackClock["kind"] = "real"): StackTime {
  if (!(scale >= 1)) throw new Error(`the time scale is \`${scale}\`; give a number of at least 1`);
  return {
    scale,
    clock: clock === "real" ? { kind: "real" } : { kind: "compressed", origin: Date.now(), scale },
    milliseconds: (seconds) => (seconds * 1000) / scale,
    seconds: (seconds) => seconds / scale,
  };
}
