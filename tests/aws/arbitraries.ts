import fc from "fast-check";
import type { CallersJob } from "../../packages/core/src/callers/job.ts";
import type { Cause, KeyJob } from "../../packages/core/src/key/job.ts";
import type { Agent, SweepAgent, SweepKeys, SweepPage } from "../../packages/core/src/ports.ts";
import { sampleAgent, sampleAgentId, sampleKey, sampleVersion } from "./samples.ts";

const number = fc.integer({ min: 1, max: 99_999 });
const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 });
const maybe = fc.option(text, { nil: undefined });
const time = fc
  .date({ min: new Date("2020-01-01T00:00:00Z"), max: new Date("2040-01-01T00:00:00Z"), noInvalidDate: true })
  .map((date) => date.toISOString());

const eventCauses: fc.Arbitrary<Cause> = fc.record({
  kind: fc.constant("event" as const),
  id: fc.uuid(),
  eventName: text,
  actor: fc.record({ arn: text, sessionName: maybe, invokedBy: maybe }),
  at: time,
});
const sweepCauses: fc.Arbitrary<Cause> = fc.record({
  kind: fc.constant("sweep" as const),
  id: fc.uuid(),
  at: time,
  whole: fc.boolean(),
});

export const causes = fc.oneof(eventCauses, sweepCauses);

export const jobs: fc.Arbitrary<KeyJob> = fc.record({
  key: number.map(sampleKey),
  agents: fc.uniqueArray(number.map(sampleAgentId), { maxLength: 20 }),
  causes: fc
    .tuple(causes, fc.array(causes, { maxLength: 9 }))
    .map(([first, rest]): [Cause, ...Cause[]] => [first, ...rest]),
  attempt: fc.integer({ min: 0, max: 100 }),
});

export const callersJobs: fc.Arbitrary<CallersJob> = fc.record({
  scope: fc.oneof(
    fc.constant({ kind: "everything" as const }),
    fc.record({
      kind: fc.constant("these" as const),
      agents: fc.uniqueArray(number.map(sampleAgentId), { maxLength: 9 }),
      keys: fc.uniqueArray(
        number.map((n) => sampleKey(n)),
        { maxLength: 9 },
      ),
    }),
  ),
  causes: fc
    .tuple(causes, fc.array(causes, { maxLength: 9 }))
    .map(([first, rest]): [Cause, ...Cause[]] => [first, ...rest]),
  iamSince: fc.option(time, { nil: undefined }),
  attempt: fc.integer({ min: 0, max: 100 }),
});

export const sweepPages: fc.Arbitrary<SweepPage> = fc.record({
  sweepId: fc.uuid(),
  startedAt: time,
  pageNumber: fc.integer({ min: 1, max: 10_000 }),
  nextToken: maybe,
  unread: fc.integer({ min: 0, max: 100 }),
});

export const sweepAgents: fc.Arbitrary<SweepAgent> = fc.record({
  sweepId: fc.uuid(),
  startedAt: time,
  agent: number.map(sampleAgentId),
});

export const sweepKeys: fc.Arbitrary<SweepKeys> = fc.record({
  sweepId: fc.uuid(),
  startedAt: time,
  after: fc.option(number.map(sampleKey), { nil: undefined }),
  unread: fc.integer({ min: 0, max: 100 }),
});

/** The keys that the agents of `movingAgents` are on: few, so that they come back to one. */
export const FEW_KEYS = [1, 2, 3].map(sampleKey);

/** One and the same agent, on some of a few keys by its draft and its versions. */
export const movingAgents: fc.Arbitrary<Agent> = fc
  .record({
    draft: fc.option(fc.constantFrom(...FEW_KEYS), { nil: undefined }),
    versions: fc.array(fc.option(fc.constantFrom(...FEW_KEYS), { nil: undefined }), { maxLength: 3 }),
  })
  .map(({ draft, versions }) => ({
    ...sampleAgent(),
    keyArn: draft,
    versions: versions.map((key, index) => ({ ...sampleVersion(String(index + 1)), keyArn: key })),
  }));
