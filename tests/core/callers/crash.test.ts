/**
 * A review that breaks off at any of its calls, and is run again, as the queue does: nothing was written without an entry
 * in the journal, people are told of each write, and each caller has what it should have in the end.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { knownAccount } from "../../../packages/core/src/callers/known-account.ts";
import { type CallersPorts, reconcileCallers } from "../../../packages/core/src/callers/reconcile.ts";
import { planCallerRollback, rollBackCaller } from "../../../packages/core/src/callers/rollback.ts";
import { runs } from "../laws/runs.ts";
import { problemsIn } from "../support/announcer.ts";
import { type Call, recorded } from "../support/recorded.ts";
import { KEY } from "./account.ts";
import { agent, arn, INVOKES, jobFor, LACKING, MINUTE, SETTINGS, World } from "./world.ts";

const A = agent("AGENT00001");
const B = agent("AGENT00002");
const DENY = [{ Effect: "Deny", Action: "kms:Decrypt", Resource: "*" }];

/** One is to be given, one to lose, one to keep what it has; one is on hold, one denied. */
async function busyWorld(): Promise<World> {
  const it = new World().with({ ...LACKING, name: "old" }, { ...LACKING, name: "same" }).put(A);
  await it.review();
  const own = (name: string) => it.own(arn(name)) ?? [];
  it.with(
    { name: "old", inline: { BedrockKeyGuard: own("old") } },
    { name: "new", inline: INVOKES },
    { name: "held", inline: INVOKES },
    { name: "denied", inline: { ...INVOKES, DENY } },
  );
  it.put(B);
  it.held.set(arn("held"), { kind: "person", by: "ana", reason: "freeze", at: "2026-11-23T09:00:00.000Z" });
  for (const list of [it.writes, it.published, it.queued]) list.length = 0;
  return it;
}

interface Crash {
  /** The number of the call. */
  readonly at: number;
  /** `before`: the call never arrived. `after`: it did, and its answer was lost. */
  readonly when: "before" | "after";
}

/** The world's ports, of which one call throws. */
function crashing(it: World, { at, when }: Crash, calls: Call[] = []): CallersPorts {
  return recorded<CallersPorts>(it, calls, (call, index) => {
    if (call.name.startsWith("writer.")) {
      const [caller, text] = call.args;
      const entry = it.entries.findLast((one) => one.caller === caller);
      expect(entry).toMatchObject({ state: "opened", after: text });
    }
    if (index === at && when === "before") throw new Error(`crash before ${call.name}`);
    if (index !== at) return undefined;
    const [port = "", method = ""] = call.name.split(".");
    const of: object = Reflect.get(it, port);
    return Promise.resolve(Reflect.get(of, method).apply(of, call.args)).then(() => {
      throw new Error(`crash after ${call.name}`);
    });
  });
}

/** @returns how many calls were made until the review broke off, or came to its end */
async function reviewWith(it: World, crash: Crash): Promise<number> {
  it.pass(11 * MINUTE);
  it.known = knownAccount(it);
  const calls: Call[] = [];
  const review = reconcileCallers(jobFor({ iamSince: it.clock.now() }), crashing(it, crash, calls), SETTINGS);
  const end = await review.then(
    () => "done",
    () => "broken off",
  );
  expect(end).toBe(crash.at < calls.length ? "broken off" : "done");
  return calls.length;
}

const NEVER: Crash = { at: 100_000, when: "before" };

function expectGoodEnd(it: World): void {
  expect(it.access(arn("old"))).toEqual({});
  for (const name of ["new", "same"]) expect(it.access(arn(name))).toEqual({ [KEY]: [A.id, B.id] });
  for (const name of ["held", "denied"]) expect(it.own(arn(name))).toBeUndefined();
  // Each once: what IAM took is not put again.
  expect(it.writes.map(({ caller }) => caller).sort()).toEqual(["new", "old", "same"].map((name) => arn(name)).sort());
  const repaired = it.published.filter(({ kind }) => kind === "repaired").flatMap(({ callers }) => callers);
  expect(new Set(repaired)).toEqual(new Set(it.writes.map(({ caller }) => caller)));
  const problems = problemsIn(it.published).map(({ kind }) => kind);
  expect(new Set(problems)).toEqual(new Set(["caller-lacks-access", "caller-denied"]));
  for (const { state } of it.entries) expect(["told", "abandoned"]).toContain(state);
  expect(it.noted).toEqual([]);
}

