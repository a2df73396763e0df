import { expect, it } from "vitest";
import type { Wiring } from "../../../packages/local/src/runner/start.ts";
import { clockTime } from "../../../packages/local/src/runner/time.ts";
import { smallGraph } from "./small-graph.ts";
import { order, printed, smallStack } from "./small-stack.ts";

const MINUTE = 60_000;

interface Told {
  readonly now: number;
  readonly dates: readonly string[];
  readonly whole: boolean;
}

it("a compressed clock goes as many times as fast from its origin on, in whole milliseconds", () => {
  const clock = { kind: "compressed", origin: 1_000, scale: 60 } as const;
  expect([1_000, 1_001, 1_000.01, 2_000].map((real) => clockTime(clock, real))).toEqual([1_000, 1_060, 1_000, 61_000]);
  expect(clockTime({ kind: "real" }, 1_234)).toBe(1_234);
});

it.each(["real", "compressed"] as const)("functions and services have one %s clock", async (clock) => {
  let services: Wiring | undefined;
  const stack = await smallStack(smallGraph(), {
    clock,
    services: (wiring) => {
      services = wiring;
      return [];
    },
  });
  // At this scale, half a second is five minutes.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const before = services?.now().getTime() ?? Number.NaN;
  await order(stack, "jobs", { name: "look", clock: true });
  await stack.idle();
  const after = services?.now().getTime() ?? Number.NaN;
  const told = printed(stack).find((line) => "now" in line) as unknown as Told;
  expect(told.now).toBeGreaterThanOrEqual(before);
  expect(told.now).toBeLessThanOrEqual(after);
  expect(Date.parse(told.dates[0] ?? "")).toBeGreaterThanOrEqual(before);
  expect(told.dates.slice(1)).toEqual(["1970-01-01T00:00:00.000Z", "2026-11-23T18:30:00.000Z"]);
  expect(told.whole).toBe(true);
  expect(told.now - Date.now() > 5 * MINUTE - 1_000).toBe(clock === "compressed");
});

it("a function's timeout stays real under a compressed clock", async () => {
  const stack = await smallStack(smallGraph(), { clock: "compressed" });
  await order(stack, "jobs", { name: "work", take: 600 });
  await stack.idle();
  expect(stack.failures).toEqual([]);
});
