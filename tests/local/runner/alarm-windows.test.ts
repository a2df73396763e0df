import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeWindows, type Silence } from "../../../packages/local/src/runner/alarm-windows.ts";
import type { DataPoint } from "../../../packages/local/src/runner/embedded-metrics.ts";

const HOUR = 3_600_000;
const started = (at: number): DataPoint => ({ at: at * HOUR, value: 0 });
const finished = (at: number): DataPoint => ({ at: at * HOUR, value: 1 });

/** How twelve hours look that end at that hour, to an alarm on sweeps that was made at hour 0. */
function verdictAt(hour: number, points: readonly DataPoint[], silence: Silence = "is-missing-data") {
  const heard = points.filter(({ at }) => at <= hour * HOUR);
  const options = { now: hour * HOUR, since: 0, period: 12 * HOUR, periods: 1, byTooMuch: false, silence };
  const [window] = judgeWindows(heard, { ...options, breaches: (sum) => (sum ?? 0) < 1 });
  return window?.verdict;
}

describe("an alarm on sweeps that don't finish", () => {
  it("is quiet while one finishes now and then", () => {
    const points = [0, 6, 12, 18, 24].flatMap((hour) => [started(hour), finished(hour + 0.5)]);
    for (let hour = 1; hour < 30; hour++) expect(verdictAt(hour, points)).toBe("well");
  });

  it.each<Silence>(["is-missing-data", "says-nothing"])(
    "tells of sweeps that start and never finish (%s)",
    (silence) => {
      const points = [started(0.1), finished(0.5), started(6), started(12), started(18)];
      expect(verdictAt(12, points, silence)).toBe("well");
      expect(verdictAt(13, points, silence)).toBe("breaching");
    },
  );

  it("leaves the first sweep its time", () => {
    const points = [started(0.1), finished(11)];
    expect(verdictAt(1, points)).toBe("open");
    expect(verdictAt(10, points)).toBe("open");
    expect(verdictAt(11, points)).toBe("well");
  });

  it("tells of silence once the whole period was silent", () => {
    expect(verdictAt(11, [])).toBe("open");
    expect(verdictAt(12, [])).toBe("breaching");
  });

  it("says nothing of silence where schedules run by hand, nor of a sweep that breaks it", () => {
    const points = [started(0.1), finished(0.5), started(40), finished(41), started(60)];
    expect(verdictAt(39, points, "says-nothing")).toBe("open");
    expect(verdictAt(40.5, points, "says-nothing")).toBe("open");
    expect(verdictAt(41, points, "says-nothing")).toBe("well");
    expect(verdictAt(61, points, "says-nothing")).toBe("open");
  });
});

describe("an alarm on what there must be none of", () => {
  const verdict = (now: number, points: readonly DataPoint[], silence: Silence) => {
    const options = { now: now * HOUR, since: 0, period: HOUR, periods: 1, byTooMuch: true, silence };
    return judgeWindows(points, { ...options, breaches: (sum = 0) => sum >= 1 })[0]?.verdict;
  };

  it.each<Silence>(["is-missing-data", "says-nothing"])(
    "tells of the first one at once, however long it has watched (%s)",
    (silence) => {
      expect(verdict(0.1, [], silence)).toBe("well");
      expect(verdict(0.2, [finished(0.15)], silence)).toBe("breaching");
      expect(verdict(1.2, [finished(0.15)], silence)).toBe("well");
    },
  );
});

it("each data point is of exactly one period, as long as they reach back", () => {
  const times = fc.array(fc.integer({ min: 1, max: 1000 }));
  fc.assert(
    fc.property(times, fc.integer({ min: 1, max: 10 }), (ats, periods) => {
      const windows = judgeWindows(
        ats.map((at) => ({ at, value: 1 })),
        {
          now: 1000,
          since: 0,
          period: 100,
          periods,
          breaches: () => false,
          byTooMuch: false,
          silence: "is-missing-data",
        },
      );
      const counted = windows.reduce((total, { sum = 0 }) => total + sum, 0);
      expect(counted).toBe(ats.filter((at) => at > 1000 - 100 * periods).length);
    }),
  );
});
