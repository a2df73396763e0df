import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { keyJobBody, lookAgainBody, sweepKeysBody, sweepPageBody } from "../../packages/aws/src/messages.ts";
import type { CallersJob } from "../../packages/core/src/callers/job.ts";
import { actionsOf } from "../../packages/functions/src/actions.ts";
import { intakeRecord } from "../../packages/functions/src/intake-record.ts";
import { readKeyJob } from "../../packages/functions/src/key-jobs.ts";
import { eachRecord } from "../../packages/functions/src/lib/partial-batch.ts";
import { startFromInvocation, sweepRecord } from "../../packages/functions/src/sweep-message.ts";
import { sampleAgent, sampleAgentId, sampleJob, sampleKey, sampleRole } from "../aws/samples.ts";
import { memoryPorts, NOW } from "./fakes.ts";
import { account, sqsRecord } from "./samples.ts";

function eventOf(name: string): string {
  const { event } = JSON.parse(readFileSync(join(import.meta.dirname, `../cases/cloudtrail/${name}.json`), "utf8"));
  return JSON.stringify(event).replaceAll("A1B2C3D4E5", sampleAgentId());
}

describe("intake", () => {
  async function intake(...bodies: readonly string[]) {
    const memory = memoryPorts([sampleAgent()]);
    const records = bodies.map((body, index) => sqsRecord(`m${index}`, body));
    const { batchItemFailures } = await eachRecord(
      records,
      intakeRecord(memory.ports, { account, guardRoleArn: sampleRole("Guard") }),
      memory.log,
    );
    return { ...memory, failed: batchItemFailures.map((failure) => failure.itemIdentifier) };
  }

  test("turns an agent's event into a job for its key", async () => {
    const { jobs, failed } = await intake(eventOf("create-agent"));
    expect(failed).toEqual([]);
    expect(jobs).toEqual([
      {
        key: sampleKey(),
        agents: [sampleAgentId()],
        causes: [expect.objectContaining({ eventName: "CreateAgent" })],
        attempt: 0,
      },
    ]);
  });

  test("keeps a policy that the journal does not explain, and knows the guard's own role by its path", async () => {
    for (const [role, byGuard] of [
      ["teams/blue/Deployer", true],
      ["Deployer", false],
    ] as const) {
      const memory = memoryPorts([]);
      const handle = intakeRecord(memory.ports, { account, guardRoleArn: sampleRole(role) });
      await eachRecord([sqsRecord("m", eventOf("put-key-policy"))], handle, memory.log);
      expect(memory.foreign).toEqual([
        expect.objectContaining({
          eventId: "5d5d5d5d-0000-4000-8000-000000000001",
          policy: '{"Version":"2012-10-17","Statement":[]}',
          byGuard,
          settled: false,
        }),
      ]);
      expect(memory.jobs).toHaveLength(1);
    }
  });

  test("turns a change of IAM into a job for all callers, and drops the guard's own", async () => {
    const jobs: CallersJob[] = [];
    const memory = memoryPorts([]);
    const callersQueue = { review: async (job: CallersJob) => void jobs.push(job) };
    for (const callersRoleArn of [sampleRole("Callers"), sampleRole("teams/blue/Deployer")]) {
      const settings = { account, guardRoleArn: sampleRole("Guard"), callersRoleArn };
      const handle = intakeRecord({ ...memory.ports, callersQueue }, settings);
      await eachRecord([sqsRecord("m", eventOf("put-role-policy"))], handle, memory.log);
    }
    expect(jobs).toEqual([
      {
        scope: { kind: "everything" },
        causes: [expect.objectContaining({ eventName: "PutRolePolicy" })],
        iamSince: "2026-11-02T10:00:00Z",
        attempt: 0,
      },
    ]);
    const outcomes = memory.log.lines.map(({ fields }) => (fields.outcome as { kind: string }).kind);
    expect(outcomes).toEqual(["callers-queued", "dropped"]);
  });

  test("sends a job that waited to its key, as it was put there", async () => {
    const job = sampleJob({ attempt: 3 });
    expect((await intake(lookAgainBody(job))).jobs).toEqual([job]);
  });

  test("drops what it does not act on, and logs why", async () => {
    const { failed, log, jobs } = await intake(eventOf("unknown-event-name"), eventOf("create-agent-failed"));
    expect([failed, jobs]).toEqual([[], []]);
    expect(log.lines.map((line) => line.fields.reason)).toEqual([
      expect.stringContaining("is not an event that the guard acts on"),
      "the call failed with `AccessDenied`",
    ]);
  });

  test("puts back what it can't read and goes on with the rest", async () => {
    const hostile = [
      "not json",
      "{}",
      keyJobBody(sampleJob()),
      eventOf("put-key-policy-of-a-bucket"),
      "x".repeat(300_000),
    ];
    const { failed, jobs } = await intake(...hostile, eventOf("update-agent"));
    expect(failed).toEqual(["m0", "m1", "m2", "m3", "m4"]);
    expect(jobs).toHaveLength(1);
  });
});

