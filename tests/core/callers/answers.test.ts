/** What IAM may answer in place of taking the guard's policy. */
import { describe, expect, test } from "vitest";
import { agent, arn, LACKING, World } from "./world.ts";

const A = agent("AGENT00001");
const APP = arn("app");
const world = () => new World().with(LACKING).put(A);

describe("IAM's answers: ", () => {
  test("throttled, so it is tried again soon, and not told", async () => {
    const it = world();
    it.refusal = () => ({ kind: "throttled" });
    expect(await it.review()).toMatchObject({ written: [], findings: [], again: expect.stringContaining("IAM") });
    expect(it.queued).toMatchObject([{ seconds: 180, job: { attempt: 1 } }]);
    expect([it.entries[0]?.state, it.published]).toEqual(["abandoned", []]);
    it.refusal = undefined;
    expect(await it.review(it.queued[0]?.job)).toMatchObject({ written: [{}], again: undefined });
  });

  test("throttled for ever, so it is left to the next sweep", async () => {
    const it = world();
    it.refusal = () => ({ kind: "throttled" });
    await it.review({ attempt: 10 });
    expect([it.queued, it.warnings.length]).toEqual([[], 1]);
  });

  test.each(["AccessDenied", "LimitExceeded", "UnmodifiableEntity"])("refused as %s, and told once", async (code) => {
    const it = world();
    it.refusal = () => ({ kind: "refused", code, message: "no" });
    expect(await it.review()).toMatchObject({ written: [], findings: [{ kind: "caller-write-refused" }] });
    await it.review();
    expect(it.published.map(({ severity, kind }) => [severity, kind])).toEqual([["high", "problem"]]);
    expect(it.entries.every(({ state }) => state === "refused")).toBe(true);
  });

  test("the caller can't be read: told, and nothing is written", async () => {
    const it = world();
    it.deniedCallers.add(APP);
    expect(await it.review()).toMatchObject({ written: [], findings: [{ kind: "caller-write-refused" }] });
    expect([it.entries, it.writes]).toEqual([[], []]);
  });

  test("the caller was deleted before it was read: told, and nothing is written", async () => {
    const it = world();
    it.beforeRead = (caller) => it.holders.delete(caller);
    expect(await it.review()).toMatchObject({ written: [], findings: [{ severity: "low" }], again: undefined });
    expect(it.entries).toEqual([]);
    await it.review();
    expect(it.published.map(({ kind }) => kind)).toEqual(["problem", "resolved"]);
  });

  test("the caller was deleted before it was written to: told, and the entry is abandoned", async () => {
    const it = world();
    it.refusal = () => ({ kind: "gone" });
    expect(await it.review()).toMatchObject({ written: [], findings: [{ severity: "low" }] });
    expect(it.entries).toMatchObject([{ state: "abandoned" }]);
  });

  test("the whole account can't be read: told once, nothing is written, and again after it could be", async () => {
    const it = world();
    it.accountDenied = "explicit deny in a service control policy";
    for (const _ of "12") expect(await it.review()).toEqual({ kind: "unreadable" });
    expect(it.published).toMatchObject([{ kind: "problem", severity: "high", callers: [] }]);
    expect([it.entries, it.writes, it.queued]).toEqual([[], [], []]);
    it.accountDenied = undefined;
    await it.review();
    it.accountDenied = "no";
    await it.review();
    expect(it.published.map(({ kind }) => kind)).toEqual(["problem", "repaired", "resolved", "problem"]);
  });
});
