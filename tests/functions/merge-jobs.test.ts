import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyJobBody, LARGEST_MESSAGE, parseKeyJob } from "../../packages/aws/src/messages.ts";
import type { KeyJob } from "../../packages/core/src/key/job.ts";
import { mergeJobs } from "../../packages/functions/src/merge-jobs.ts";
import { jobs } from "../aws/arbitraries.ts";
import { sampleAgentId, sampleCause, sampleJob } from "../aws/samples.ts";

const manyJobs = fc
  .tuple(jobs, fc.array(jobs, { maxLength: 9 }))
  .map(([first, rest]): [KeyJob, ...KeyJob[]] => [first, ...rest.map((job) => ({ ...job, key: first.key }))]);

describe("merged jobs", () => {
  test("are one job when there is one", () => {
    fc.assert(
      fc.property(jobs, (job) => {
        expect(mergeJobs([job])).toEqual(job);
      }),
    );
  });

  test("speak of every agent, and of every cause once and in order", () => {
    fc.assert(
      fc.property(manyJobs, (many) => {
        const merged = mergeJobs(many);
        expect(new Set(merged.agents)).toEqual(new Set(many.flatMap((job) => job.agents)));
        expect(merged.agents).toHaveLength(new Set(merged.agents).size);
        expect(merged.causes.map((c) => c.id)).toEqual([
          ...new Set(many.flatMap((job) => job.causes.map((c) => c.id))),
        ]);
      }),
    );
  });

  test("have as many tries left as the freshest of them", () => {
    expect(mergeJobs([sampleJob({ attempt: 4 }), sampleJob({ attempt: 0 }), sampleJob({ attempt: 2 })]).attempt).toBe(
      0,
    );
  });

  test("stay a message that a queue takes, with the oldest and the newest causes", () => {
    const many = Array.from({ length: 60 }, (_, n) =>
      sampleJob({
        agents: [sampleAgentId(n)],
        causes: [
          { ...sampleCause, id: `a${n}` },
          { ...sampleCause, id: `b${n}` },
        ],
      }),
    );
    const merged = mergeJobs([sampleJob(), ...many]);
    expect([merged.causes[0].id, merged.causes.at(-1)?.id]).toEqual([sampleCause.id, "b59"]);
    expect(parseKeyJob(JSON.parse(keyJobBody(merged))).kind).toBe("parsed");
    expect(Buffer.byteLength(keyJobBody(merged))).toBeLessThan(LARGEST_MESSAGE);
  });
});
