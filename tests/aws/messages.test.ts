import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  callersJobBody,
  keyJobBody,
  LARGEST_MESSAGE,
  lookAgainBody,
  parseCallersJob,
  parseJson,
  parseKeyJob,
  parseLookAgain,
  parseSweepMessage,
  sweepAgentBody,
  sweepKeysBody,
  sweepPageBody,
} from "../../packages/aws/src/messages.ts";
import { deduplicationId } from "../../packages/aws/src/queues.ts";
import { mergeCallersJobs } from "../../packages/core/src/callers/job.ts";
import { callersJobs, jobs, sweepAgents, sweepKeys, sweepPages } from "./arbitraries.ts";
import { sampleAgentId, sampleCallersJob, sampleCause, sampleJob, sampleKey } from "./samples.ts";

function read<T>(
  body: string,
  parse: (value: unknown) => T,
): T | { readonly kind: "malformed"; readonly reason: string } {
  const json = parseJson(body);
  return json.kind === "malformed" ? json : parse(json.value);
}

const parsers: readonly ((value: unknown) => unknown)[] = [
  parseKeyJob,
  parseLookAgain,
  parseSweepMessage,
  parseCallersJob,
];

describe("messages", () => {
  test("a job survives the key queue", () => {
    fc.assert(
      fc.property(jobs, (job) => {
        expect(read(keyJobBody(job), parseKeyJob)).toEqual({ kind: "parsed", value: job });
      }),
    );
  });

  test("a job survives the way back through the intake queue", () => {
    fc.assert(
      fc.property(jobs, (job) => {
        expect(read(lookAgainBody(job), parseLookAgain)).toEqual({ kind: "parsed", value: job });
      }),
    );
  });

  test("a job for callers survives the callers queue", () => {
    fc.assert(
      fc.property(callersJobs, (job) => {
        expect(read(callersJobBody(job), parseCallersJob)).toEqual({ kind: "parsed", value: job });
      }),
    );
  });

  test("as many jobs for callers as one likes are one that the queue takes", () => {
    const many = Array.from({ length: 2_000 }, (_, n) =>
      sampleCallersJob({
        scope: { kind: "these", agents: [], keys: [sampleKey(n % 500)] },
        causes: [{ ...sampleCause, id: `event-${n}` }],
      }),
    );
    const merged = mergeCallersJobs([sampleCallersJob({ scope: { kind: "these", agents: [], keys: [] } }), ...many]);
    expect(read(callersJobBody(merged), parseCallersJob)).toEqual({ kind: "parsed", value: merged });
  });

  test("a sweep's page survives the sweep queue", () => {
    fc.assert(
      fc.property(sweepPages, (page) => {
        expect(read(sweepPageBody(page), parseSweepMessage)).toEqual({ kind: "parsed", value: { kind: "page", page } });
      }),
    );
  });

  test("an agent that is tried again by itself survives the sweep queue", () => {
    fc.assert(
      fc.property(sweepAgents, (agent) => {
        const value = { kind: "agent", ...agent };
        expect(read(sweepAgentBody(agent), parseSweepMessage)).toEqual({ kind: "parsed", value });
      }),
    );
    expect(read('{"v":1,"kind":"agent","sweepId":"s","agent":"../x"}', parseSweepMessage).kind).toBe("malformed");
  });

  test("the keys of a sweep, from one key on, survive the sweep queue", () => {
    fc.assert(
      fc.property(sweepKeys, (keys) => {
        expect(read(sweepKeysBody(keys), parseSweepMessage)).toEqual({ kind: "parsed", value: { kind: "keys", keys } });
      }),
    );
    const body = '{"v":1,"kind":"keys","sweepId":"s","startedAt":"2026-11-02T10:00:00Z","unread":0,"after":"alias/a"}';
    expect(read(body, parseSweepMessage)).toEqual({
      kind: "malformed",
      reason: expect.stringContaining("not a kms key's arn"),
    });
  });

  test("a sweep that an older deployment began takes no agent of the inventory for one that its list lacked", () => {
    const page = read('{"v":1,"kind":"page","sweepId":"s","pageNumber":2}', parseSweepMessage);
    const startedAt = "1970-01-01T00:00:00.000Z";
    expect(page).toEqual({
      kind: "parsed",
      value: { kind: "page", page: { sweepId: "s", startedAt, pageNumber: 2, nextToken: undefined, unread: 0 } },
    });
  });

  test("the schedule's message starts a sweep", () => {
    expect(read('{"v":1,"kind":"start"}', parseSweepMessage)).toEqual({ kind: "parsed", value: { kind: "start" } });
  });

  test("no text makes reading throw", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (body) => {
        for (const parse of parsers) read(body, parse);
      }),
    );
  });

  const job = JSON.parse(keyJobBody(sampleJob()));
  test.each([
    ["not JSON", "{", "not JSON"],
    ["empty", "", "not JSON"],
    ["no object", "[]", "not a message of the guard"],
    ["another version", JSON.stringify({ ...job, v: 2 }), "version `2`, this code reads `1`"],
    ["no version", JSON.stringify({ ...job, v: undefined }), "version `undefined`"],
    ["another kind", JSON.stringify({ ...job, kind: "page" }), "is a `page`, this queue takes `key-job`"],
    [
      "an alias for a key",
      JSON.stringify({ ...job, key: "arn:aws:kms:eu-west-1:111122223333:alias/a" }),
      "not a kms key's arn",
    ],
    ["another service's arn", JSON.stringify({ ...job, key: "arn:aws:s3:::bucket" }), "not a kms key's arn"],
    ["no causes", JSON.stringify({ ...job, causes: [] }), "causes"],
    ["too many causes", JSON.stringify({ ...job, causes: Array(101).fill(sampleCause) }), "more than 100 causes"],
    ["a long event id", JSON.stringify({ ...job, causes: [{ ...sampleCause, id: "x".repeat(300) }] }), "causes.0.id"],
    ["a negative attempt", JSON.stringify({ ...job, attempt: -1 }), "attempt"],
  ])("a key job that is %s is refused with its reason", (_what, body, reason) => {
    expect(read(body, parseKeyJob)).toEqual({ kind: "malformed", reason: expect.stringContaining(reason) });
  });

  const callersJob = JSON.parse(callersJobBody(sampleCallersJob()));
  test.each([
    ["another version", { v: 2 }, "version `2`, this code reads `1`"],
    ["another kind", { kind: "key-job" }, "is a `key-job`, this queue takes `callers-job`"],
    ["no scope", { scope: undefined }, "scope"],
    ["an unknown scope", { scope: { kind: "some" } }, "scope"],
    ["an alias for a key", { scope: { kind: "these", agents: [], keys: ["alias/a"] } }, "not a kms key's arn"],
    ["a name for an agent", { scope: { kind: "these", agents: ["../x"], keys: [] } }, "not an agent's id"],
    ["too many agents", { scope: { kind: "these", agents: Array(5_001).fill(sampleAgentId()), keys: [] } }, "agents"],
    ["no causes", { causes: [] }, "causes"],
    ["a time that is none", { iamSince: "yesterday" }, "iamSince"],
    ["a negative attempt", { attempt: -1 }, "attempt"],
  ])("a callers job that is %s is refused with its reason", (_what, change, reason) => {
    expect(read(JSON.stringify({ ...callersJob, ...change }), parseCallersJob)).toEqual({
      kind: "malformed",
      reason: expect.stringContaining(reason),
    });
  });

  test("a message of more than 256 KB is refused before it is read", () => {
    const body = JSON.stringify("€".repeat(LARGEST_MESSAGE / 3));
    expect(parseJson(body)).toEqual({
      kind: "malformed",
      reason: `the message has ${LARGEST_MESSAGE + 1} bytes; at most 262144 are read`,
    });
  });

  test("members named `__proto__` and `constructor` change nothing", () => {
    const hostile = `{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},${keyJobBody(sampleJob()).slice(1)}`;
    expect(read(hostile, parseKeyJob)).toEqual({ kind: "parsed", value: sampleJob() });
    expect("polluted" in {}).toBe(false);
  });
});

describe("the deduplication id", () => {
  test("is the same for the same request, whatever the order of its agents", () => {
    const [a, b] = [sampleAgentId(1), sampleAgentId(2)];
    expect(deduplicationId(sampleJob({ agents: [a, b] }))).toBe(deduplicationId(sampleJob({ agents: [b, a] })));
    expect(deduplicationId(sampleJob())).toMatch(/^[0-9a-f]{64}$/);
  });

  test("differs by attempt, by cause and by agents", () => {
    const variants = [
      sampleJob(),
      sampleJob({ attempt: 1 }),
      sampleJob({ causes: [{ ...sampleCause, id: "another" }] }),
      sampleJob({ agents: [] }),
    ];
    expect(new Set(variants.map(deduplicationId)).size).toBe(variants.length);
  });
});
