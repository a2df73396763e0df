/** What people are told at once, and what is left to the digest. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MOST_AT_ONCE } from "../../../packages/core/src/alert/telling.ts";
import { A, B, C, DAY, HOUR, history, MINUTE } from "../finding/records.ts";
import { runs } from "../laws/runs.ts";
import { inShort, TellingWorld } from "./world.ts";

test("a finding is told when it opens, when it grows worse and when it is over, and each time once", async () => {
  const it = new TellingWorld();
  await it.look([{ severity: "high" }]);
  expect(inShort(await it.tell())).toEqual(["problem: blocked-by-deny opened"]);
  expect(await it.tell()).toEqual([]);
  await it.pass(MINUTE).look([{ severity: "critical" }]);
  expect(inShort(await it.tell())).toEqual(["problem: blocked-by-deny worsened"]);
  expect(await it.tell()).toEqual([]);
  await it.pass(MINUTE).look([]);
  expect(inShort(await it.tell())).toEqual(["resolved: blocked-by-deny resolved"]);
  expect(await it.tell()).toEqual([]);
});

test("what was silenced is not told, whatever becomes of it, and what was not is", async () => {
  const it = new TellingWorld();
  await it.look([{}]);
  it.silence(it.record("blocked-by-deny").ref, HOUR);
  expect(await it.tell()).toEqual([]);
  await it.pass(MINUTE).look([{ severity: "critical" }, { kind: "policy-full" }]);
  expect(inShort(await it.tell())).toEqual(["problem: policy-full opened"]);
  // It was told as long as it was silent: that is no news when the silence ends.
  expect(await it.pass(HOUR).tell()).toEqual([]);
  await it.look([{ severity: "critical", agents: [A, B] }, { kind: "policy-full" }]);
  expect(inShort(await it.tell())).toEqual(["problem: blocked-by-deny opened"]);
});

test("what is less severe than the deployment wants at once is not told, until it is as severe", async () => {
  const it = new TellingWorld();
  it.people.settings = { ...it.people.settings, atOnceFrom: "high" };
  await it.look([{ severity: "medium" }, { kind: "policy-full", severity: "high" }]);
  expect(inShort(await it.tell())).toEqual(["problem: policy-full opened"]);
  await it.look([{ severity: "critical" }, { kind: "policy-full", severity: "high" }]);
  expect(inShort(await it.tell())).toEqual(["problem: blocked-by-deny opened"]);
});

describe("of what came and went before anybody was told", () => {
  test("nobody is told at once", async () => {
    const it = new TellingWorld();
    await it.look([{}]);
    await it.pass(MINUTE).look([]);
    expect(await it.tell()).toEqual([]);
  });

  test("it is told as opened where it is back: nobody knows of the first time", async () => {
    const it = new TellingWorld();
    for (const problems of [[{}], [], [{}]]) await it.pass(MINUTE).look(problems);
    expect(inShort(await it.tell())).toEqual(["problem: blocked-by-deny opened"]);
  });

  test("an end that was none is not told", async () => {
    const it = new TellingWorld();
    await it.look([{}]);
    await it.tell();
    for (const problems of [[], [{}]]) await it.pass(MINUTE).look(problems);
    expect(await it.tell()).toEqual([]);
  });

  test("an end that was none is told as worse where it came back worse", async () => {
    const it = new TellingWorld();
    await it.look([{}]);
    await it.tell();
    for (const problems of [[], [{ agents: [A, B] }]]) await it.pass(MINUTE).look(problems);
    expect(inShort(await it.tell())).toEqual(["problem: blocked-by-deny worsened"]);
  });

  test("a return that was none is not told", async () => {
    const it = new TellingWorld();
    await it.look([{}]);
    await it.tell();
    await it.look([]);
    await it.tell();
    for (const problems of [[{}], []]) await it.pass(MINUTE).look(problems);
    expect(await it.tell()).toEqual([]);
  });

  test("programs are told of each", async () => {
    const it = new TellingWorld();
    for (const problems of [[{}], [], [{}]]) await it.pass(MINUTE).look(problems);
    await it.tell();
    expect(it.people.emitted.map(({ finding }) => finding.change)).toEqual(["opened", "resolved", "reopened"]);
  });
});

test("no finding is told of more than three times at once within a spell, whatever becomes of it", async () => {
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const it = new TellingWorld();
      const told = new Map<string, string[]>();
      for (const { after, problems, isComplete, isTold } of steps) {
        await it.pass(after).look(problems, { isComplete });
        if (!isTold) continue;
        for (const { findings } of await it.tell()) {
          for (const { kind, change, since } of findings) {
            if (change === "opened") told.set(kind, []);
            told.set(kind, [...(told.get(kind) ?? []), since]);
          }
        }
        for (const times of told.values()) expect(times.length).toBeLessThanOrEqual(MOST_AT_ONCE);
      }
    }),
    runs(200),
  );
});

describe("what people believe", () => {
  /** What alerts say of a finding, one after another, can follow on one another. */
  const MAY_FOLLOW: Readonly<Record<string, readonly string[]>> = {
    unknown: ["opened"],
    opened: ["worsened", "resolved", "opened"],
    worsened: ["worsened", "resolved", "opened"],
    resolved: ["reopened", "opened"],
    reopened: ["worsened", "resolved", "opened"],
  };

  test("is never contradicted: nothing ends that they do not know of, nor is back that did not end", async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const it = new TellingWorld();
        const last = new Map<string, string>();
        for (const { after, problems, isComplete, isTold } of steps) {
          await it.pass(after).look(problems, { isComplete });
          if (!isTold) continue;
          for (const { kind, change } of (await it.tell()).flatMap(({ findings }) => findings)) {
            expect(MAY_FOLLOW[last.get(kind) ?? "unknown"]).toContain(change);
            last.set(kind, change);
          }
        }
      }),
      runs(200),
    );
  });
});

describe("a repair", () => {
  test("is told the first time; the same one again is for the digest", async () => {
    const it = new TellingWorld();
    await it.repair();
    expect(inShort(await it.tell())).toEqual(["repaired: access-missing happened"]);
    await it.pass(DAY).repair();
    expect(await it.tell()).toEqual([]);
    await it.pass(DAY).repair({ agents: [A, C] });
    expect(inShort(await it.tell())).toEqual(["repaired: access-missing happened"]);
  });

  test("that one actor undoes over weeks is told as that, once", async () => {
    const it = new TellingWorld();
    const told: string[] = [];
    for (let week = 0; week < 6; week++) {
      await it.repair();
      told.push(...inShort(await it.tell()));
      it.pass(7 * DAY);
    }
    expect(told).toEqual(["repaired: access-missing happened", "problem: access-missing recurring"]);
  });
});
