import type { CallerReview, Review } from "@bedrock-key-guard/core/callers/review.ts";
import type { Agent, Key } from "@bedrock-key-guard/core/ports.ts";

/** All that `callers` has to tell, in words or as JSON. */
export interface FoundCallers {
  readonly key: Key;
  readonly agents: readonly Agent[];
  /** What was taken for granted. */
  readonly notes: readonly string[];
  readonly review: Review;
}

/** Whether a caller that is no administrator can't use the key, or can't be proved to. */
export function isShort({ administrator, judgements }: CallerReview): boolean {
  return !administrator && judgements.some(({ verdict }) => verdict.kind !== "able");
}
