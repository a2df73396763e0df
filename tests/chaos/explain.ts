/** A violation for a person to read: what is broken, how to see it again, and what led to it. */
import { short } from "./trace.ts";
import { INVARIANTS, type Violation } from "./violation.ts";

export function explain(seed: number, violations: readonly Violation[], trace: readonly string[]): string {
  const broken = violations.map(
    ({ invariant, message, at }) => `${invariant}: ${short(message)} (${at})\n  the rule: ${INVARIANTS[invariant]}`,
  );
  return [
    ...trace.map(short),
    "",
    `seed ${seed} breaks`,
    ...broken,
    "",
    `play it again: npm run chaos -- --schedules 1 --seed ${seed}`,
  ].join("\n");
}
