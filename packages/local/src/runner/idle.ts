const LOOK_MILLISECONDS = 10;

/** What is still to come, in words for the error. */
export interface Unrest {
  /** Under way. */
  readonly awake: readonly string[];
  /** Waiting for its time. */
  readonly asleep: readonly string[];
}

/**
 * Resolves once nothing has anything to do.
 *
 * @param wake called where all that is left waits for its time
 * @throws after `timeoutMilliseconds`, telling what is still busy.
 */
export async function untilIdle(unrest: () => Unrest, wake: () => void, timeoutMilliseconds: number): Promise<void> {
  const end = performance.now() + timeoutMilliseconds;
  // Twice in a row: between two looks, what has just ended may have begun something else.
  for (let quiet = 0, still = 0; quiet < 2; ) {
    const { awake, asleep } = unrest();
    const reasons = [...awake, ...asleep];
    quiet = reasons.length === 0 ? quiet + 1 : 0;
    still = awake.length === 0 ? still + 1 : 0;
    if (still >= 2 && asleep.length > 0) wake();
    if (performance.now() > end && reasons.length > 0) {
      throw new Error(`still busy after ${timeoutMilliseconds} ms: ${reasons.join("; ")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}