describe("after a crash, the next review ends well", () => {
  const CALLS = 90;

  test("and without a crash, so does the first", async () => {
    const it = await busyWorld();
    const calls = await reviewWith(it, NEVER);
    expectGoodEnd(it);
    expect(calls).toBeGreaterThan(50);
    expect(calls).toBeLessThan(CALLS);
  });

  test.each(["before", "after"] as const)("%s any one of the calls", async (when) => {
    for (let at = 0; at < CALLS; at++) {
      const it = await busyWorld();
      const calls = await reviewWith(it, { at, when });
      if (calls <= at) return;
      await reviewWith(it, NEVER);
      expectGoodEnd(it);
    }
    throw new Error("there are more calls than were tried");
  });

  test("at several calls, one crash after another", async () => {
    const crash: fc.Arbitrary<Crash> = fc.record({ at: fc.nat(CALLS - 1), when: fc.constantFrom("before", "after") });
    await fc.assert(
      fc.asyncProperty(fc.array(crash, { minLength: 2, maxLength: 4 }), async (crashes) => {
        const it = await busyWorld();
        for (const one of crashes) await reviewWith(it, one);
        await reviewWith(it, NEVER);
        expectGoodEnd(it);
      }),
      runs(150),
    );
  });
});

test("one caller that always fails does not keep the others waiting, and the job is not taken for done", async () => {
  const it = new World().with(LACKING, { ...LACKING, name: "odd" }).put(A);
  it.beforeRead = (caller) => {
    if (caller === arn("odd")) throw new Error("IAM does not answer");
  };
  await expect(it.review()).rejects.toThrow("IAM does not answer");
  expect(it.access(arn("app"))).toEqual({ [KEY]: [A.id] });
  expect(it.published.map(({ kind }) => kind)).toEqual(["repaired"]);
  expect(it.noted).toEqual([arn("odd")]);
});

test("an outage is not asked again for each caller", async () => {
  const names = Array.from({ length: 20 }, (_, i) => `app-${i}`);
  const it = new World().with(...names.map((name) => ({ ...LACKING, name }))).put(A);
  let asked = 0;
  it.beforeRead = () => {
    asked++;
    throw new Error("IAM does not answer");
  };
  await expect(it.review()).rejects.toThrow("IAM does not answer");
  expect(asked).toBe(3);
});

test("a write that was not told of is told of even while IAM can't be read, or the mode was lowered meanwhile", async () => {
  for (const meanwhile of [
    async (it: World) => {
      it.accountDenied = "no";
      await it.review();
    },
    async (it: World) => {
      await it.review({}, { mode: "propose" });
      await it.review();
    },
  ]) {
    const it = new World().with(LACKING).put(A);
    const { put } = it.findings;
    it.findings.put = () => Promise.reject(new Error("DynamoDB does not answer"));
    await expect(it.review()).rejects.toThrow("DynamoDB");
    it.findings.put = put;
    await meanwhile(it);
    expect(it.published.filter(({ kind }) => kind === "repaired")).toHaveLength(1);
  }
});

test("a caller that can't be read after a crash is not forgotten, and does not stop the others", async () => {
  const it = new World().with(LACKING).put(A);
  const { put } = it.writer;
  it.writer.put = async (caller, text) => {
    await put(caller, text);
    throw new Error("crash");
  };
  await expect(it.review()).rejects.toThrow("crash");
  it.writer.put = put;
  it.deniedCallers.add(arn("app"));
  it.with({ ...LACKING, name: "other" });
  expect(await it.review()).toMatchObject({ written: [{ caller: arn("other") }] });
  it.deniedCallers.clear();
  expect(await it.review()).toMatchObject({ written: [{ caller: arn("app") }] });
  expect(it.entries.map(({ state }) => state)).toEqual(["told", "told"]);
  expect(it.writes).toHaveLength(2);
});

test("a review that did not see all does not make old problems news", async () => {
  const it = new World().with(LACKING).put(A);
  it.hold(arn("app"), "person");
  await it.review();
  // Its policy changed meanwhile; then it could not be read at all.
  it.beforeRead = () => it.setOwn(arn("app"), "{}");
  expect(await it.review()).toMatchObject({ findings: [], again: expect.any(String) });
  it.setOwn(arn("app"), undefined);
  it.beforeRead = () => {
    throw new Error("IAM does not answer");
  };
  await expect(it.review()).rejects.toThrow("IAM");
  it.beforeRead = () => {};
  expect(await it.review()).toMatchObject({ findings: [{ kind: "caller-lacks-access" }] });
  expect(it.published).toHaveLength(1);
});

test("a rollback that a person makes while a review runs is told by the next one", async () => {
  const it = new World().with(LACKING).put(A);
  await it.review();
  const [entry] = it.entries;
  const caller = arn("app");
  const { read } = it.accounts;
  it.accounts.read = async () => {
    it.accounts.read = read;
    const account = await read();
    const plan = await planCallerRollback(caller, entry?.id, { ...it, history: { newest: async () => it.entries } });
    if (plan.kind !== "ready") throw new Error(plan.reason);
    await rollBackCaller(plan, { arn: arn("ana", "user"), reason: "not wanted" }, it);
    return account;
  };
  it.published.length = 0;
  await it.review();
  expect(it.own(caller)).toBeUndefined();
  await it.review();
  expect(it.published.filter(({ kind }) => kind === "rolled-back")).toMatchObject([{ callers: [caller] }]);
  expect(it.published.map(({ kind }) => kind).sort()).toEqual(["proposed", "rolled-back"]);
});
