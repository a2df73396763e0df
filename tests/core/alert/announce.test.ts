/** One tells people, in order, whatever happens beside it. */
import { describe, expect, test } from "vitest";
import type { Alert } from "../../../packages/core/src/alert/alert.ts";
import { announce } from "../../../packages/core/src/alert/announce.ts";
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import type { Channel } from "../../../packages/core/src/channel/channel.ts";
import { A, B, BOB, DAY, HOUR, MINUTE } from "../finding/records.ts";
import { KEY } from "../support/world.ts";
import { inShort, TellingWorld } from "./world.ts";

function inbox(name: string) {
  const got: Alert[] = [];
  const it = {
    name,
    deduplicates: false,
    down: false,
    got,
    deliver: async (alert: Alert) => {
      if (it.down) throw new Error(`${name} is down`);
      got.push(alert);
    },
  };
  return it satisfies Channel & object;
}

describe("a channel that refuses", () => {
  test("holds up no other, gets what it missed later, in order, and all of it once", async () => {
    const it = new TellingWorld();
    const [good, bad] = [inbox("good"), inbox("bad")];
    it.people.channels = [bad, good];
    bad.down = true;
    await it.look([{ severity: "high" }]);
    expect(await it.people.run()).toMatchObject({ delivered: [{ channel: "good" }], failed: [{ channel: "bad" }] });
    await it.pass(MINUTE).look([{ severity: "critical" }]);
    await it.people.run();
    expect(good.got).toHaveLength(2);
    expect(bad.got).toEqual([]);
    bad.down = false;
    await it.pass(MINUTE).people.run();
    expect(bad.got.map(({ id }) => id)).toEqual(good.got.map(({ id }) => id));
    expect(it.people.dispatches.size).toBe(0);
    expect(await it.people.run()).toMatchObject({ delivered: [], failed: [] });
  });

  test("is asked once in a run, and gets nothing out of order", async () => {
    const it = new TellingWorld();
    let asked = 0;
    const bad: Channel = {
      name: "bad",
      deduplicates: false,
      deliver: async () => {
        asked++;
        throw new Error("down");
      },
    };
    it.people.channels = [bad];
    await it.look([{}]);
    await it.look([{ kind: "email-unconfirmed" }], { subject: "guard" }, BOB);
    await it.people.run();
    expect(asked).toBe(1);
  });

  test("for three days is given up for that alert, and gets the next ones", async () => {
    const it = new TellingWorld();
    const bad = inbox("bad");
    it.people.channels = [bad];
    bad.down = true;
    await it.look([{}]);
    await it.people.run();
    bad.down = false;
    await it.pass(3 * DAY + 1).look([{ severity: "critical" }]);
    await it.people.run();
    expect(bad.got.map(({ findings }) => findings[0]?.change)).toEqual(["worsened"]);
    expect(it.people.dispatches.size).toBe(0);
  });
});

test("of two that want to tell, one is busy, and comes back later, with the day's telling where it was for that", async () => {
  const it = new TellingWorld();
  await it.look([{}]);
  it.people.wakes.length = 0;
  let other: Promise<unknown> | undefined;
  const { settings } = it.people;
  const silences = {
    all: async () => {
      other ??= announce({ daily: true }, it.people, settings);
      expect(await other).toEqual({ kind: "busy" });
      return [];
    },
  };
  await announce({ daily: false }, { ...it.people, silences }, settings);
  expect(inShort(it.people.published)).toEqual(["problem: blocked-by-deny opened"]);
  expect(it.people.wakes).toEqual([{ seconds: 30, daily: true }]);
});

test("woken twice, or for nothing, it tells nothing twice", async () => {
  const it = new TellingWorld();
  await it.look([{}]);
  await it.look([{}]);
  expect(await it.tell()).toHaveLength(1);
  for (let i = 0; i < 3; i++) expect(await it.tell()).toEqual([]);
  expect(it.people.emitted).toHaveLength(1);
});

