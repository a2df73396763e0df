/** How often a channel may have got it, where several attempts ended without an answer. */
import { expect, test } from "vitest";
import type { Alert } from "../../../packages/core/src/alert/alert.ts";
import { deliverAll } from "../../../packages/core/src/alert/deliver.ts";
import type { Dispatch } from "../../../packages/core/src/alert/ports.ts";
import { allSamples } from "../channel/samples.ts";

type Ending = "dies" | "fails" | "ends";

/** Attempts of one grave alert at these minutes. @returns of each, whether it said that it may come twice */
async function given(attempts: readonly (readonly [minute: number, ending: Ending])[]): Promise<readonly boolean[]> {
  const [sample] = await allSamples();
  if (!sample) throw new Error("there are no samples");
  const alert = { ...sample.alert, severity: "high" as const };
  const start = Date.parse(alert.at);
  let stored: Dispatch = { alert, tells: [], left: ["slack"], trying: undefined, failed: [] };
  const said: boolean[] = [];
  for (const [minute, ending] of attempts) {
    const deliver = async ({ perhapsAgain }: Alert) => {
      said.push(perhapsAgain);
      if (ending === "fails") throw new Error("no answer in time");
      // The process ends here: nothing that comes after it is done.
      if (ending === "dies") await new Promise(() => {});
    };
    const run = deliverAll([stored], {
      channels: [{ name: "slack", deduplicates: true, deliver }],
      outbox: {
        pending: async () => [stored],
        save: async (dispatch) => {
          stored = dispatch;
        },
        remove: async () => {},
      },
      doubt: async () => {},
      clock: { now: () => new Date(start + minute * 60_000).toISOString(), sleep: async () => {}, random: () => 0 },
      log: { info: () => {}, warn: () => {} },
    });
    await (ending === "dies" ? new Promise((resolve) => setTimeout(resolve, 20)) : run);
  }
  return said;
}

test("what a channel knows of an alert is forgotten so long after the first attempt, not after the latest", async () => {
  const attempts = [
    [0, "dies"],
    [3, "dies"],
    [6, "ends"],
  ] as const;
  expect(await given(attempts)).toEqual([false, false, true]);
});

test("behind an attempt that failed, each further one says so, however soon after another it comes", async () => {
  const attempts = [
    [0, "fails"],
    [4.5, "dies"],
    [6, "ends"],
  ] as const;
  expect(await given(attempts)).toEqual([false, true, true]);
});
