/** `history`, `pause` and `resume` of a role or user. */
import { describe, expect, test } from "vitest";
import { history } from "../../packages/cli/src/operate/history.ts";
import { pause } from "../../packages/cli/src/operate/pause.ts";
import { resume } from "../../packages/cli/src/operate/resume.ts";
import type { Hold } from "../../packages/core/src/ports.ts";
import { World } from "../core/support/world.ts";
import { FakeCallers, GIVEN, given, LINE, ROLE, USER } from "./fake-callers.ts";
import { ANA, FakeDesk, type Habits, TABLE } from "./fake-desk.ts";
import { ACTS_ON_TERMINALS } from "./run-cli.ts";

const PLACE = [...TABLE, "--region", "eu-west-1"];
const WHY = ["--reason", "it moves"];
const HOLD: Hold = { kind: "contest", by: "guard", reason: "removed three times", at: "2026-11-23T09:00:00.000Z" };

async function runs(command: typeof pause, callers: FakeCallers, habits: Habits, ...args: readonly string[]) {
  const desk = new FakeDesk(new World(), { callers, ...habits });
  return { desk, code: await command(args, desk), said: desk.errors.join().replaceAll("\n", " ") };
}

describe("history of a role or user", () => {
  const shown = async (callers: FakeCallers, ...more: readonly string[]) =>
    (await runs(history, callers, {}, ROLE, ...PLACE, ...more)).desk.out;

  test("shows what was given and taken away, newest first, and what became of it", async () => {
    const callers = await given();
    await callers.give(ROLE, undefined);
    const out = await shown(callers);
    expect(out).toContain(`what     added ${LINE}`);
    expect(out.indexOf(`removed ${LINE}`)).toBeLessThan(out.indexOf(`added ${LINE}`));
    expect(out).toContain("state    put: IAM took it; not told yet");
    expect(out).not.toContain(`  + ${LINE}`);
    expect(await shown(callers, "--diff")).toContain(`\n  + ${LINE}`);
  });

  test.each([
    ["opened", "may have added"],
    ["refused", "would have added"],
    ["told", "added"],
  ] as const)("of an entry that is `%s` it says `%s`", async (state, says) => {
    const callers = await given();
    callers.entries.splice(0, 1, ...callers.entries.map((entry) => ({ ...entry, state })));
    expect(await shown(callers)).toContain(`what     ${says} agent`);
  });

  test("says how many more there are than fit a line", async () => {
    const callers = await given();
    callers.entries.splice(0, 1, ...callers.entries.map((one) => ({ ...one, diff: ["+ a", "+ b", "- c"] })));
    expect(await shown(callers)).toContain("what     added a, and 1 more; removed c");
    callers.entries.splice(0, 1, ...callers.entries.map((one) => ({ ...one, diff: [] })));
    expect(await shown(callers)).toContain("what     no access differs");
  });

  test("shows the hold with the command that lifts it", async () => {
    const callers = await given();
    callers.held.set(ROLE, HOLD);
    const out = await shown(callers);
    expect(out).toContain("on hold  since 2026-11-23T09:00:00.000Z (contest), by guard: removed three times");
    expect(out).toContain(`\n  resume-caller ${ROLE}`);
  });

  test("says so where there is nothing", async () => {
    expect((await shown(new FakeCallers())).replaceAll("\n", " ")).toContain(
      "nothing was ever written to this role's policy",
    );
  });

  test("as JSON it has the policies before and after, null where there was none", async () => {
    const out = JSON.parse(await shown(await given(), "--json"));
    expect(out).toMatchObject({ caller: ROLE, hold: null, more: false });
    expect(out.entries).toMatchObject([{ action: "give", before: null, after: GIVEN, diff: [`+ ${LINE}`] }]);
  });

  test("nothing in an entry acts on a terminal", async () => {
    const callers = await given();
    callers.entries.splice(0, 1, ...callers.entries.map((one) => ({ ...one, diff: ["+ \u001b[2Jx\u202ey\r"] })));
    for (const args of [["--diff"], ["--json"]]) expect(await shown(callers, ...args)).not.toMatch(ACTS_ON_TERMINALS);
  });
});

describe("pause of a role or user", () => {
  test("puts it on hold after a yes", async () => {
    const callers = new FakeCallers();
    const { desk, code } = await runs(pause, callers, { types: "yes" }, USER, ...PLACE, ...WHY);
    expect(code).toBe(0);
    expect(callers.held.get(USER)).toMatchObject({ kind: "person", by: ANA.arn, reason: "it moves" });
    expect(desk.asked).toEqual(["\ntype yes to pause the guard for this user: "]);
    expect(desk.out).toContain(`\n  resume-caller ${USER}`);
  });

  test("refuses one that IAM does not know, and goes on with one that can't be read, saying so", async () => {
    const callers = new FakeCallers();
    callers.policies.delete(ROLE);
    const gone = await runs(pause, callers, { types: "yes" }, ROLE, ...PLACE, ...WHY);
    expect([gone.code, callers.held.size]).toEqual([1, 0]);
    expect(gone.said).toContain(`IAM knows no role \`${ROLE}\``);
    callers.unreadable = true;
    const denied = await runs(pause, callers, { types: "yes" }, ROLE, ...PLACE, ...WHY);
    expect([denied.code, callers.held.get(ROLE)?.kind]).toEqual([0, "person"]);
    expect(denied.desk.out).toContain("Whether there is such a role can't be read");
  });

  test("does nothing after a no", async () => {
    const callers = new FakeCallers();
    expect((await runs(pause, callers, { types: "no" }, ROLE, ...PLACE, ...WHY)).code).toBe(1);
    expect(callers.held.size).toBe(0);
  });
});

describe("resume of a role or user", () => {
  test("replaces the hold by one that says it was lifted", async () => {
    const callers = new FakeCallers();
    callers.held.set(ROLE, HOLD);
    const { desk, code } = await runs(resume, callers, { types: "yes" }, ROLE, ...PLACE, "--json");
    expect(code).toBe(0);
    expect(callers.held.get(ROLE)).toMatchObject({ kind: "lifted", by: ANA.arn });
    expect(JSON.parse(desk.out)).toMatchObject({ result: "resumed", caller: ROLE, hold: { kind: "lifted" } });
    expect(desk.noted.join().replaceAll("\n", " ")).toContain("where it lacks the key of an agent");
  });

  test("asks nothing where there is no hold", async () => {
    const { desk, code } = await runs(resume, new FakeCallers(), { types: "yes" }, ROLE, ...PLACE);
    expect([code, desk.asked]).toEqual([0, []]);
    expect(desk.out).toContain("the role is not on hold");
  });
});
