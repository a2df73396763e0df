/** The laws of merging jobs: one job asks for what all of them ask for, in whatever order and however often. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type AgentId, agentId } from "../../../packages/core/src/arn.ts";
import { type CallersJob, mergeCallersJobs } from "../../../packages/core/src/callers/job.ts";
import { runs } from "../laws/runs.ts";
import { KEY, OTHER_KEY, sure } from "./account.ts";
import { jobFor } from "./world.ts";

const agents = ["AGENT00001", "AGENT00002", "AGENT00003"].map((id): AgentId => sure(agentId(id)));
const [cause] = jobFor().causes;
const moment = fc.integer({ min: 0, max: 5 }).map((n) => new Date(Date.UTC(2026, 10, 23, 10, n)).toISOString());

const job: fc.Arbitrary<CallersJob> = fc.record({
  scope: fc.oneof(
    { arbitrary: fc.constant({ kind: "everything" } as const), weight: 1 },
    {
      arbitrary: fc
        .record({ agents: fc.subarray(agents), keys: fc.subarray([KEY, OTHER_KEY]) })
        .map((of) => ({ kind: "these", ...of }) as const),
      weight: 4,
    },
  ),
  causes: fc
    .uniqueArray(fc.nat(6), { minLength: 1, maxLength: 3 })
    .map(([first = 0, ...others]): CallersJob["causes"] => [
      { ...cause, id: `event-${first}` },
      ...others.map((n) => ({ ...cause, id: `event-${n}` })),
    ]),
  iamSince: fc.option(moment, { nil: undefined }),
  attempt: fc.nat(10),
});

/** What a job asks for, whatever the order of its words. */
function asks({ scope, causes, iamSince, attempt }: CallersJob) {
  return {
    scope: scope.kind === "everything" ? scope.kind : [[...scope.agents].sort(), [...scope.keys].sort()],
    causes: causes.map(({ id }) => id).sort(),
    iamSince,
    attempt,
  };
}

const jobs = fc
  .array(job, { minLength: 1, maxLength: 4 })
  .map(([first = jobFor(), ...others]) => [first, ...others] as const);

test("by itself a job stays what it is, and twice is once", () => {
  fc.assert(
    fc.property(job, (one) => {
      expect(asks(mergeCallersJobs([one]))).toEqual(asks(one));
      expect(asks(mergeCallersJobs([one, one]))).toEqual(asks(one));
    }),
    runs(200),
  );
});

test("order and grouping do not matter", () => {
  fc.assert(
    fc.property(jobs, jobs, (some, others) => {
      const all = asks(mergeCallersJobs([...some, ...others]));
      expect(asks(mergeCallersJobs([mergeCallersJobs(some), mergeCallersJobs(others)]))).toEqual(all);
      expect(asks(mergeCallersJobs([...others, ...some]))).toEqual(all);
    }),
    runs(400),
  );
});

test("all that each asks for is asked for, and nothing else", () => {
  fc.assert(
    fc.property(jobs, (all) => {
      const { scope, iamSince, causes, attempt } = mergeCallersJobs(all);
      const everything = all.some((one) => one.scope.kind === "everything");
      expect(scope.kind).toBe(everything ? "everything" : "these");
      if (scope.kind === "these") {
        const named = all.flatMap((one) => (one.scope.kind === "these" ? one.scope.agents : []));
        expect(new Set(scope.agents)).toEqual(new Set(named));
      }
      for (const one of all) {
        if (one.iamSince !== undefined) expect(iamSince !== undefined && iamSince >= one.iamSince).toBe(true);
        expect(attempt).toBeLessThanOrEqual(one.attempt);
      }
      expect(new Set(causes.map(({ id }) => id))).toEqual(
        new Set(all.flatMap((one) => one.causes.map(({ id }) => id))),
      );
    }),
    runs(200),
  );
});

test("a merged job stays small enough for a message, and what is too much to list is everything", () => {
  const many = Array.from({ length: 300 }, (_, i) => ({
    ...jobFor({ causes: [{ ...cause, id: `event-${i}` }] }),
    scope: {
      kind: "these" as const,
      agents: [1, 2].map((n) => sure(agentId(`AG${n}${String(i).padStart(7, "0")}`))),
      keys: [KEY],
    },
  }));
  const [first = jobFor(), ...others] = many;
  const merged = mergeCallersJobs([first, ...others]);
  expect(merged.scope).toEqual({ kind: "everything" });
  expect(merged.causes).toHaveLength(100);
  expect([merged.causes[0].id, merged.causes.at(-1)?.id]).toEqual(["event-0", "event-299"]);
  expect(mergeCallersJobs([first, ...others.slice(0, 240)]).scope.kind).toBe("these");
});
