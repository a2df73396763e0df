/** The laws of a finding's life: what looks write down, whatever they saw and in whatever order. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toldOf } from "../../../packages/core/src/alert/telling.ts";
import { isWorse } from "../../../packages/core/src/finding/finding.ts";
import type { Observation } from "../../../packages/core/src/finding/life.ts";
import type { FindingRecord } from "../../../packages/core/src/finding/record.ts";
import { runs } from "../laws/runs.ts";
import { A, B, DAY, HOUR, history, lookAt, MINUTE, Records, type Step, someProblem } from "./records.ts";

interface Moment {
  readonly records: Records;
  readonly seen: Observation;
  readonly before: ReadonlyMap<string, FindingRecord>;
}

/** Plays the looks, and judges each. */
function play(steps: readonly Step[], judge: (moment: Moment) => void): Records {
  const records = new Records();
  let now = 0;
  for (const { after, problems, isComplete, isTold } of steps) {
    now += after;
    const before = new Map(records.byId);
    const seen = lookAt(now, problems, { isComplete });
    records.look(seen);
    judge({ records, seen, before });
    if (isTold) records.change((one) => toldOf(one, one.sequence, { at: seen.at, thread: "t" }));
  }
  return records;
}

describe("whatever looks see", () => {
  test("seeing the same again changes nothing, but the hour at which it was last seen", () => {
    fc.assert(
      fc.property(history, fc.nat(HOUR - 1), (steps, later) => {
        play(steps, ({ records, seen }) => {
          expect(records.look(seen)).toEqual([]);
          const again = { ...seen, at: new Date(Date.parse(seen.at) + later).toISOString() };
          const known = new Map(records.byId);
          for (const one of records.look(again)) {
            expect(one).toEqual({ ...known.get(one.id), lastSeenAt: again.at });
          }
        });
      }),
      runs(300),
    );
  });

  test("two findings live apart: in which order they are seen makes no difference", () => {
    fc.assert(
      fc.property(
        history,
        fc.uniqueArray(someProblem, { selector: ({ kind }) => kind, minLength: 2 }),
        (steps, both) => {
          const ends = [both, both.toReversed()].map((order) => {
            const records = play(steps, () => {});
            for (const one of order) records.look(lookAt(100 * DAY, [one], { isComplete: false }));
            return records.all;
          });
          expect(ends[1]).toEqual(ends[0]);
        },
      ),
      runs(200),
    );
  });

  test("a finding is open, or it is resolved by somebody at some time, and never both", () => {
    fc.assert(
      fc.property(history, (steps) => {
        play(steps, ({ records }) => {
          for (const { state, resolved } of records.all) expect(resolved === undefined).toBe(state === "open");
        });
      }),
      runs(200),
    );
  });

  test("what a complete look does not see is over, and an incomplete one takes nothing for over", () => {
    fc.assert(
      fc.property(history, (steps) => {
        play(steps, ({ records, seen, before }) => {
          const found = new Set(seen.findings.map(({ id }) => id));
          for (const { id, state } of records.all) {
            if (found.has(id)) expect(state).toBe("open");
            else expect(state).toBe(seen.isComplete ? "resolved" : before.get(id)?.state);
          }
        });
      }),
      runs(200),
    );
  });

  test("what it is about, and the worst that it was, only grow within a spell", () => {
    fc.assert(
      fc.property(history, (steps) => {
        play(steps, ({ records, before }) => {
          for (const record of records.all) {
            expect(isWorse(record.severity, record.worst)).toBe(false);
            const former = before.get(record.id);
            if (!former || isNewSpell(former, record)) continue;
            expect(record.about).toEqual(expect.arrayContaining([...former.about]));
            expect(isWorse(former.worst, record.worst)).toBe(false);
          }
        });
      }),
      runs(300),
    );
  });

  test("its news are counted without a gap, and none is forgotten before it was passed on", () => {
    fc.assert(
      fc.property(history, (steps) => {
        play(steps, ({ records, before }) => {
          for (const { id, news, sequence } of records.all) {
            const former = before.get(id);
            expect(news.slice(0, former?.news.length ?? 0)).toEqual(former?.news ?? []);
            const fresh = news.slice(former?.news.length ?? 0).map((one) => one.sequence);
            expect(fresh).toEqual(fresh.map((_, i) => (former?.sequence ?? 0) + 1 + i));
            expect(sequence).toBe((former?.sequence ?? 0) + fresh.length);
          }
        });
      }),
      runs(200),
    );
  });

  test("it grows worse by another agent or a higher severity, and by nothing that it was in this spell already", () => {
    fc.assert(
      fc.property(history, (steps) => {
        play(steps, ({ records, before }) => {
          for (const record of records.all) {
            const former = before.get(record.id);
            if (!former || isNewSpell(former, record) || record.state !== "open") continue;
            const grew = record.about.length > former.about.length || isWorse(record.worst, former.worst);
            const isNews = record.news.slice(former.news.length).some(({ change }) => change === "worsened");
            expect(isNews).toBe(grew);
          }
        });
      }),
      runs(300),
    );
  });
});

