/** When the whole account's IAM is read, and when a review has to wait: for another one, or for the next reading. */
import { describe, expect, test } from "vitest";
import { type CallersJob, mergeCallersJobs } from "../../../packages/core/src/callers/job.ts";
import { knownAccount, secondsToSettle } from "../../../packages/core/src/callers/known-account.ts";
import { reconcileCallers } from "../../../packages/core/src/callers/reconcile.ts";
import type { Cause } from "../../../packages/core/src/key/job.ts";
import { agent, arn, jobFor, LACKING, MINUTE, SETTINGS, World } from "./world.ts";

const A = agent("AGENT00001");
const world = () => new World().with(LACKING).put(A);
const now = (it: World) => it.clock.now();

describe("the account is read", () => {
  test("once in ten minutes, whoever asks: what was read serves meanwhile", async () => {
    const it = world();
    for (let i = 0; i < 19; i++) {
      await it.known.read(undefined);
      it.pass(MINUTE);
    }
    expect(it.readings).toBe(2);
  });

  test("once in ten minutes by all containers together: the other one waits", async () => {
    const it = world();
    const other = knownAccount(it);
    const readAt = now(it);
    await it.known.read(undefined);
    it.pass(4 * MINUTE);
    const reading = await other.read(undefined);
    expect(reading.kind).toBe("too-soon");
    if (reading.kind === "too-soon")
      expect(Date.parse(reading.until) - Date.parse(readAt)).toBeCloseTo(10 * MINUTE, -2);
    it.pass(6 * MINUTE);
    expect((await other.read(undefined)).kind).toBe("read");
    expect((await it.known.read(undefined)).kind).toBe("too-soon");
    expect(it.readings).toBe(2);
  });

  test("again for a change after it, and not before the ten minutes are over", async () => {
    const it = world();
    await it.known.read(undefined);
    it.pass(2 * MINUTE);
    const since = now(it);
    expect((await it.known.read(since)).kind).toBe("too-soon");
    // What was read still serves those who ask for no newer.
    expect((await it.known.read(undefined)).kind).toBe("read");
    it.pass(8 * MINUTE);
    expect((await it.known.read(since)).kind).toBe("read");
    expect(it.readings).toBe(2);
  });

  test("again where the change was only seconds before: IAM may not have shown it yet", async () => {
    const it = world();
    const since = now(it);
    it.pass(5_000);
    await it.known.read(undefined);
    expect((await it.known.read(since)).kind).toBe("too-soon");
  });

  test("again after it was refused, and not at once", async () => {
    const it = world();
    it.accountDenied = "no";
    expect((await it.known.read(undefined)).kind).toBe("denied");
    expect((await it.known.read(undefined)).kind).toBe("too-soon");
    it.pass(11 * MINUTE);
    it.accountDenied = undefined;
    expect((await it.known.read(undefined)).kind).toBe("read");
  });

  test("not at all where there is nothing to judge and the guard gives nothing", async () => {
    const it = new World().with(LACKING);
    expect(await it.review({}, { mode: "propose" })).toMatchObject({ kind: "reviewed", callers: 0 });
    expect(it.readings).toBe(0);
    await it.review({}, { mode: "enforce" });
    expect(it.readings).toBe(1);
  });
});

describe("a review is put off", () => {
  test("until IAM may be read again, with all that it was asked for", async () => {
    const it = world();
    await it.known.read(undefined);
    it.pass(4 * MINUTE);
    const job = jobFor({ iamSince: now(it), attempt: 3 });
    expect(await reconcileCallers(job, it, SETTINGS)).toMatchObject({ kind: "put-off", seconds: 360 });
    expect(it.queued).toEqual([{ job, seconds: 360 }]);
    expect(it.writes).toEqual([]);
  });

  test("while another one runs; and the right to review is given back, also after a fault", async () => {
    const it = world();
    await it.reviewLog.begin("another", now(it), new Date(Date.parse(now(it)) + 6 * MINUTE).toISOString());
    const job = jobFor();
    expect(await reconcileCallers(job, it, SETTINGS)).toMatchObject({ kind: "put-off", seconds: 120 });
    expect(it.queued).toEqual([{ job, seconds: 120 }]);
    expect(it.readings).toBe(0);
    // The other one has crashed.
    it.pass(6 * MINUTE);
    const { read } = it.accounts;
    it.accounts.read = () => Promise.reject(new Error("outage"));
    await expect(reconcileCallers(job, it, SETTINGS)).rejects.toThrow("outage");
    it.accounts.read = read;
    expect(await it.review()).toMatchObject({ kind: "reviewed" });
  });

  test("two at once write once", async () => {
    const it = world();
    const outcomes = await Promise.all([1, 2].map(() => reconcileCallers(jobFor(), it, SETTINGS)));
    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["put-off", "reviewed"]);
    expect(it.writes).toHaveLength(1);
  });
});

