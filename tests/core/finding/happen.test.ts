/** What happened rather than stands: each occurrence counts once, and the same again is remembered for a month. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toldOf } from "../../../packages/core/src/alert/telling.ts";
import { keepsOn } from "../../../packages/core/src/finding/life.ts";
import { runs } from "../laws/runs.ts";
import { A, ALICE, B, BOB, DAY, HOUR, iso, type Problem, problem, Records } from "./records.ts";

const REPAIR: Problem = { kind: "access-missing", severity: "medium" };

function repair(occurrence: string, actor: string | undefined = undefined, of: Problem = {}) {
  return { finding: problem({ ...REPAIR, ...of }), occurrence, actor };
}

const someRepairs = fc.array(
  fc.record({ occurrence: fc.constantFrom("w1", "w2", "w3", "w4"), actor: fc.constantFrom(ALICE, BOB) }),
  { minLength: 1, maxLength: 12 },
);

test("each occurrence counts once, in whatever order and however often it is noted", () => {
  fc.assert(
    fc.property(someRepairs, (noted) => {
      const records = new Records();
      noted.forEach(({ occurrence, actor }, i) => {
        records.happen(i * HOUR, repair(occurrence, actor));
      });
      const { occurrences, begun, sequence, actors } = records.only();
      const each = new Set(noted.map((one) => one.occurrence));
      expect(new Set(occurrences)).toEqual(each);
      for (const count of [occurrences.length, begun.length, sequence]) expect(count).toBe(each.size);
      expect(actors.flatMap(({ at }) => at)).toHaveLength(each.size);
    }),
    runs(200),
  );
});

test("noted again it is the very same record, which is not to be written", () => {
  const records = new Records();
  const record = records.happen(0, repair("w1"));
  expect(records.happen(DAY, repair("w1"))).toBe(record);
});

test("a write is over as soon as it is seen; what needs somebody's attention stays open, whatever looks see", () => {
  const records = new Records();
  expect(records.happen(0, repair("w1"))).toMatchObject({ state: "resolved", resolved: { at: iso(0), by: "guard" } });
  const lost = {
    finding: problem({ kind: "update-overwritten", severity: "critical" }),
    occurrence: "e1",
    actor: undefined,
  };
  expect(records.happen(0, lost)).toMatchObject({ state: "open", resolved: undefined });
  expect(records.look({ ...lookNothing(DAY) })).toEqual([]);
});

function lookNothing(ms: number) {
  return {
    subject: problem().key ?? "guard",
    at: iso(ms),
    causes: [{ kind: "sweep", id: "s", at: iso(ms), whole: true }],
    findings: [],
    names: new Map(),
    isComplete: true,
    mendedBy: "others",
  } as const;
}

describe("the same repair", () => {
  test("within thirty days is the same one again, and after that a new one", () => {
    for (const [pause, again, times] of [
      [30 * DAY - 1, true, 2],
      [30 * DAY, false, 1],
    ] as const) {
      const records = new Records();
      records.happen(0, repair("w1"));
      records.change((one) => toldOf(one, one.sequence, { at: iso(0), thread: "t" }));
      const record = records.happen(pause, repair("w2"));
      expect(record.news).toMatchObject([{ change: "happened", again }]);
      expect(record.begun).toHaveLength(times);
      expect(record.told.at).toHaveLength(again ? 1 : 0);
    }
  });

  test("that gives more, or is graver, is told of like a new one", () => {
    for (const more of [{ agents: [A, B] }, { severity: "high" }, { about: ["a role"] }] as const) {
      const records = new Records();
      records.happen(0, repair("w1"));
      expect(records.happen(DAY, repair("w2", undefined, more)).news.at(-1)).toMatchObject({ again: false });
    }
  });
});

describe("an actor keeps undoing repairs", () => {
  const undone = (times: readonly (readonly [number, string])[]) => {
    const records = new Records();
    times.forEach(([days, actor], i) => {
      records.happen(days * DAY, repair(`w${i}`, actor));
    });
    return records.only();
  };
  const changes = (times: readonly (readonly [number, string])[]) => undone(times).news.map(({ change }) => change);

  test("where it did so three times over two weeks, which is told once", () => {
    const always = [0, 7, 14, 21].map((days) => [days, ALICE] as const);
    expect(changes(always)).toEqual(["happened", "happened", "recurring", "recurring"]);
    expect(keepsOn(undone(always))?.actor).toBe(ALICE);
    const records = new Records();
    for (const [i, days] of [0, 7, 14, 21, 28].entries()) {
      const record = records.happen(days * DAY, repair(`w${i}`, ALICE));
      const change = record.news.at(-1)?.change;
      expect(change).toBe(days === 14 ? "recurring" : "happened");
      records.change((one) => toldOf(one, one.sequence, { at: iso(days * DAY), thread: "t" }));
    }
  });

  test.each([
    ["two times", [0, 14], [ALICE, ALICE]],
    ["three times within two weeks", [0, 7, 13.9], [ALICE, ALICE, ALICE]],
    ["three times by different ones", [0, 7, 14], [ALICE, BOB, ALICE]],
  ] as const)("and not where it was %s", (_, days, actors) => {
    const times = days.map((day, i) => [day, actors[i] ?? ALICE] as const);
    expect(changes(times)).not.toContain("recurring");
  });
});
