/** How often a channel may have got it, where several attempts ended without an answer. */
import { expect, test } from "vitest";
import { deliverAll } from "../../../packages/core/src/alert/deliver.ts";
import type { Dispatch } from "../../../packages/core/src/alert/ports.ts";
import { allSamples } from "../channel/samples.ts";

test("what a channel knows of an alert is forgotten so long after the first attempt, not after the latest", async () => {
  const [sample] = await allSamples();
  if (!sample) throw new Error("there are no samples");
  const alert = { ...sample.alert, severity: "high" as const };
  const start = Date.parse(alert.at);
  let minutes = 0;
  let stored: Dispatch = { alert, tells: [], left: ["slack"], trying: undefined, failed: [] };
  const given: boolean[] = [];
  const attempt = (isLast: boolean) =>
    deliverAll([stored], {
      channels: [
        {
          name: "slack",
          deduplicates: true,
          deliver: async ({ perhapsAgain }) => {
            given.push(perhapsAgain);
            // The process ends here: nothing that comes after it is done.
            if (!isLast) await new Promise(() => {});
          },
        },
      ],
      outbox: {
        pending: async () => [stored],
        save: async (dispatch) => {
          stored = dispatch;
        },
        remove: async () => {},
      },
      doubt: async () => {},
      clock: { now: () => new Date(start + minutes * 60_000).toISOString(), sleep: async () => {}, random: () => 0 },
      log: { info: () => {}, warn: () => {} },
    });
  for (const at of [0, 3, 6]) {
    minutes = at;
    const run = attempt(at === 6);
    await Promise.race([run, new Promise((resolve) => setTimeout(resolve, 20))]);
  }
  expect(given).toEqual([false, false, true]);
});
