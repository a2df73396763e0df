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
  /** Real milliseconds for so many seconds of the stack's configuration. */
  milliseconds(seconds: number): number;
  /** Real seconds, with fractions, for so many seconds of the stack's configuration. */
  seconds(seconds: number): number;
}

/** @param scale how many configured seconds pass in a real one, such as 60; at least 1. */
export function stackTime(scale: number): StackTime {
  if (!(scale >= 1)) throw new Error(`the time scale is \`${scale}\`; give a number of at least 1`);
  return {
    scale,
    milliseconds: (seconds) => (seconds * 1000) / scale,
    seconds: (seconds) => seconds / scale,
  };
}
