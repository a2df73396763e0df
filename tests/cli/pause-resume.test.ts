import { describe, expect, test } from "vitest";
import { pause } from "../../packages/cli/src/operate/pause.ts";
import { resume } from "../../packages/cli/src/operate/resume.ts";
import type { Hold } from "../../packages/core/src/ports.ts";
import { KEY, World } from "../core/support/world.ts";
import { ANA, FakeDesk, type Habits, repairedWorld, TABLE } from "./fake-desk.ts";

const WHY = ["--reason", "change freeze"];
const ALL = [...TABLE, "--region", "eu-west-1"];
const HOLD: Hold = { kind: "contest", by: "guard", reason: "removed three times", at: "2026-11-23T09:00:00.000Z" };
const UNREADABLE = Object.assign(new Error("the item can't be read"), { name: "UnreadableItemError" });

async function runs(command: typeof pause, args: readonly string[], habits: Habits = {}, world?: World) {
  const desk = new FakeDesk(world ?? (await repairedWorld()), habits);
  return { desk, code: await command(args, desk) };
}

describe("pause KEY", () => {
  test("puts the key on hold after a yes", async () => {
    const world = await repairedWorld();
    const { desk, code } = await runs(pause, [KEY, ...TABLE, ...WHY], { types: "yes" }, world);
    expect(code).toBe(0);
    expect(world.heldKeys.get(KEY)).toMatchObject({ kind: "person", by: ANA.arn, reason: "change freeze" });
    expect(desk.asked).toEqual(["\ntype yes to pause the guard for this key: "]);
    expect(desk.pause).toEqual({ kind: "off" });
  });

  test("does nothing after a no, and refuses where nobody can be asked", async () => {
    const world = await repairedWorld();
    expect((await runs(pause, [KEY, ...TABLE, ...WHY], { types: "no" }, world)).code).toBe(1);
    await expect(runs(pause, [KEY, ...TABLE, ...WHY], {}, world)).rejects.toThrow("add `--yes`");
    expect([...world.heldKeys]).toEqual([]);
  });

  test("needs a reason", async () => {
    await expect(runs(pause, [KEY, ...TABLE, "--yes"])).rejects.toThrow("`pause` needs `--reason`");
    await expect(runs(pause, [KEY, ...TABLE, "--yes", "--reason", " "])).rejects.toThrow("`--reason` is empty");
    await expect(runs(pause, [KEY, ...TABLE, "--yes", "--reason", "x".repeat(501)])).rejects.toThrow("say it in 500");
  });

  test("refuses a key that KMS does not know: the one that was meant would not be paused", async () => {
    const world = new World();
    const { desk, code } = await runs(pause, [KEY, ...TABLE, ...WHY, "--yes"], {}, world);
    expect([code, [...world.heldKeys]]).toEqual([1, []]);
    expect(desk.errors.join().replaceAll("\n", " ")).toContain("KMS knows no key");
  });

  test("shows the hold that it replaces, one that can't be read too", async () => {
    const world = await repairedWorld();
    world.heldKeys.set(KEY, HOLD);
    const { desk } = await runs(pause, [KEY, ...TABLE, ...WHY], { types: "no" }, world);
    expect(desk.out).toContain("on hold  since 2026-11-23T09:00:00.000Z (contest), by guard: removed three times");
    const holds = { ...world.holds, of: () => Promise.reject(UNREADABLE) };
    const again = await runs(pause, [KEY, ...TABLE, ...WHY, "--yes"], { guard: { holds } }, world);
    expect([again.code, world.heldKeys.get(KEY)?.kind]).toEqual([0, "person"]);
    expect(again.desk.out).toContain("on hold  the item can't be read");
  });

  test("doubts a table that no sweep was started with", async () => {
    const world = await repairedWorld();
    const doubt = "is it the guard's?";
    expect((await runs(pause, [KEY, ...TABLE, ...WHY, "--yes"], {}, world)).desk.out).toContain(doubt);
    await world.sweepLog.started("sweep-1", "2026-11-23T08:00:00.000Z");
    expect((await runs(pause, [KEY, ...TABLE, ...WHY, "--yes"], {}, world)).desk.out).not.toContain(doubt);
  });
});

