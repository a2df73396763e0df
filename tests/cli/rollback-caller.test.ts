import { describe, expect, test } from "vitest";
import { rollback } from "../../packages/cli/src/operate/rollback.ts";
import { World } from "../core/support/world.ts";
import { type FakeCallers, GIVEN, given, LINE, ROLE, USER } from "./fake-callers.ts";
import { ANA, FakeDesk, type Habits, TABLE } from "./fake-desk.ts";

const PLACE = [...TABLE, "--region", "eu-west-1"];
const failure = (what: string) =>
  Object.assign(new Error(`\`${what}\` failed`), { name: "AwsCallError", code: "TimeoutError" });

async function runs(callers: FakeCallers, habits: Habits, ...more: readonly string[]) {
  const desk = new FakeDesk(new World(), { callers, ...habits });
  const code = await rollback([ROLE, ...PLACE, ...more], desk);
  return { desk, code, said: desk.errors.join(" ").replaceAll("\n", " ") };
}

function expectUntouched(callers: FakeCallers): void {
  expect([callers.policies.get(ROLE), callers.held.size]).toEqual([GIVEN, 0]);
}

describe("rollback of a role or user", () => {
  test("puts back what was there after a yes, and keeps the guard from it", async () => {
    const callers = await given();
    const { desk, code } = await runs(callers, { types: "yes" }, "--reason", "not wanted");
    expect([code, callers.policies.get(ROLE)]).toEqual([0, undefined]);
    expect(callers.held.get(ROLE)).toMatchObject({ kind: "rollback", by: ANA.arn, reason: "not wanted" });
    expect(callers.entries.at(-1)).toMatchObject({ action: "rollback", state: "put", by: ANA.arn });
    expect(desk.out).toContain("done: IAM took the former policy. The guard leaves the role alone");
    expect(desk.out).toContain(`\n  resume-caller ${ROLE}`);
    expect(desk.places).toEqual([{ table: "guard-table", region: "eu-west-1" }]);
  });

  test("calls a user a user", async () => {
    const callers = await given(USER);
    const desk = new FakeDesk(new World(), { callers, types: "yes" });
    expect(await rollback([USER, ...PLACE], desk)).toBe(0);
    expect(callers.policies.get(USER)).toBeUndefined();
    expect(desk.out).toContain("leaves the user alone");
  });

  test("shows what it will do before it asks, and what may come of it", async () => {
    const callers = await given();
    const { desk, code } = await runs(callers, { types: "no" });
    expect(code).toBe(1);
    for (const said of [ROLE, callers.entries[0]?.id, "the give of", `\n  - ${LINE}`, ANA.arn]) {
      expect(desk.out).toContain(said);
    }
    expect(desk.out).toContain("Its inline policy `BedrockKeyGuard` is deleted:");
    expect(desk.out.replaceAll("\n", " ")).toContain("InvokeAgent then fails for it");
    expect(desk.asked).toEqual(["\ntype yes to put the former policy back: "]);
    expectUntouched(callers);
  });

  test("needs a yes, of a terminal or by `--yes`", async () => {
    const callers = await given();
    await expect(runs(callers, {})).rejects.toThrow("there is no terminal to ask on; add `--yes`");
    expectUntouched(callers);
    const { desk, code } = await runs(callers, {}, "--yes", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(desk.out)).toMatchObject({
      result: "written",
      caller: ROLE,
      entry: callers.entries[1]?.id,
      undone: callers.entries[0]?.id,
    });
  });

  test("finds an entry by its id, and says so where there is none", async () => {
    const callers = await given();
    expect((await runs(callers, { types: "yes" }, "--entry", "2020")).said).toContain("has no entry `2020`");
    expectUntouched(callers);
    expect((await runs(callers, { types: "yes" }, "--entry", callers.entries[0]?.id ?? "")).code).toBe(0);
  });

  test("refuses where the policy is not what the entry wrote", async () => {
    const callers = await given();
    callers.policies.set(ROLE, GIVEN.replace("Decrypt", "Sign"));
    const { code, said, desk } = await runs(callers, { types: "yes" });
    expect([code, desk.asked]).toEqual([1, []]);
    expect(said).toContain("it was changed since");
    expect(callers.entries).toHaveLength(1);
  });

  test.each([
    [{ kind: "throttled" }, "nothing was written: IAM is asked too often just now"],
    [{ kind: "gone" }, "nothing was written: the role was deleted meanwhile"],
    [{ kind: "refused", code: "LimitExceeded", message: "too long" }, "IAM refused with `LimitExceeded`: too long"],
  ] as const)("says so where IAM's answer is %o", async (answer, says) => {
    const callers = await given();
    callers.answer = answer;
    const { code, said } = await runs(callers, { types: "yes" });
    expect(code).toBe(1);
    expect(said).toContain(says);
    expectUntouched(callers);
  });

  test("writes nothing where the policy changes, or can't be read any more, while the question is open", async () => {
    const outcomes = [
      [(callers: FakeCallers) => void callers.policies.set(ROLE, "{}"), "the policy was changed since it was shown"],
      [
        (callers: FakeCallers) => {
          callers.unreadable = true;
        },
        "the policy can't be read any more: no identity-based policy allows it",
      ],
    ] as const;
    for (const [meanwhile, says] of outcomes) {
      const callers = await given();
      const desk = new FakeDesk(new World(), { callers, types: "yes" });
      Object.assign(desk.terminal, {
        ask: async () => {
          meanwhile(callers);
          return "yes";
        },
      });
      expect(await rollback([ROLE, ...PLACE], desk)).toBe(1);
      expect(desk.errors.join().replaceAll("\n", " ")).toContain(says);
      expect([callers.held.size, callers.entries.length]).toEqual([0, 1]);
    }
  });

  test("keeps the hold where the answer of IAM was lost, and says that it is not known", async () => {
    const callers = await given();
    callers.afterWrite = () => {
      throw failure("iam:DeleteRolePolicy");
    };
    const { code, said } = await runs(callers, { types: "yes" });
    expect(code).toBe(1);
    expect(said).toMatch(/not known whether IAM took the policy.*show-history.*resume-caller/);
    expect(callers.held.get(ROLE)?.kind).toBe("rollback");
  });

  test("says what stands where a call fails before IAM is asked to change anything", async () => {
    const callers = await given();
    const open = () => Promise.reject(failure("dynamodb:PutItem"));
    const guard = { callers: { ...callers, callerJournal: { ...callers.callerJournal, open } } };
    const { code, said } = await runs(callers, { types: "yes", guard });
    expect(code).toBe(1);
    expect(said).toMatch(/the policy was not written: `dynamodb:PutItem` failed.*leaves the role alone/);
    expect([callers.policies.get(ROLE), callers.held.get(ROLE)?.kind]).toEqual([GIVEN, "rollback"]);
  });

  test("refuses the credentials of another account, and does not hide a bug", async () => {
    const callers = await given();
    const person = { arn: "arn:aws:iam::999999999999:user/eve", account: "999999999999" };
    await expect(runs(callers, { types: "yes", person })).rejects.toThrow("and the role is in account");
    callers.beforeWrite = () => {
      throw new TypeError("a bug");
    };
    await expect(runs(callers, { types: "yes" })).rejects.toThrow("a bug");
  });
});
