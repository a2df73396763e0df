/** The first alert about an actor goes out at once, the next ones after ever longer waits, until it is calm again. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { lately, WAITS_MS, waitFor } from "../../../packages/core/src/alert/pace.ts";
import { HOUR, iso, MINUTE } from "../finding/records.ts";
import { runs } from "../laws/runs.ts";

test.each([
  ["who was not told of yet waits for nothing", [], 0, 0],
  ["the second alert comes five minutes after the first", [0], MINUTE, 4 * MINUTE],
  ["the second alert goes out when the five minutes are over", [0], 5 * MINUTE, 0],
  ["the third comes a quarter of an hour after the second", [0, 5], 6 * MINUTE, 14 * MINUTE],
  ["and so does each after it", [0, 5, 20, 35], 36 * MINUTE, 14 * MINUTE],
  ["the waits begin anew an hour after the last alert", [0, 5, 20], 20 * MINUTE + HOUR, 0],
] as const)("%s", (_, minutes, now, wait) => {
  const told = minutes.map((at) => iso(at * MINUTE));
  expect(waitFor(told, iso(now))).toBe(wait);
});

test("an hour after its last alert, what was told of an actor counts no more", () => {
  const told = [iso(0), iso(MINUTE)];
  expect(lately(told, iso(HOUR + MINUTE - 1))).toEqual(told);
  expect(lately(told, iso(HOUR + MINUTE))).toEqual([]);
});

test("nothing is held back where there are no waits", () => {
  expect(waitFor([iso(0)], iso(1), [])).toBe(0);
});

test("however much happens, an hour has no more than six alerts about one actor, and none waits for longer than a quarter", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(HOUR - 1), { maxLength: 200 }), (times) => {
      const told: string[] = [];
      for (const time of times.toSorted((a, b) => a - b)) {
        const wait = waitFor(told, iso(time));
        expect(wait).toBeLessThanOrEqual(Math.max(...WAITS_MS));
        if (wait === 0) told.push(iso(time));
      }
      expect(told.length).toBeLessThanOrEqual(6);
    }),
    runs(100),
  );
});
