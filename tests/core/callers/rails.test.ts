/** What keeps the guard from writing to a caller: a person, a budget, or that it is not as IAM told. */
import { describe, expect, test } from "vitest";
import { DELEGATES, KEY } from "./account.ts";
import { agent, arn, HOUR, INVOKES, LACKING, World } from "./world.ts";

const A = agent("AGENT00001");
const APP = arn("app");
const world = (): World => new World().with(LACKING).put(A);
const many = (count: number) => Array.from({ length: count }, (_, i) => ({ ...LACKING, name: `app-${i}` }));

describe("nothing is written, and people are told why and how to lift it,", () => {
  test.each([
    ["by the kill switch", (it: World): void => void Object.assign(it, { paused: true }), "resume-guard"],
    ["by a person's hold", (it: World): void => it.hold(APP, "person"), `resume ${APP}`],
    ["after a rollback", (it: World): void => it.hold(APP, "rollback"), `resume ${APP}`],
  ] as const)("%s", async (_, stop, says) => {
    const it = world();
    stop(it);
    expect(await it.review()).toMatchObject({ written: [], findings: [{ kind: "caller-lacks-access" }] });
    await it.review();
    expect(it.published).toHaveLength(1);
    expect(it.published[0]?.text).toContain(says);
    expect([it.entries, it.spent.size]).toEqual([[], 0]);
  });

  test("by a contest that stands", async () => {
    const it = world();
    it.hold(APP, "contest");
    expect(await it.review()).toMatchObject({
      written: [],
      findings: [{ kind: "caller-contested", severity: "high" }],
    });
    expect(it.published[0]?.nextSteps).toContain(`resume ${APP}`);
  });
});

test("one who is on hold does not keep the others waiting", async () => {
  const it = world().with({ ...LACKING, name: "other" });
  it.hold(APP, "person");
  expect(await it.review()).toMatchObject({ written: [{ caller: arn("other") }] });
});

test("a hold that was lifted does not count", async () => {
  const it = world();
  it.hold(APP, "lifted");
  expect(await it.review()).toMatchObject({ written: [{ caller: APP }] });
});

describe("the budget", () => {
  test("of all callers bounds the writes of an hour, and the rest is written in the next", async () => {
    const it = new World().with(...many(5)).put(A);
    const settings = { writesPerHour: 3 };
    expect(await it.review({}, settings)).toMatchObject({ written: [{}, {}, {}], findings: [{}, {}] });
    expect(it.published.at(-1)?.text).toContain("callers.writesPerHour");
    expect(it.queued).toMatchObject([{ seconds: 900 }]);
    it.pass(HOUR);
    expect(await it.review(it.queued.at(-1)?.job, settings)).toMatchObject({ written: [{}, {}], findings: [] });
    expect(it.queued).toHaveLength(1);
  });

  test("of one caller bounds its own, and leaves the others theirs", async () => {
    const it = world().with({ ...LACKING, name: "other" });
    for (let i = 0; i < 5; i++) await it.budget.reserve(APP, "2026-11-23T10", 5);
    expect(await it.review()).toMatchObject({ written: [{ caller: arn("other") }], findings: [{ caller: APP }] });
    expect(it.published.at(-1)?.text).toContain(`show-history ${APP}`);
    it.pass(HOUR);
    expect(await it.review(it.queued.at(-1)?.job)).toMatchObject({ written: [{ caller: APP }], findings: [] });
  });
});

test("a policy that changed since IAM was read is not written over: the caller is looked at again", async () => {
  const it = world();
  const theirs = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  it.beforeRead = () => it.setOwn(APP, theirs);
  expect(await it.review()).toMatchObject({ written: [], again: expect.stringContaining("changed meanwhile") });
  expect(it.own(APP)).toBe(theirs);
  expect(it.queued).toHaveLength(1);
});

test("a role that was made anew under its name since IAM was read is not taken for the one that may invoke", async () => {
  const it = new World().with({ ...LACKING, uniqueId: "AROAFORMER" }).put(A);
  it.beforeRead = () => it.change(APP, { inline: {}, uniqueId: "AROANEW" });
  expect(await it.review()).toMatchObject({ written: [], again: expect.stringContaining("made anew") });
  expect([it.own(APP), it.entries]).toEqual([undefined, []]);
  it.beforeRead = () => {};
  expect(await it.review(it.queued.at(-1)?.job)).toMatchObject({ callers: 0, written: [], again: undefined });
});

test("callers that can't be written to do not keep the others waiting for ever", async () => {
  const refused = many(60);
  const it = new World().with(...refused, LACKING).put(A);
  for (const { name } of refused) it.deniedCallers.add(arn(name));
  await it.review();
  for (let i = 0; i < 10 && it.own(APP) === undefined; i++) await it.review(it.queued.at(-1)?.job);
  expect(it.access(APP)).toEqual({ [KEY]: [A.id] });
});

test("what is there already is written to nobody: not to those who have it by another policy", async () => {
  const use = [{ Effect: "Allow", Action: "kms:*", Resource: "*" }];
  const it = new World().with({ name: "app", inline: { ...INVOKES, use } }).put(A);
  it.policies.set(KEY, DELEGATES);
  expect(await it.review()).toMatchObject({ written: [], findings: [] });
});
