/** A violation for a person to read: what led to it, what is broken, and how to see it again. */
import { short } from "./trace.ts";
import { INVARIANTS, type Violation } from "./violation.ts";

export function explain(
  seed: number,
  violations: readonly Violation[],
  trace: readonly string[],
  bug?: string,
): string {
  const broken = violations.map(
    ({ invariant, message, at }) => `${invariant}: ${short(message)} (${at})\n  the rule: ${INVARIANTS[invariant]}`,
  );
  return [
    ...trace.map(short),
    "",
    `seed ${seed} breaks`,
    ...broken,
    "",
    `play it again: npm run chaos -- --schedules 1 --seed ${seed}${bug === undefined ? "" : ` --bug ${bug}`}`,
  ].join("\n");
}