describe("a message of the key queue", () => {
  test("is a job of its own message group", () => {
    expect(readKeyJob(sqsRecord("m", keyJobBody(sampleJob()), sampleKey()))).toEqual({
      kind: "parsed",
      value: sampleJob(),
    });
  });

  test("is refused in another key's group, where it would run beside the work on its key", () => {
    const reading = readKeyJob(sqsRecord("m", keyJobBody(sampleJob()), sampleKey(2)));
    expect(reading).toEqual({ kind: "malformed", reason: "the job's key is not its message group" });
  });
});

describe("sweep", () => {
  const agents = [sampleAgent(1), sampleAgent(2, sampleKey(2)), sampleAgent(3, sampleKey(2))];

  test("goes from its start through all pages to its end", async () => {
    const { ports, pages, keyPages, jobs, finished, metrics, log } = memoryPorts(agents);
    const handle = sweepRecord(ports);
    await eachRecord([sqsRecord("start-1", '{"v":1,"kind":"start"}')], handle, log);
    for (const page of pages) await eachRecord([sqsRecord("page", sweepPageBody(page))], handle, log);
    expect(pages.map((page) => page.pageNumber)).toEqual([1, 2, 3]);
    expect([jobs, finished, metrics]).toEqual([[], [], ["SweepFinished 0"]]);
    for (const keys of keyPages) await eachRecord([sqsRecord("keys", sweepKeysBody(keys))], handle, log);
    expect(jobs.map((job) => job.key)).toEqual([sampleKey(1), sampleKey(2)]);
    // At its end, and once, the guard looks at itself.
    expect([finished, metrics]).toEqual([
      ["start-1"],
      ["SweepFinished 0", "SweepFinished 1", "SelfCheckFailed 0", "TrailsNotKnown 0"],
    ]);
  });

  test("that has not seen every agent does not count as one that finished", async () => {
    const { ports, finished, metrics, log } = memoryPorts(agents);
    const keys = sweepKeysBody({ sweepId: "s", startedAt: NOW, after: undefined, unread: 1 });
    await eachRecord([sqsRecord("keys", keys)], sweepRecord(ports), log);
    expect([finished, metrics]).toEqual([[], ["SelfCheckFailed 0", "TrailsNotKnown 0"]]);
    expect(log.lines).toContainEqual(expect.objectContaining({ message: "a sweep has not seen every agent" }));
  });

  test("goes on though the guard can't look at itself, which is counted", async () => {
    const { ports, finished, metrics, log } = memoryPorts(agents);
    const broken = {
      ...ports,
      self: { ...ports.self, trails: { read: () => Promise.reject(new Error("no answer")) } },
    };
    const keys = sweepKeysBody({ sweepId: "s", startedAt: NOW, after: undefined, unread: 0 });
    const { batchItemFailures } = await eachRecord([sqsRecord("keys", keys)], sweepRecord(broken), log);
    expect([batchItemFailures, finished, metrics]).toEqual([
      [],
      ["s"],
      ["SweepFinished 1", "SelfCheckFailed 1", "TrailsNotKnown 1"],
    ]);
    expect(log.lines).toContainEqual(expect.objectContaining({ message: "the guard could not look at itself" }));
  });

  test("has the same id when its start is delivered again", async () => {
    const { ports, pages, log } = memoryPorts(agents);
    const start = sqsRecord("start-1", '{"v":1,"kind":"start"}');
    await eachRecord([start, start], sweepRecord(ports), log);
    expect(pages.map((page) => page.sweepId)).toEqual(["start-1", "start-1"]);
  });

  test("is started by the invocation after a deployment, and by nothing else", async () => {
    const { ports, pages } = memoryPorts(agents);
    await startFromInvocation({ v: 1, kind: "start" }, "request-1", ports);
    expect(pages).toEqual([{ sweepId: "request-1", startedAt: NOW, pageNumber: 1, nextToken: undefined, unread: 0 }]);
    for (const other of [undefined, {}, { v: 2, kind: "start" }, { v: 1, kind: "page", sweepId: "s", pageNumber: 1 }]) {
      await expect(startFromInvocation(other, "request-2", ports)).rejects.toThrow();
    }
    expect(pages).toHaveLength(1);
  });

  test("puts back what is no message of the sweep", async () => {
    const { ports, log } = memoryPorts(agents);
    const response = await eachRecord([sqsRecord("m1", keyJobBody(sampleJob()))], sweepRecord(ports), log);
    expect(response.batchItemFailures).toEqual([{ itemIdentifier: "m1" }]);
  });
});

test("only reconcile may put a key's policy, only callers a caller's, and telling Slack costs no permission", () => {
  const writersOf = (action: string) =>
    (["intake", "reconcile", "callers", "sweep", "announce", "notify-slack"] as const).filter((name) =>
      actionsOf(name).includes(action),
    );
  expect(writersOf("kms:PutKeyPolicy")).toEqual(["reconcile"]);
  for (const action of ["iam:PutRolePolicy", "iam:PutUserPolicy", "iam:DeleteRolePolicy", "iam:DeleteUserPolicy"]) {
    expect(writersOf(action)).toEqual(["callers"]);
  }
  expect(actionsOf("notify-slack")).toEqual([]);
});
