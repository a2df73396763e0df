const LOOK_MILLISECONDS = 10;

/**
 * Resolves once nothing has anything to do.
 *
 * @param busy says what is still under way, in words for the error.
 * @throws after `timeoutMilliseconds`, telling what is still busy.
 */
export async function untilIdle(busy: () => readonly string[], timeoutMilliseconds: number): Promise<void> {
  const end = performance.now() + timeoutMilliseconds;
  // Twice in a row: between two looks, what has just ended may have begun something else.
  for (let quiet = 0; quiet < 2; ) {
    const reasons = busy();
    quiet = reasons.length === 0 ? quiet + 1 : 0;
    if (performance.now() > end && reasons.length > 0) {
      throw new Error(`still busy after ${timeoutMilliseconds} ms: ${reasons.join("; ")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
}
