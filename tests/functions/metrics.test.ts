import { describe, expect, test } from "vitest";
import { sweepMetrics } from "../../packages/functions/src/lib/metrics.ts";

function linesOf(act: (metrics: ReturnType<typeof sweepMetrics>) => void): unknown[] {
  const lines: string[] = [];
  const clock = { now: () => "2026-11-23T18:30:00.250Z" };
  act(sweepMetrics("bedrock-key-guard-prod-sweep", clock, { write: (line) => lines.push(line) }));
  expect(lines.every((line) => line.endsWith("\n") && line.indexOf("\n") === line.length - 1)).toBe(true);
  return lines.map((line) => JSON.parse(line));
}

describe("the metric of finished sweeps", () => {
  test("is one line of the embedded metric format, counted by function", () => {
    expect(linesOf((metrics) => metrics.finished())).toEqual([
      {
        _aws: {
          Timestamp: Date.UTC(2026, 10, 23, 18, 30, 0, 250),
          CloudWatchMetrics: [
            {
              Namespace: "BedrockKeyGuard",
              Dimensions: [["service"]],
              Metrics: [{ Name: "SweepFinished", Unit: "Count" }],
            },
          ],
        },
        service: "bedrock-key-guard-prod-sweep",
        SweepFinished: 1,
      },
    ]);
  });

  test("has data of value 0 for a sweep that was started, so that none finishing is not missing data", () => {
    const [started, finished] = linesOf((metrics) => {
      metrics.started();
      metrics.finished();
    });
    expect(started).toEqual({ ...(finished as object), SweepFinished: 0 });
  });
});
