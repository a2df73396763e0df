/** The short form of `npm run chaos`. */
import { expect, test } from "vitest";
import { BUG_NAMES, bug } from "./bugs.ts";
import { explain } from "./explain.ts";
import { scheduleOf } from "./schedule.ts";
import { play } from "./simulation.ts";

const SCHEDULES = 200;
const MINUTE_MS = 60_000;
/** A bug that takes longer to show itself could as well not be planted. */
const MOST_UNTIL_CAUGHT = 300;

test(`${SCHEDULES} schedules of events lost, late, doubled and out of order, of crashes, throttling, stale readings and other writers break no rule`, {
  timeout: 3 * MINUTE_MS,
}, async () => {
  const seen = { puts: 0, lostUpdates: 0, staleBase: 0, restored: 0 };
  for (let seed = 1; seed <= SCHEDULES; seed++) {
    const { violations, counts } = await play(scheduleOf(seed));
    if (violations.length > 0) {
      const { trace } = await play(scheduleOf(seed), { trace: true });
      expect.fail(explain(seed, violations, trace));
    }
    for (const name of Object.keys(seen) as (keyof typeof seen)[]) seen[name] += counts[name];
  }
  // What is to be survived did happen.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
});

test.for(BUG_NAMES)("the planted bug `%s` is caught", { timeout: MINUTE_MS }, async (name) => {
  const caught: string[] = [];
  for (let seed = 1; seed <= MOST_UNTIL_CAUGHT; seed++) {
    const { violations } = await play(scheduleOf(seed), { bug: name });
    const [first] = violations;
    if (!first) continue;
    caught.push(`${first.invariant} (seed ${seed})`);
    if ((bug(name).caughtBy as readonly string[]).includes(first.invariant)) return;
  }
  expect.fail(
    `not caught by ${bug(name).caughtBy.join(" or ")} within ${MOST_UNTIL_CAUGHT} schedules; ${caught.join(", ")}`,
  );
});

test("the same seed plays the same, call by call, and another seed something else", async () => {
  const traceOf = async (seed: number) => (await play(scheduleOf(seed), { trace: true })).trace;
  const first = await traceOf(7);
  expect(first.length).toBeGreaterThan(100);
  expect(await traceOf(7)).toEqual(first);
  expect(await traceOf(8)).not.toEqual(first);
});

test("a violation is told with its seed, its rule, what led to it and the command that plays it again", async () => {
  const { violations, trace } = await play(scheduleOf(1), { trace: true, bug: "untold-writes" });
  const text = explain(1, violations, trace);
  expect(text).toContain("seed 1 breaks");
  expect(text).toContain("every write is told");
  expect(text).toContain("PUTS the policy of K1");
  expect(text).toContain("npm run chaos -- --schedules 1 --seed 1");
});
