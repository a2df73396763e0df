/** Which events ask for a look at callers, and at whose. */
import { describe, expect, test } from "vitest";
import type { AgentId, KeyArn, RoleArn } from "../../../packages/core/src/arn.ts";
import type { CallersJob } from "../../../packages/core/src/callers/job.ts";
import type { EventCause, GuardEvent } from "../../../packages/core/src/intake/event.ts";
import { takeIn } from "../../../packages/core/src/intake/intake.ts";
import { THE_GUARD } from "../../../packages/core/src/key/write.ts";
import { policyDigest } from "../../../packages/core/src/policy/canonical.ts";
import { ACCOUNT, agent, KEY, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const SETTINGS = {
  guardRoleArn: `arn:aws:iam::${ACCOUNT}:role/guard-reconcile` as RoleArn,
  callersRoleArn: `arn:aws:iam::${ACCOUNT}:role/guard-callers` as RoleArn,
};
const OTHER_KEY = KEY.replace("1111", "9999") as KeyArn;
const AT = "2026-11-23T10:00:00Z";

function causeBy(arn: string, eventName = "PutRolePolicy"): EventCause {
  return { kind: "event", id: "event-1", eventName, actor: { arn, sessionName: "ci", invokedBy: undefined }, at: AT };
}
const cause = causeBy(`arn:aws:iam::${ACCOUNT}:user/ana`);

async function asked(world: World, event: GuardEvent) {
  const jobs: { readonly job: CallersJob; readonly delay: number }[] = [];
  const callersQueue = { review: async (job: CallersJob, delay: number) => void jobs.push({ job, delay }) };
  const outcome = await takeIn(event, Object.assign(Object.create(world), { callersQueue }), SETTINGS);
  return { outcome, jobs };
}

const jobOf = (scope: CallersJob["scope"], iamSince?: string, why = cause, delay = 0) => [
  { job: { scope, causes: [why], iamSince, attempt: 0 }, delay },
];
const these = (agents: readonly AgentId[], keys: readonly KeyArn[]) => ({ kind: "these", agents, keys }) as const;

describe("a change of IAM", () => {
  test("asks for all callers, by a reading that is newer than the change", async () => {
    const world = new World();
    const { outcome, jobs } = await asked(world, { kind: "callers-changed", cause });
    expect(outcome).toEqual({ kind: "callers-queued" });
    expect(jobs).toEqual(jobOf({ kind: "everything" }, AT, cause, 55));
    expect(world.queued).toEqual([]);
  });

  test.each([
    [0, 60],
    [45, 15],
    [60, 0],
    [3_600, 0],
    // CloudTrail's clock and the guard's are two.
    [-3_600, 60],
  ])("of %s seconds ago is looked at in %s: IAM may not show it before", async (age, delay) => {
    const world = new World();
    const at = new Date(Date.parse(world.clock.now()) - age * 1_000).toISOString();
    const { jobs } = await asked(world, { kind: "callers-changed", cause: { ...cause, at } });
    expect(jobs).toEqual(jobOf({ kind: "everything" }, at, { ...cause, at }, delay));
  });

  test("that is the guard's own is dropped; one by its other roles is not", async () => {
    const own = await asked(new World(), { kind: "callers-changed", cause: causeBy(SETTINGS.callersRoleArn) });
    expect([own.outcome.kind, own.jobs]).toEqual(["dropped", []]);
    const other = await asked(new World(), { kind: "callers-changed", cause: causeBy(SETTINGS.guardRoleArn) });
    expect(other.jobs).toHaveLength(1);
  });

  test("is dropped where callers are not looked after", async () => {
    const world = new World();
    const { guardRoleArn } = SETTINGS;
    const outcome = await takeIn({ kind: "callers-changed", cause }, world, { guardRoleArn });
    expect(outcome).toEqual({ kind: "dropped", reason: "callers are not looked after" });
  });
});

describe("a change of an agent", () => {
  const changed = { kind: "agent-changed", agent: A.id, cause } as const;

  test("asks for the agent's callers, and for its keys as ever", async () => {
    const world = new World();
    world.live.set(A.id, A);
    const { outcome, jobs } = await asked(world, changed);
    expect(outcome).toEqual({ kind: "queued", keys: [KEY] });
    expect(jobs).toEqual(jobOf(these([A.id], [])));
    expect(world.queued).toHaveLength(1);
  });

  test("asks for them also when the agent is gone, and when nothing is known of it any more", async () => {
    const world = new World().put(A);
    world.live.clear();
    for (const _ of "12") expect((await asked(world, changed)).jobs).toEqual(jobOf(these([A.id], [])));
    expect(world.known.size).toBe(0);
  });

  test("asks for them when it lost its key, and not where it never had one", async () => {
    const world = new World().put(A);
    world.live.set(A.id, { ...A, keyArn: undefined });
    expect((await asked(world, changed)).jobs).toEqual(jobOf(these([A.id], [])));
    expect((await asked(world, changed)).jobs).toEqual([]);
  });

  test("asks again after a crash before the inventory was written", async () => {
    const world = new World().put(A);
    world.live.clear();
    const { forget } = world.inventory;
    world.inventory.forget = async () => {
      throw new Error("crash");
    };
    await expect(asked(world, changed)).rejects.toThrow("crash");
    world.inventory.forget = forget;
    expect((await asked(world, changed)).jobs).toHaveLength(1);
  });
});

describe("a change of a key", () => {
  const changed = (key: KeyArn, why = cause, policy?: string): GuardEvent => ({
    kind: "key-changed",
    key,
    cause: why,
    policy,
  });

  test("asks for the callers of the key's agents", async () => {
    const world = new World().put(A);
    expect((await asked(world, changed(KEY))).jobs).toEqual(jobOf(these([], [KEY])));
    const foreign = await asked(world, changed(KEY, cause, "{}"));
    expect(foreign.jobs).toEqual(jobOf(these([], [KEY])));
  });

  test("does not where the key is not the guard's business", async () => {
    const world = new World();
    for (const policy of [undefined, "{}"]) {
      const { outcome, jobs } = await asked(world, changed(OTHER_KEY, cause, policy));
      expect([outcome.kind, jobs]).toEqual(["dropped", []]);
    }
  });

  test.each(["told", "put"] as const)("asks also where it was the guard's own repair: entry %s", async (state) => {
    const world = new World().put(A);
    const after = '{"Version":"2012-10-17","Statement":[]}';
    world.entries.push({
      ...{ key: KEY, id: "entry", action: "repair", by: THE_GUARD, at: "2026-11-23T10:00:00.000Z", state },
      ...{ putAt: undefined, before: "{}", beforeDigest: policyDigest("{}"), after, afterDigest: policyDigest(after) },
      ...{ causes: [cause], diff: [], regains: [] },
    });
    const own = causeBy(SETTINGS.guardRoleArn, "PutKeyPolicy");
    const { outcome, jobs } = await asked(world, changed(KEY, own, after));
    expect(outcome.kind).toBe(state === "told" ? "dropped" : "queued");
    expect(jobs).toEqual(jobOf(these([], [KEY]), undefined, own));
  });
});
