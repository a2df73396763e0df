import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sweepWindow } from "../../stacks/sweep-window.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe("how long no sweep may finish before people are told", () => {
  test.each([
    ["rate(6 hours)", 12 * HOUR, 1],
    ["rate(1 day)", DAY, 2],
    ["rate(13 hours)", 13 * HOUR, 2],
    ["rate(3 days)", DAY, 6],
    ["rate(5 minutes)", HOUR, 1],
    ["cron(0 6 * * ? *)", DAY, 2],
    ["cron(0 0/6 ? * * *)", DAY, 2],
  ])("is for `%s` so many seconds, so many times over", (schedule, periodSeconds, evaluationPeriods) => {
    expect(sweepWindow(schedule)).toEqual({ periodSeconds, evaluationPeriods });
  });

  test.each(["rate(4 days)", "cron(0 6 ? * MON *)", "cron(0 6 1 * ? *)", "cron(0 6 * 1-6 ? *)", "hourly", ""])(
    "can't be told for `%s`",
    (schedule) => {
      expect(sweepWindow(schedule)).toBeUndefined();
    },
  );

  test("holds two sweeps of any rate, and CloudWatch takes it", () => {
    const units = { minutes: MINUTE, hours: HOUR, days: DAY };
    const rates = fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom("minutes", "hours", "days"));
    fc.assert(
      fc.property(rates, ([count, unit]) => {
        const seconds = count * units[unit];
        const window = sweepWindow(`rate(${count} ${unit})`);
        expect(window === undefined).toBe(2 * seconds > 7 * DAY);
        if (!window) return;
        const { periodSeconds, evaluationPeriods } = window;
        const longest = periodSeconds < HOUR ? DAY : 7 * DAY;
        expect(periodSeconds * evaluationPeriods).toBeGreaterThanOrEqual(2 * seconds);
        expect(periodSeconds * evaluationPeriods).toBeLessThanOrEqual(longest);
        expect(periodSeconds).toBeLessThanOrEqual(DAY);
        expect(periodSeconds % MINUTE).toBe(0);
      }),
    );
  });
});
