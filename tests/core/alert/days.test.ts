/** What is told once a day: what is critical and still stands, and whatever else there is. */
import { describe, expect, test } from "vitest";
import { A, B, DAY, HOUR, iso, MINUTE } from "../finding/records.ts";
import { inShort, TellingWorld } from "./world.ts";

/** The test's time begins on a Monday. */
const TUESDAY = DAY;

async function digests(it: TellingWorld) {
  return (await it.tell(true)).filter(({ kind }) => kind === "digest");
}

async function reminders(it: TellingWorld) {
  return (await it.tell(true)).filter(({ kind }) => kind === "reminder");
}

function linesOf(alert: { readonly sections: readonly { title: string; lines: readonly string[] }[] } | undefined) {
  return Object.fromEntries(alert?.sections.map(({ title, lines }) => [title, lines]) ?? []);
}

describe("a digest", () => {
  test("is sent where there is news, and otherwise on Mondays, with all that is open", async () => {
    const it = new TellingWorld();
    it.pass(TUESDAY);
    await it.look([{ severity: "medium" }]);
    await it.tell();
    const sent: string[] = [];
    for (let day = 1; day <= 14; day++) {
      it.pass(DAY);
      for (const alert of await digests(it))
        sent.push(`${new Date(alert.at).getUTCDay()} ${Object.keys(linesOf(alert))}`);
    }
    expect(sent).toEqual(["1 Open", "1 Open"]);
  });

  test("is not sent on a Monday where nothing is open", async () => {
    expect(await digests(new TellingWorld())).toEqual([]);
  });

  test("holds what nobody was told of at once: what began, grew worse or is over, and each write", async () => {
    const it = new TellingWorld().pass(TUESDAY);
    it.people.settings = { ...it.people.settings, atOnceFrom: "critical" };
    await it.look([{ severity: "medium" }, { kind: "policy-full" }, { kind: "key-unusable" }]);
    await it.repair();
    expect(await it.tell()).toEqual([]);
    expect(Object.keys(linesOf((await digests(it.pass(HOUR)))[0]))).toEqual([
      "Written since the last digest",
      "Began since the last digest",
      "Open",
    ]);
    it.pass(DAY);
    await it.look([{ severity: "high" }, { kind: "policy-full" }]);
    await it.repair();
    const [second] = await digests(it.pass(HOUR));
    expect(Object.keys(linesOf(second))).toEqual([
      "Repaired again",
      "Grown worse since the last digest",
      "Over since the last digest",
      "Open",
    ]);
    expect(linesOf(second)["Repaired again"]?.[0]).toMatch(/^2 times within 30 days, last .*; undone by .*alice \(2\)/);
    expect(second?.subject).toBe("2 open, 1 grown worse, 1 repaired again, 1 over");
    expect(await digests(it.pass(DAY))).toEqual([]);
  });

  test("does not begin with what people were told at once", async () => {
    const it = new TellingWorld().pass(TUESDAY);
    await it.look([{ severity: "medium" }]);
    await it.repair();
    expect(await it.tell()).toHaveLength(1);
    expect(await digests(it.pass(HOUR))).toEqual([]);
    await it.pass(HOUR).look([{ severity: "high" }]);
    await it.tell();
    await it.look([]);
    await it.tell();
    expect(await digests(it.pass(DAY))).toEqual([]);
  });

  test("does not repeat what is told in the same breath, and neither does a reminder", async () => {
    const it = new TellingWorld().pass(TUESDAY);
    await it.look([{ severity: "critical" }]);
    expect(inShort(await it.tell(true))).toEqual(["problem: blocked-by-deny opened"]);
  });

  test("lists what is silenced apart, and nothing that becomes of it makes it be sent", async () => {
    const it = new TellingWorld().pass(TUESDAY);
    await it.look([{ severity: "medium" }]);
    it.silence(it.record("blocked-by-deny").ref);
    await it.tell();
    expect(await digests(it.pass(HOUR))).toEqual([]);
    const [monday] = await digests(it.pass(6 * DAY));
    expect(Object.keys(linesOf(monday))).toEqual(["Silenced"]);
  });

  test("holds what was noted behind the last one, though it was seen before", async () => {
    const it = new TellingWorld().pass(TUESDAY);
    it.people.settings = { ...it.people.settings, atOnceFrom: "critical" };
    await it.tell(true);
    await it.look([{}], { at: iso(it.ms - MINUTE) });
    await it.tell();
    expect(Object.keys(linesOf((await digests(it.pass(DAY)))[0]))).toEqual(["Began since the last digest", "Open"]);
  });

  test("is sent once a day, however often it is asked for", async () => {
    const it = new TellingWorld().pass(TUESDAY);
    await it.look([{ severity: "critical" }]);
    it.people.settings = { ...it.people.settings, atOnceFrom: "low" };
    await it.tell();
    await it.pass(DAY).look([{ severity: "critical", agents: [A, B] }]);
    const told = [...(await it.tell(true)), ...(await it.tell(true)), ...(await it.pass(HOUR).tell(true))];
    expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
    expect(told.filter(({ kind }) => kind === "digest").length).toBeLessThanOrEqual(1);
  });
});

describe("a reminder", () => {
  test("is sent each day while something critical stands, and no longer", async () => {
    const it = new TellingWorld().pass(TUESDAY);
    await it.look([{ severity: "critical" }, { kind: "policy-full", severity: "high" }]);
    await it.tell();
    const sent: string[] = [];
    for (let day = 0; day < 3; day++) sent.push(...inShort(await reminders(it.pass(DAY))));
    expect(sent).toEqual(Array(3).fill("reminder: blocked-by-deny stands"));
    await it.look([]);
    await it.tell();
    expect(await reminders(it.pass(DAY))).toEqual([]);
  });

  test("does not repeat what was told within twenty hours", async () => {
    const it = new TellingWorld().pass(TUESDAY);
    await it.look([{ severity: "critical" }]);
    await it.tell();
    expect(await reminders(it.pass(20 * HOUR - 1))).toEqual([]);
    expect(await reminders(it.pass(DAY))).toHaveLength(1);
  });

  test("says nothing of what is silenced", async () => {
    const it = new TellingWorld().pass(TUESDAY);
    await it.look([{ severity: "critical" }]);
    it.silence(it.record("blocked-by-deny").ref, 3 * DAY);
    await it.tell();
    expect(await reminders(it.pass(DAY))).toEqual([]);
    expect(await reminders(it.pass(3 * DAY))).toHaveLength(1);
  });

  test("says since when, what to do and how to hear no more of it, in the thread of the first alert", async () => {
    const it = new TellingWorld().pass(TUESDAY);
    await it.look([{ severity: "critical" }]);
    const [opened] = await it.tell();
    const [reminder] = await reminders(it.pass(DAY));
    expect(reminder?.headline).toBe("blocked-by-deny: agents fail; so since 2026-11-03 10:00 UTC.");
    expect(reminder?.nextSteps).toContain("Mend it.");
    expect(reminder?.wayBack).toContain(`silence ${it.record("blocked-by-deny").ref}`);
    expect(reminder?.thread).toBe(opened?.thread);
  });
});

test("what happened and nobody acknowledges is told daily for a week, and is then over", async () => {
  const it = new TellingWorld().pass(TUESDAY);
  await it.repair({ kind: "update-overwritten", severity: "critical" });
  await it.tell();
  let sent = 0;
  for (let day = 0; day < 12; day++) sent += (await reminders(it.pass(DAY))).length;
  expect(sent).toBe(6);
  expect(it.record("update-overwritten")).toMatchObject({ state: "resolved", resolved: { by: "others" } });
});
