import { describe, expect, test } from "vitest";
import { rollback } from "../../packages/cli/src/operate/rollback.ts";
import { policyDigest } from "../../packages/core/src/policy/canonical.ts";
import type { Keys, KeyWriter } from "../../packages/core/src/ports.ts";
import { DEFAULT_POLICY, KEY, policyOf, type World } from "../core/support/world.ts";
import { ANA, FakeDesk, type Habits, live, repairedWorld, TABLE } from "./fake-desk.ts";

async function runs(world: World, habits: Habits, ...more: readonly string[]) {
  const desk = new FakeDesk(world, habits);
  const code = await rollback([KEY, ...TABLE, ...more], desk);
  return { desk, code };
}

/** That a rollback left everything as the guard had it. */
function expectUntouched(world: World, repaired: string): void {
  expect(live(world)).toBe(repaired);
  expect(world.writes).toEqual([]);
  expect([...world.heldKeys]).toEqual([]);
}

describe("rollback", () => {
  test("puts the former policy back after a yes, and keeps the guard from the key", async () => {
    const world = await repairedWorld();
    const { desk, code } = await runs(world, { types: "yes" }, "--reason", "not wanted");
    expect(code).toBe(0);
    expect(policyDigest(live(world))).toBe(policyDigest(DEFAULT_POLICY));
    expect(world.heldKeys.get(KEY)).toMatchObject({ kind: "rollback", by: ANA.arn, reason: "not wanted" });
    expect(world.entries.at(-1)).toMatchObject({ action: "rollback", state: "verified", by: ANA.arn });
    expect(desk.out).toContain("done: KMS shows the former policy.");
  });

  test("shows what it will do before it asks: key, entry, time, diff, and what becomes of agents and the guard", async () => {
    const world = await repairedWorld();
    const [entry] = world.entries;
    const { desk } = await runs(world, { types: "no" });
    for (const said of [KEY, entry?.id, entry?.at, '  -   "Sid": "BedrockKeyGuardServiceSessions"', ANA.arn]) {
      expect(desk.out).toContain(said);
    }
    expect(desk.out).toContain("Agents that use this key may lose access to it");
    expect(desk.out).toContain(`resume-key ${KEY}`);
    expect(desk.asked).toEqual(["\ntype yes to put the former policy back: "]);
  });

  test.each(["no", "", "y", "yes please", "end of input"])("does nothing where the answer is %j", async (types) => {
    const world = await repairedWorld();
    const repaired = live(world);
    const { desk, code } = await runs(world, { types });
    expect(code).toBe(1);
    expect(desk.noted.join()).toContain("nothing was written");
    expectUntouched(world, repaired);
  });

  test("refuses where nobody can be asked, and says to add `--yes`", async () => {
    const world = await repairedWorld();
    const repaired = live(world);
    await expect(runs(world, {})).rejects.toThrow("there is no terminal to ask on; add `--yes`");
    expectUntouched(world, repaired);
  });

  test("asks nobody with `--yes`", async () => {
    const world = await repairedWorld();
    const { desk, code } = await runs(world, {}, "--yes");
    expect([code, desk.asked]).toEqual([0, []]);
    expect(world.heldKeys.get(KEY)?.reason).toBe("no reason was given");
  });

  test("prints JSON alone on standard output with `--json`", async () => {
    const world = await repairedWorld();
    const { desk } = await runs(world, { types: "yes" }, "--json");
    expect(JSON.parse(desk.out)).toMatchObject({
      result: "verified",
      key: KEY,
      entry: world.entries[1]?.id,
      undone: world.entries[0]?.id,
    });
    expect(desk.noted.join()).toContain("From the policy as it is");
  });

  test("finds an entry by its id, and says so where there is none", async () => {
    const world = await repairedWorld();
    const wrong = await runs(world, { types: "yes" }, "--entry", "2020");
    expect(wrong.code).toBe(1);
    expect(wrong.desk.errors.join(" ").replaceAll("\n", " ")).toContain("the journal has no entry `2020`");
    expect(wrong.desk.asked).toEqual([]);
    const right = await runs(world, { types: "yes" }, "--entry", world.entries[0]?.id ?? "");
    expect(right.code).toBe(0);
  });

  test("refuses where somebody changed the policy since", async () => {
    const world = await repairedWorld();
    world.policies.set(
      KEY,
      policyOf({ Sid: "Other", Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }),
    );
    const changed = live(world);
    const { desk, code } = await runs(world, { types: "yes" });
    expect(code).toBe(1);
    expect(desk.errors.join().replaceAll("\n", " ")).toContain("it was changed since");
    expectUntouched(world, changed);
  });

  test("writes nothing where the policy changes while the question is open", async () => {
    const world = await repairedWorld();
    const desk = new FakeDesk(world, { types: "yes" });
    const changed = policyOf({ Sid: "Other", Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" });
    const ask = desk.terminal.ask;
    Object.assign(desk.terminal, {
      ask: (...question: Parameters<typeof ask>) => {
        world.policies.set(KEY, changed);
        return ask(...question);
      },
    });
    expect(await rollback([KEY, ...TABLE], desk)).toBe(1);
    expect(desk.errors.join().replaceAll("\n", " ")).toContain("the policy was changed since it was shown");
    expectUntouched(world, changed);
  });

  test("gives KMS's words where KMS refuses", async () => {
    const world = await repairedWorld();
    const repaired = live(world);
    world.refuseNextPut = {
      code: "MalformedPolicyDocumentException",
      message: "The new key policy will not allow you",
    };
    const { desk, code } = await runs(world, { types: "yes" });
    expect(code).toBe(1);
    expect(desk.errors.join().replaceAll("\n", " ")).toContain(
      "KMS refused with `MalformedPolicyDocumentException`: The new key policy will not allow you",
    );
    expectUntouched(world, repaired);
  });

  test("writes nothing where KMS is throttled", async () => {
    const world = await repairedWorld();
    const repaired = live(world);
    world.throttled = true;
    const { desk, code } = await runs(world, { types: "yes" }, "--json");
    expect([code, JSON.parse(desk.out).result]).toEqual([1, "throttled"]);
    expectUntouched(world, repaired);
  });

  test("is not done while KMS does not show the policy, and the hold stays", async () => {
    const world = await repairedWorld();
    world.staleReads = 100;
    const { desk, code } = await runs(world, { types: "yes" });
    expect(code).toBe(1);
    expect(desk.errors.join().replaceAll("\n", " ")).toContain("does not show it yet");
    expect(world.heldKeys.get(KEY)?.kind).toBe("rollback");
    expect(world.entries.at(-1)?.state).toBe("put");
  });

  test("keeps the hold where the answer of KMS was lost, and says that it is not known", async () => {
    const world = await repairedWorld();
    const failure = Object.assign(new Error("`kms:PutKeyPolicy` failed"), {
      name: "AwsCallError",
      code: "TimeoutError",
    });
    const writer: KeyWriter = { putPolicy: () => Promise.reject(failure) };
    const { desk, code } = await runs(world, { types: "yes", guard: { writer } });
    expect(code).toBe(1);
    expect(desk.errors.join().replaceAll("\n", " ")).toMatch(
      /not known whether KMS took the policy.*show-history.*resume-key/,
    );
    expect(world.heldKeys.get(KEY)?.kind).toBe("rollback");
  });

  test("says what stands where a call fails before the policy is put", async () => {
    const failure = Object.assign(new Error("`dynamodb:PutItem` failed"), {
      name: "AwsCallError",
      code: "TimeoutError",
    });
    const fails = () => Promise.reject(failure);
    const world = await repairedWorld();
    const before = await runs(world, { types: "yes", guard: { holds: { ...world.holds, of: fails } } });
    expect(before.code).toBe(1);
    expect(before.desk.errors.join()).toBe("nothing was written: `dynamodb:PutItem` failed");
    expect([...world.heldKeys]).toEqual([]);
    const held = await runs(world, { types: "yes", guard: { journal: { ...world.journal, open: fails } } }, "--json");
    expect([held.code, JSON.parse(held.desk.out).result]).toEqual([1, "failed"]);
    expect(JSON.parse(held.desk.out).says).toMatch(/the policy was not written: .*\n.*\n {2}resume-key/);
    expect([world.heldKeys.get(KEY)?.kind, world.writes]).toEqual(["rollback", []]);
  });

  test("refuses the credentials of another account before it reads the key", async () => {
    const world = await repairedWorld();
    const person = { arn: "arn:aws:iam::999999999999:user/eve", account: "999999999999" };
    const keys: Keys = { ...world.keys, policy: () => Promise.reject(new Error("was read")) };
    await expect(runs(world, { types: "yes", person, guard: { keys } })).rejects.toThrow(
      "use credentials of that account",
    );
    expect(world.writes).toEqual([]);
  });

  test("a bug is not told as a failure of AWS", async () => {
    const world = await repairedWorld();
    const writer: KeyWriter = { putPolicy: () => Promise.reject(new TypeError("a bug")) };
    await expect(runs(world, { types: "yes", guard: { writer } })).rejects.toThrow("a bug");
  });
});