describe("pause without a key", () => {
  test("throws the kill switch after a yes, in the caller's name", async () => {
    const { desk, code } = await runs(pause, [...ALL, ...WHY], { types: "YES " });
    expect(code).toBe(0);
    expect(desk.pause).toEqual({ kind: "paused", by: ANA.arn, reason: "change freeze" });
    expect(desk.out).toContain("The guard will write to NO key");
    expect(desk.places).toEqual([{ table: "guard-table", region: "eu-west-1" }]);
  });

  test("does nothing after a no", async () => {
    const { desk, code } = await runs(pause, [...ALL, ...WHY], { types: "no" });
    expect([code, desk.pause]).toEqual([1, { kind: "off" }]);
  });
});

describe("resume KEY", () => {
  test("replaces the hold by one that says it was lifted, by whom and when", async () => {
    const world = await repairedWorld();
    world.heldKeys.set(KEY, HOLD);
    const { desk, code } = await runs(resume, [KEY, ...TABLE], { types: "yes" }, world);
    expect(code).toBe(0);
    expect(world.heldKeys.get(KEY)).toMatchObject({ kind: "lifted", by: ANA.arn });
    expect(world.heldKeys.get(KEY)?.at.startsWith("2026-11-23T10:01:")).toBe(true);
    expect(desk.out).toContain("removed three times");
  });

  test("does nothing after a no", async () => {
    const world = await repairedWorld();
    world.heldKeys.set(KEY, HOLD);
    const { code } = await runs(resume, [KEY, ...TABLE], { types: "no" }, world);
    expect([code, world.heldKeys.get(KEY)]).toEqual([1, HOLD]);
  });

  test("writes and asks nothing where there is no hold, or it was lifted already", async () => {
    const world = await repairedWorld();
    const lifted: Hold = { ...HOLD, kind: "lifted" };
    for (const hold of [undefined, lifted]) {
      if (hold) world.heldKeys.set(KEY, hold);
      const { desk, code } = await runs(resume, [KEY, ...TABLE], { types: "yes" }, world);
      expect([code, desk.asked, world.heldKeys.get(KEY)]).toEqual([0, [], hold]);
      expect(desk.out).toContain("the key is not on hold");
    }
  });

  test("says so where the whole guard is paused nevertheless", async () => {
    const world = await repairedWorld();
    world.heldKeys.set(KEY, HOLD);
    const guard = { killSwitch: { read: async () => ({ kind: "paused", by: "ana", reason: "freeze" }) as const } };
    const { desk } = await runs(resume, [KEY, ...TABLE, "--yes"], { guard }, world);
    expect(desk.out).toContain("the whole guard is paused");
    expect(desk.out).toContain("  resume-guard");
  });
});

describe("resume without a key", () => {
  test("lifts the kill switch after a yes, and shows who threw it", async () => {
    const desk = new FakeDesk(await repairedWorld(), { types: "yes" });
    desk.pause = { kind: "paused", by: "bob", reason: "change freeze" };
    expect(await resume(ALL, desk)).toBe(0);
    expect(desk.pause).toEqual({ kind: "off" });
    expect(desk.out).toContain("paused   by bob: change freeze");
  });

  test("writes and asks nothing where the guard is not paused", async () => {
    const { desk, code } = await runs(resume, ALL, { types: "yes" });
    expect([code, desk.asked]).toEqual([0, []]);
    expect(desk.out).toContain("the guard is not paused");
  });

  test("lifts a switch that can't be read: a person decides", async () => {
    const done: string[] = [];
    const guard = {
      killSwitch: { read: () => Promise.reject(UNREADABLE) },
      lever: { pause: async () => {}, resume: async () => void done.push("lifted") },
    };
    expect((await runs(resume, [...ALL, "--yes"], { guard })).code).toBe(0);
    expect(done).toEqual(["lifted"]);
  });
});

test.each([
  ["ResourceNotFoundException", "give `--table` as the deployment printed it"],
  ["CredentialsProviderError", "log in to the guard's account first"],
  ["AccessDeniedException", "`--help` lists what they need"],
])("a call that fails with %s is told with the way out, and nothing is done", async (code, way) => {
  const failure = Object.assign(new Error("`dynamodb:GetItem` failed"), { name: "AwsCallError", code });
  const world = await repairedWorld();
  const guard = { holds: { ...world.holds, of: () => Promise.reject(failure) } };
  const { desk, code: exit } = await runs(resume, [KEY, ...TABLE, "--yes"], { guard }, world);
  expect([exit, desk.printed]).toEqual([1, []]);
  expect(desk.errors.join()).toContain(`\`dynamodb:GetItem\` failed; `);
  expect(desk.errors.join()).toContain(way);
});