/** Over for a day and back is another spell, whoever was told of it. */
function isNewSpell(former: FindingRecord, record: FindingRecord): boolean {
  const over = former.resolved?.at;
  return record.state === "open" && over !== undefined && Date.parse(record.openedAt) - Date.parse(over) >= DAY;
}

describe("a finding", () => {
  test("that is back within a day keeps what people were told of it, and starts anew after one", () => {
    for (const [pause, change, told] of [
      [DAY - 1, "reopened", 1],
      [DAY, "opened", 0],
    ] as const) {
      const records = new Records();
      records.look(lookAt(0, [{}]));
      records.change((one) => toldOf(one, one.sequence, { at: one.openedAt, thread: "t" }));
      records.look(lookAt(HOUR, []));
      records.look(lookAt(HOUR + pause, [{}]));
      const record = records.only();
      expect(record.news.map((one) => one.change)).toEqual(["resolved", change]);
      expect(record.told.at).toHaveLength(told);
      expect(record.begun).toHaveLength(2);
    }
  });

  test("that is back and worse than it was is told as worse, though its end was never told", () => {
    const records = new Records();
    records.look(lookAt(0, [{ severity: "high" }]));
    records.change((one) => toldOf(one, one.sequence, { at: one.openedAt, thread: "t" }));
    records.look(lookAt(MINUTE, []));
    records.look(lookAt(2 * MINUTE, [{ severity: "critical", agents: [A, B] }]));
    expect(records.only().news.map(({ change }) => change)).toEqual(["resolved", "reopened", "worsened"]);
  });

  test("that a look saw a part of is not made smaller by it", () => {
    const records = new Records();
    const names = new Map([
      [A, "bot-a"],
      [B, "bot-b"],
    ]);
    records.look(lookAt(0, [{ agents: [B, A] }], { names }));
    expect(records.look(lookAt(MINUTE, [{ agents: [A] }], { isComplete: false }))).toEqual([]);
    const before = records.only();
    records.look(lookAt(HOUR, [{ agents: [A] }], { isComplete: false }));
    expect(records.only()).toEqual({ ...before, lastSeenAt: lookAt(HOUR, []).at });
    expect(records.only()).toMatchObject({ agents: [B, A], names: [{ name: "bot-b" }, { name: "bot-a" }] });
    records.look(lookAt(2 * HOUR, [{ agents: [A] }]));
    expect(records.only().agents).toEqual([A]);
  });

  test("says when it was last seen, to the hour", () => {
    const records = new Records();
    records.look(lookAt(0, [{}]));
    const [seen] = records.look(lookAt(HOUR, [{}]));
    expect(seen).toMatchObject({ lastSeenAt: lookAt(HOUR, []).at, news: [{ change: "opened" }] });
  });

  test("is over by whoever mended it", () => {
    const records = new Records();
    records.look(lookAt(0, [{}]));
    records.look(lookAt(MINUTE, [], { mendedBy: "guard" }));
    expect(records.only().resolved).toEqual({ at: lookAt(MINUTE, []).at, by: "guard" });
  });
});
