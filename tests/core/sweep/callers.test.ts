import { expect, test } from "vitest";
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import type { CallersJob } from "../../../packages/core/src/callers/job.ts";
import { sweepKeys } from "../../../packages/core/src/sweep/sweep-keys.ts";
import { KEY, World } from "../support/world.ts";

const STARTED = "2026-11-23T10:00:04.000Z";
const FROM = { sweepId: "sweep-1", startedAt: STARTED, after: undefined, unread: 0 };

async function sweptIn(world: World, unread = 0) {
  const jobs: CallersJob[] = [];
  const finishedBefore: boolean[] = [];
  const callersQueue = {
    review: async (job: CallersJob) => {
      jobs.push(job);
      finishedBefore.push(world.sweepEverFinished);
    },
  };
  const ports = Object.assign(Object.create(world), { callersQueue });
  await sweepKeys({ ...FROM, unread }, ports);
  for (const keys of world.keyPages) await sweepKeys(keys, ports);
  return { jobs, finishedBefore };
}

test("the end of a sweep asks for all callers once, after it counts as finished", async () => {
  const world = new World();
  world.sweepEverFinished = false;
  for (let n = 0; n < 25; n++) world.everOn.add(KEY.replace("1111", String(5_000 + n)) as KeyArn);
  const { jobs, finishedBefore } = await sweptIn(world);
  expect(world.keyPages.length).toBeGreaterThan(1);
  const cause = { kind: "sweep", id: "sweep-1", at: STARTED, whole: true };
  expect(jobs).toEqual([{ scope: { kind: "everything" }, causes: [cause], iamSince: undefined, attempt: 0 }]);
  expect(finishedBefore).toEqual([true]);
});

test("a sweep that has not seen every agent asks for them too, and says so", async () => {
  const { jobs } = await sweptIn(new World(), 3);
  expect(jobs.map(({ causes }) => causes)).toEqual([[expect.objectContaining({ whole: false })]]);
});