describe("what is noted while people are told", () => {
  /** Notes it right before the announcer's n-th write to a finding's record. */
  async function meanwhile(it: TellingWorld, n: number, noted: () => Promise<void>): Promise<boolean> {
    let writes = 0;
    const findings = {
      ...it.people.findings,
      put: async (record: Parameters<typeof it.people.findings.put>[0]) => {
        if (++writes === n) await noted();
        return it.people.findings.put(record);
      },
    };
    await announce({ daily: false }, { ...it.people, findings }, it.people.settings);
    return writes >= n;
  }

  test.each([1, 2, 3, 4, 5, 6])("is told next, and is an event, where it comes before write %i of it", async (n) => {
    const it = new TellingWorld();
    await it.look([{}, { kind: "policy-full" }]);
    const happened = await meanwhile(it, n, () =>
      it.look([{ severity: "critical", agents: [A, B] }, { kind: "policy-full" }]),
    );
    if (!happened) await it.look([{ severity: "critical", agents: [A, B] }, { kind: "policy-full" }]);
    await it.tell();
    const told = it.people.published
      .flatMap(({ findings }) => findings)
      .filter(({ kind }) => kind === "blocked-by-deny");
    expect(told.at(-1)).toMatchObject({ severity: "critical", agents: [A, B] });
    expect(it.people.emitted.map(({ finding }) => `${finding.kind} ${finding.change}`).sort()).toEqual([
      "blocked-by-deny opened",
      "blocked-by-deny worsened",
      "policy-full opened",
    ]);
  });

  test.each([1, 2, 3, 4])("is told as over, where that comes before write %i", async (n) => {
    const it = new TellingWorld();
    await it.look([{ severity: "low" }]);
    await it.tell();
    await it.look([{ severity: "critical" }]);
    const happened = await meanwhile(it, n, () => it.look([]));
    if (!happened) await it.look([]);
    await it.tell();
    expect(inShort(it.people.published).at(-1)).toBe("resolved: blocked-by-deny resolved");
  });
});

describe("a storm", () => {
  test("of 500 findings that one actor brings about within a quarter of an hour is told in three messages", async () => {
    const it = new TellingWorld({ paced: true });
    for (let n = 0; n < 500; n++) {
      const key = KEY.replace(/.{4}$/, String(n).padStart(4, "0")) as KeyArn;
      await it.pass(1_800).look([{ key }], { subject: key });
      await it.tell();
    }
    expect(it.people.published.length).toBeLessThanOrEqual(3);
    await it.pass(15 * MINUTE).tell();
    expect(it.people.published.length).toBeLessThanOrEqual(4);
    const refs = it.people.published.flatMap(({ findings }) => findings.flatMap((one) => one.refs));
    const more = it.people.published.map(({ headline }) => Number(/and (\d+) more/.exec(headline)?.[1] ?? 0) + 1);
    expect(more.reduce((sum, one) => sum + one)).toBe(500);
    expect(new Set(refs).size).toBe(refs.length);
  });

  test("asks to be woken when its next alert is due, and holds back nobody else's", async () => {
    const it = new TellingWorld({ paced: true });
    await it.look([{}]);
    await it.tell();
    await it.pass(MINUTE).look([{}, { kind: "policy-full" }]);
    await it.look([{ kind: "email-unconfirmed" }], { subject: "guard" }, BOB);
    it.people.wakes.length = 0;
    expect(inShort(await it.tell())).toEqual(["problem: email-unconfirmed opened"]);
    expect(it.people.wakes).toEqual([{ seconds: 240, daily: false }]);
    expect(inShort(await it.pass(4 * MINUTE).tell())).toEqual(["problem: policy-full opened"]);
  });

  test("is told at once to programs, each finding by itself", async () => {
    const it = new TellingWorld({ paced: true });
    for (const problems of [[{}], [{}, { kind: "policy-full" }]] as const) {
      await it.look(problems);
      await it.tell();
    }
    expect(it.people.emitted).toHaveLength(2);
  });

  test("does not begin anew while it goes on, and does when it was calm for an hour", async () => {
    const it = new TellingWorld({ paced: true });
    await it.look([{}]);
    expect(await it.tell()).toHaveLength(1);
    await it.pass(HOUR - 1).look([{}, { kind: "policy-full" }]);
    expect(await it.tell()).toHaveLength(1);
    await it.pass(MINUTE).look([{}, { kind: "policy-full" }, { kind: "key-unusable" }]);
    expect(await it.tell()).toEqual([]);
    expect(await it.pass(HOUR).tell()).toHaveLength(1);
  });
});
