import { describe, expect, test } from "vitest";
import { planCallerRollback, rollBackCaller } from "../../../packages/core/src/callers/rollback.ts";
import type { Hold } from "../../../packages/core/src/ports.ts";
import { type FakeCallers, GIVEN, given, LINE, ROLE, USER } from "../../cli/fake-callers.ts";

const ANA = { arn: "arn:aws:iam::111122223333:user/ana", reason: "not wanted" };
const OTHER = GIVEN.replace("BedrockKeyGuard1", "BedrockKeyGuard2");

async function ready(callers: FakeCallers, entry?: string, caller = ROLE) {
  const plan = await planCallerRollback(caller, entry, callers);
  if (plan.kind !== "ready") throw new Error(plan.reason);
  return plan;
}

async function rollBack(callers: FakeCallers, entry?: string, caller = ROLE) {
  return rollBackCaller(await ready(callers, entry, caller), ANA, callers);
}

describe("a rollback of what the guard gave a caller", () => {
  test.each([ROLE, USER])(
    "takes the policy from %s that was not there before, journalled like any write",
    async (caller) => {
      const callers = await given(caller);
      expect((await rollBack(callers, undefined, caller)).kind).toBe("written");
      expect(callers.policies.get(caller)).toBeUndefined();
      expect(callers.entries.at(-1)).toMatchObject({
        action: "rollback",
        by: ANA.arn,
        state: "put",
        before: GIVEN,
        after: undefined,
        diff: [`- ${LINE}`],
        causes: [{ kind: "person", by: ANA.arn, reason: "not wanted" }],
      });
    },
  );

  test("puts the very policy back that was there before", async () => {
    const callers = await (await given()).give(ROLE, OTHER);
    await rollBack(callers);
    expect(callers.policies.get(ROLE)).toBe(GIVEN);
  });

  test("gives back what the guard has taken away", async () => {
    const callers = await given();
    await callers.give(ROLE, undefined);
    await rollBack(callers);
    expect(callers.policies.get(ROLE)).toBe(GIVEN);
    expect(callers.entries.at(-1)?.diff).toEqual([`+ ${LINE}`]);
  });

  test("has its hold before IAM is called: a crash in between leaves the caller on hold", async () => {
    const callers = await given();
    callers.beforeWrite = () => {
      expect(callers.held.get(ROLE)).toMatchObject({ kind: "rollback", by: ANA.arn, reason: "not wanted" });
      expect(callers.entries.at(-1)).toMatchObject({ action: "rollback", state: "opened", before: GIVEN });
      throw new Error("crash");
    };
    await expect(rollBack(callers)).rejects.toThrow("crash");
    expect(callers.held.get(ROLE)?.kind).toBe("rollback");
    expect(callers.entries.at(-1)?.state).toBe("opened");
  });

  test("can itself be undone by rolling back its entry; without an entry it is the guard's latest write that is undone", async () => {
    const callers = await given();
    await rollBack(callers);
    const again = await planCallerRollback(ROLE, undefined, callers);
    expect(again).toMatchObject({ kind: "refused", reason: expect.stringContaining("already what it was before") });
    await rollBack(callers, callers.entries.at(-1)?.id);
    expect(callers.policies.get(ROLE)).toBe(GIVEN);
  });

  test("is noted before IAM is called, so that the next review tells of it; what people were told stays", async () => {
    const callers = await given();
    callers.beforeWrite = () => expect(callers.noted).toEqual(["another", ROLE].sort());
    await rollBack(callers);
    expect(callers.noted).toContain(ROLE);
  });

  test("plans without writing anything", async () => {
    const callers = await given();
    await ready(callers);
    expect([callers.policies.get(ROLE), callers.entries.length, callers.held.size]).toEqual([GIVEN, 1, 0]);
  });
});

describe("a rollback is refused", () => {
  async function reason(callers: FakeCallers, entry?: string): Promise<string> {
    const plan = await planCallerRollback(ROLE, entry, callers);
    return plan.kind === "refused" ? plan.reason : "it was not";
  }

  test("when the policy has changed since, or was taken away by somebody else and that is not what it was before", async () => {
    const callers = await (await given()).give(ROLE, OTHER);
    callers.policies.set(ROLE, GIVEN.replace("kms:Decrypt", "kms:*"));
    expect(await reason(callers)).toContain("it was changed since");
    callers.policies.set(ROLE, undefined);
    expect(await reason(callers)).toContain("it was changed since");
    expect(await reason(callers, callers.entries[0]?.id)).toContain("already what it was before");
  });

  test("where the journal has no such entry, or none of the guard's", async () => {
    const callers = await given();
    expect(await reason(callers, "2020")).toContain("has no entry `2020`");
    callers.entries.length = 0;
    expect(await reason(callers)).toContain("has no write of the guard");
  });

  test.each(["opened", "abandoned", "refused"] as const)("for an entry that is `%s`", async (state) => {
    const callers = await given();
    callers.entries.splice(0, 1, ...callers.entries.map((entry) => ({ ...entry, state })));
    expect(await reason(callers, callers.entries[0]?.id)).toContain(`is \`${state}\``);
    expect(await reason(callers)).toContain("no write of the guard");
  });

  test("for a caller that is gone, or that can't be read", async () => {
    const callers = await given();
    callers.unreadable = true;
    expect(await reason(callers)).toContain("no identity-based policy allows it");
    callers.unreadable = false;
    callers.policies.delete(ROLE);
    expect(await reason(callers)).toContain("IAM knows no");
  });
});

describe("a rollback that does not come to be", () => {
  const FORMER: Hold = { kind: "contest", by: "terraform", reason: "three times", at: "2026-11-23T09:00:00.000Z" };

  test.each([undefined, FORMER])("leaves the hold as it was: %o", async (former) => {
    for (const answer of [
      { kind: "throttled" },
      { kind: "gone" },
      { kind: "refused", code: "LimitExceeded", message: "too long" },
    ] as const) {
      const callers = await given();
      if (former) callers.held.set(ROLE, former);
      callers.answer = answer;
      expect(await rollBack(callers)).toEqual(answer);
      expect([callers.held.get(ROLE), callers.policies.get(ROLE)]).toEqual([former, GIVEN]);
      expect(callers.entries.at(-1)?.state).toBe(answer.kind === "refused" ? "refused" : "abandoned");
    }
  });

  test("is not made over another policy than the one that was shown, nor over one that can't be read any more", async () => {
    const callers = await given();
    const plan = await ready(callers);
    callers.policies.set(ROLE, OTHER);
    expect(await rollBackCaller(plan, ANA, callers)).toEqual({ kind: "changed-meanwhile" });
    callers.unreadable = true;
    expect((await rollBackCaller(plan, ANA, callers)).kind).toBe("denied");
    expect([callers.policies.get(ROLE), callers.entries.length, callers.held.size]).toEqual([OTHER, 1, 0]);
  });

  test("is read again behind its hold: what the guard wrote before it saw the hold is not lost", async () => {
    const callers = await given();
    const plan = await ready(callers);
    const holds = {
      ...callers.holds,
      set: async (subject: string, hold: Hold) => {
        callers.policies.set(ROLE, OTHER);
        await callers.holds.set(subject, hold);
      },
    };
    expect((await rollBackCaller(plan, ANA, { ...callers, holds })).kind).toBe("changed-meanwhile");
    expect(callers.policies.get(ROLE)).toBe(OTHER);
  });
});