describe("a storm of IAM's events", () => {
  const SECOND = 1_000;
  /** As the stack has it: a queue's messages are gathered for so long, or until they are so many. */
  const [WINDOW, MOST] = [3 * MINUTE, 1_000];

  /** So many events a second for so long, each as intake passes it on; then as long as there is anything to do. */
  async function storm(it: World, eventsPerSecond: number, seconds: number): Promise<void> {
    let queue: { readonly job: CallersJob; readonly due: number }[] = [];
    let opened: number | undefined;
    const time = () => Date.parse(now(it));
    for (let second = 0; second < seconds || queue.length > 0; second++) {
      it.pass(SECOND);
      for (let n = 0; n < eventsPerSecond && second < seconds; n++) {
        const iamSince = now(it);
        const causes = jobFor().causes.map((one) => ({ ...one, id: `${second}.${n}` })) as [Cause];
        const due = Date.parse(iamSince) + secondsToSettle(iamSince, iamSince) * SECOND;
        queue.push({ job: jobFor({ iamSince, causes }), due });
      }
      if (second === seconds - 1) it.with({ ...LACKING, name: "late" });
      const at = time();
      const ready = queue.filter(({ due }) => due <= at).slice(0, MOST);
      if (ready.length === 0) continue;
      opened ??= at;
      if (at - opened < WINDOW && ready.length < MOST) continue;
      opened = undefined;
      queue = queue.filter((one) => !ready.includes(one));
      const [first, ...others] = ready.map(({ job }) => job);
      if (first) await reconcileCallers(mergeCallersJobs([first, ...others]), it, SETTINGS);
      queue.push(...it.queued.splice(0).map(({ job, seconds: delay }) => ({ job, due: at + delay * SECOND })));
    }
  }

  test.each([1, 20])(
    "of %i a second for an hour: IAM is read every ten minutes, and what came last is seen",
    async (n) => {
      const it = world();
      await storm(it, n, 3_600);
      expect(it.readings).toBeGreaterThanOrEqual(6);
      expect(it.readings).toBeLessThanOrEqual(8);
      // One write for each caller, and not one for each look.
      expect(it.writes.map(({ caller }) => caller)).toEqual([arn("app"), arn("late")]);
    },
  );
});

describe("what was read before the guard wrote is not taken for what is there:", () => {
  const only = (id: string) => jobFor({ scope: { kind: "these", agents: [agent(id).id], keys: [] } });
  const written = async () => {
    const it = world();
    await it.review();
    it.pass(MINUTE);
    return it;
  };

  test("an agent that goes within the ten minutes takes its access with it, once IAM may be read again", async () => {
    const it = await written();
    it.drop(A.id);
    expect(await reconcileCallers(only(A.id), it, SETTINGS)).toMatchObject({ kind: "put-off" });
    expect(it.readings).toBe(1);
    it.pass((it.queued[0]?.seconds ?? 0) * 1_000);
    await reconcileCallers(it.queued[0]?.job ?? jobFor(), it, SETTINGS);
    expect(it.own(arn("app"))).toBeUndefined();
  });

  test("an agent that comes is added to what was given, and nothing is told again", async () => {
    const it = await written();
    it.put(agent("AGENT00002"));
    expect(await reconcileCallers(only("AGENT00002"), it, SETTINGS)).toMatchObject({ kind: "put-off" });
    await it.review(it.queued.at(-1)?.job);
    expect(Object.values(it.access(arn("app")))).toEqual([[A.id, "AGENT00002"]]);
    expect(it.published.map(({ kind }) => kind)).toEqual(["repaired", "repaired"]);
  });

  test("nor is it where a write may have been taken, and its answer was lost", async () => {
    const it = world();
    const { put } = it.writer;
    it.writer.put = async (...of) => {
      await put(...of);
      throw new Error("no answer");
    };
    await expect(it.review()).rejects.toThrow("no answer");
    it.writer.put = put;
    it.drop(A.id);
    expect(await reconcileCallers(only(A.id), it, SETTINGS)).toMatchObject({ kind: "put-off" });
  });

  test("where nothing was written, it serves those who come meanwhile", async () => {
    const it = world();
    await it.review();
    await it.review();
    it.pass(MINUTE);
    expect(await reconcileCallers(only(A.id), it, SETTINGS)).toMatchObject({ kind: "reviewed" });
    expect(it.readings).toBe(2);
  });
});
