import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AwsCallError } from "../../packages/aws/src/errors.ts";
import { keyJobBody, lookAgainBody, parseLookAgain } from "../../packages/aws/src/messages.ts";
import type { KeyJob } from "../../packages/core/src/key/job.ts";
import { MAX_ATTEMPTS } from "../../packages/core/src/key/look.ts";
import { readKeyJob, reconcileJobs } from "../../packages/functions/src/key-jobs.ts";
import { eachGroup } from "../../packages/functions/src/lib/partial-batch.ts";
import { putOff } from "../../packages/functions/src/put-off.ts";
import { jobs } from "../aws/arbitraries.ts";
import { sampleAgentId, sampleJob, sampleKey } from "../aws/samples.ts";
import { SETTINGS, World } from "../core/support/world.ts";
import { memoryLog, sqsRecord } from "./samples.ts";

const throttled = new AwsCallError(
  "kms:GetKeyPolicy",
  sampleKey(),
  Object.assign(new Error("slow down"), { name: "ThrottlingException" }),
);
const broken = new TypeError("undefined is not a function");

function portsWith(random = 0.5, refuses = false) {
  const again: { readonly job: KeyJob; readonly delaySeconds: number }[] = [];
  const log = memoryLog();
  const lookAgain = async (job: KeyJob, delaySeconds: number) => {
    if (refuses) throw new Error("the queue is down too");
    again.push({ job, delaySeconds });
  };
  return { again, log, ports: { later: { lookAgain }, clock: { random: () => random }, log } };
}

describe("a look that fails for a reason that time may mend", () => {
  test("comes again as the same job, with one attempt more", async () => {
    const { again, ports } = portsWith();
    const job = sampleJob({ attempt: 2 });
    expect(await putOff(job, throttled, ports)).toBe(true);
    expect(again).toEqual([{ job: { ...job, attempt: 3 }, delaySeconds: 45 }]);
  });

  test("waits twice as long each time, at most the longest that SQS delays", async () => {
    const delays: number[] = [];
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { again, ports } = portsWith(1 - Number.EPSILON);
      await putOff(sampleJob({ attempt }), throttled, ports);
      delays.push(Math.round(again[0]?.delaySeconds ?? 0));
    }
    expect(delays).toEqual([15, 30, 60, 120, 240, 480, 900, 900]);
  });

  test("waits for at least half of that, by chance, and can be read by the queue that it waits in", async () => {
    await fc.assert(
      fc.asyncProperty(jobs, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async (job, random) => {
        fc.pre(job.attempt < MAX_ATTEMPTS);
        const { again, ports } = portsWith(random);
        await putOff(job, throttled, ports);
        const [put] = again;
        if (!put) throw new Error("it was not put off");
        const longest = Math.min(900, 15 * 2 ** job.attempt);
        expect(put.delaySeconds).toBeGreaterThanOrEqual(longest / 2);
        expect(put.delaySeconds).toBeLessThanOrEqual(longest);
        const body = JSON.parse(lookAgainBody(put.job));
        expect(parseLookAgain(body)).toEqual({ kind: "parsed", value: { ...job, attempt: job.attempt + 1 } });
      }),
    );
  });

  test("is left to its queue after the last attempt", async () => {
    const { again, ports } = portsWith();
    expect(await putOff(sampleJob({ attempt: MAX_ATTEMPTS - 1 }), throttled, ports)).toBe(true);
    expect(await putOff(sampleJob({ attempt: MAX_ATTEMPTS }), throttled, ports)).toBe(false);
    expect(again).toHaveLength(1);
  });
});

test("a look that fails for another reason is not put off: time does not mend a bug", async () => {
  const { again, ports } = portsWith();
  expect(await putOff(sampleJob(), broken, ports)).toBe(false);
  expect(again).toEqual([]);
});

describe("the jobs of a key", () => {
  const records = [sampleJob({ attempt: 3 }), sampleJob({ agents: [sampleAgentId(2)] })].map((job, n) =>
    sqsRecord(`m${n}`, keyJobBody(job), job.key),
  );

  /** A world in which KMS answers nothing but this error, and perhaps the queue neither. */
  async function reconcileIn(error: Error, queueIsDown = false) {
    const world = new World();
    world.inventory.agentsOn = async () => {
      throw error;
    };
    if (queueIsDown) {
      world.later.lookAgain = async () => {
        throw new Error("the queue is down too");
      };
    }
    const log = memoryLog();
    const { batchItemFailures } = await eachGroup(
      records,
      readKeyJob,
      reconcileJobs(world, SETTINGS, { add: () => {} }),
      log,
    );
    return { again: world.again, failed: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), log };
  }

  test("are done with when they were put off, as one job with all that they ask for", async () => {
    const { again, failed } = await reconcileIn(throttled);
    expect(failed).toEqual([]);
    expect(again).toEqual([
      { job: sampleJob({ agents: [sampleAgentId(1), sampleAgentId(2)], attempt: 1 }), delaySeconds: 11.25 },
    ]);
  });

  test("go back to their queue with the error itself when it is no such reason, or they can't be put off either", async () => {
    for (const [error, queueIsDown] of [
      [broken, false],
      [throttled, true],
    ] as const) {
      const { again, failed, log } = await reconcileIn(error, queueIsDown);
      expect([again, failed]).toEqual([[], ["m0", "m1"]]);
      expect(log.lines).toMatchObject([{ level: "error", fields: { error } }]);
    }
  });
});
