import { describe, expect, test } from "vitest";
import { AwsCallError } from "../../packages/aws/src/errors.ts";
import { callersJobBody } from "../../packages/aws/src/messages.ts";
import type { CallersJob } from "../../packages/core/src/callers/job.ts";
import { MAX_ATTEMPTS } from "../../packages/core/src/key/look.ts";
import { readCallersJob, reviewJobs } from "../../packages/functions/src/callers-jobs.ts";
import { wholeBatch } from "../../packages/functions/src/lib/partial-batch.ts";
import { putOffCallers } from "../../packages/functions/src/put-off.ts";
import { sampleCallersJob, sampleKey } from "../aws/samples.ts";
import { KEY, OTHER_KEY } from "../core/callers/account.ts";
import { agent, arn, jobFor, LACKING, OWN, SETTINGS, World } from "../core/callers/world.ts";
import { memoryLog, sqsRecord } from "./samples.ts";

const A = agent("AGENT00001");

/** What the function makes of a batch of these bodies. */
async function handle(world: World, bodies: readonly string[]) {
  const log = memoryLog();
  const ports = Object.assign(Object.create(world), { log });
  const records = bodies.map((body, index) => sqsRecord(`m${index}`, body));
  const { batchItemFailures } = await wholeBatch(
    records,
    readCallersJob,
    reviewJobs(ports, SETTINGS, { add: () => {} }),
    log,
  );
  return { log, failed: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
}

const bodyOf = (changes: Partial<CallersJob> = {}) => callersJobBody(jobFor(changes));
const these = (...keys: readonly (typeof KEY)[]) => ({ kind: "these", agents: [], keys }) as const;
const cause = (id: string) => [{ ...jobFor().causes[0], id }] as const;

describe("a batch of the callers queue", () => {
  test("is one review, whatever its size, with all that its messages ask for", async () => {
    const world = new World().with(LACKING).put(A);
    const bodies = Array.from({ length: 300 }, (_, n) => bodyOf({ scope: these(KEY), causes: cause(`event-${n}`) }));
    const { failed, log } = await handle(world, bodies);
    expect(failed).toEqual([]);
    expect(world.readings).toBe(1);
    expect(world.writes.map(({ caller }) => caller)).toEqual([arn("app")]);
    expect(world.entries[0]?.causes[0].id).toBe("event-0");
    expect(log.lines.map(({ message }) => message)).toEqual(["the callers were looked at"]);
    expect(log.lines[0]?.fields).toMatchObject({
      jobs: 300,
      scope: "these",
      outcome: "reviewed",
      callers: 1,
      written: 1,
    });
  });

  test("asks for everything where one message does", async () => {
    const world = new World().with(LACKING).put(A);
    const { log } = await handle(world, [bodyOf({ scope: these(OTHER_KEY) }), bodyOf()]);
    expect(log.lines[0]?.fields.scope).toBe("everything");
    expect(world.own(arn("app"))).toBeDefined();
  });

  test("puts back alone what can't be read, and does the rest", async () => {
    const world = new World().with(LACKING).put(A);
    const hostile = ["not json", "{}", '{"v":2,"kind":"callers-job"}', '{"v":1,"kind":"key-job"}'];
    const { failed } = await handle(world, [...hostile, bodyOf()]);
    expect(failed).toEqual(["m0", "m1", "m2", "m3"]);
    expect(world.own(arn("app"))).toBeDefined();
  });

  test("in which nothing can be read reviews nothing", async () => {
    const world = new World().with(LACKING).put(A);
    expect((await handle(world, ["not json"])).failed).toEqual(["m0"]);
    expect(world.readings).toBe(0);
  });

  test("that is too early is put off by the review itself, as one job", async () => {
    const world = new World().with(LACKING).put(A);
    await handle(world, [bodyOf()]);
    const iamSince = world.clock.now();
    const { failed, log } = await handle(world, [bodyOf({ iamSince }), bodyOf()]);
    expect(failed).toEqual([]);
    expect(world.queued).toEqual([{ job: jobFor({ iamSince }), seconds: expect.any(Number) }]);
    expect(log.lines[0]?.fields).toMatchObject({ outcome: "put-off", reason: "IAM was read a moment ago" });
  });

  test("logs which entries and findings, and no policy", async () => {
    const world = new World().with(LACKING).put(A);
    const { log } = await handle(world, [bodyOf()]);
    expect(JSON.stringify(log.lines)).toContain(arn("app"));
    for (const text of ["Statement", "GenerateDataKey", OWN]) expect(JSON.stringify(log.lines)).not.toContain(text);
  });
});

describe("a review that fails", () => {
  const throttled = new AwsCallError(
    "iam:GetAccountAuthorizationDetails",
    "account",
    Object.assign(new Error("Rate exceeded"), { name: "Throttling" }),
  );
  const broken = new TypeError("undefined is not a function");

  async function failing(error: Error, queueIsDown = false, attempt = 0) {
    const world = new World().with(LACKING).put(A);
    world.accounts.read = async () => {
      throw error;
    };
    if (queueIsDown) {
      world.callersQueue.review = async () => {
        throw new Error("the queue is down too");
      };
    }
    const bodies = [bodyOf({ scope: these(KEY), attempt }), bodyOf({ causes: cause("event-2"), attempt })];
    return { world, ...(await handle(world, bodies)) };
  }

  test("for a reason that time may mend is put off as one job, with one attempt more", async () => {
    const { world, failed } = await failing(throttled, false, 2);
    expect(failed).toEqual([]);
    const causes = [jobFor().causes[0], ...cause("event-2")];
    expect(world.queued).toEqual([{ job: { ...jobFor(), causes, attempt: 3 }, seconds: 45 }]);
  });

  test.each([
    ["for another reason", broken, false, 0],
    ["and can't be put off either", throttled, true, 0],
    ["once too often", throttled, false, MAX_ATTEMPTS],
  ] as const)("%s goes back to its queue, all of it", async (_why, error, queueIsDown, attempt) => {
    const { world, failed, log } = await failing(error, queueIsDown, attempt);
    expect([world.queued, failed]).toEqual([[], ["m0", "m1"]]);
    expect(log.lines.at(-1)).toMatchObject({ level: "error", fields: { error, messages: 2 } });
  });

  test("waits twice as long each time, at most the longest that SQS delays", async () => {
    const delays: number[] = [];
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const callersQueue = { review: async (_: CallersJob, seconds: number) => void delays.push(Math.round(seconds)) };
      const ports = { callersQueue, clock: { random: () => 1 - Number.EPSILON }, log: memoryLog() };
      await putOffCallers(sampleCallersJob({ attempt }), throttled, ports);
    }
    expect(delays).toEqual([15, 30, 60, 120, 240, 480, 900, 900]);
  });
});

test("a key's job is none of the callers queue's", () => {
  expect(readCallersJob(sqsRecord("m", JSON.stringify({ v: 1, kind: "key-job", key: sampleKey() }))).kind).toBe(
    "malformed",
  );
});
