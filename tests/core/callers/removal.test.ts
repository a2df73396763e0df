/** The guard's policy goes with what it was for, and only when that is certain. */
import { describe, expect, test } from "vitest";
import { DELEGATES, KEY, OTHER_KEY } from "./account.ts";
import { agent, arn, INVOKES, LACKING, World } from "./world.ts";

const A = agent("AGENT00001");
const B = agent("AGENT00002");
const APP = arn("app");
const FAR_KEY = KEY.replace("eu-west-1", "us-east-1") as typeof KEY;

/** A caller that was given access to A and B. */
async function given(): Promise<World> {
  const it = new World().with(LACKING).put(A, B);
  await it.review();
  it.published.length = 0;
  it.queued.length = 0;
  return it;
}

const toldKinds = (it: World) => it.published.map(({ kind }) => kind);

describe("access is taken away", () => {
  test("with the agent, and told", async () => {
    const it = await given();
    it.drop(B.id);
    await it.review();
    expect(it.access(APP)).toEqual({ [KEY]: [A.id] });
    expect(it.published[0]?.diff.at(-1)).toContain(`- agent ${B.id} on ${KEY}`);
  });

  test("with the last agent, and the policy with it", async () => {
    const it = await given();
    it.drop(A.id, B.id);
    await it.review();
    expect(it.own(APP)).toBeUndefined();
    expect(it.entries.at(-1)).toMatchObject({ after: undefined, state: "told" });
  });

  test("when the caller may no longer invoke", async () => {
    const it = await given();
    it.change(APP, { inline: { BedrockKeyGuard: it.own(APP) ?? [] } });
    await it.review();
    expect(it.own(APP)).toBeUndefined();
  });

  test("when another policy gives it", async () => {
    const it = await given();
    const use = [{ Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: "*" }];
    it.change(APP, { inline: { ...INVOKES, use, BedrockKeyGuard: it.own(APP) ?? [] } });
    await it.review();
    expect(it.own(APP)).toBeUndefined();
  });

  test("by a look at the agent alone", async () => {
    const it = await given();
    it.drop(B.id);
    await it.review({ scope: { kind: "these", agents: [B.id], keys: [] } });
    expect(it.access(APP)).toEqual({ [KEY]: [A.id] });
  });
});

describe("access stays", () => {
  test("of an agent that is found after all; and the inventory knows it again", async () => {
    const it = await given();
    it.inInventory.delete(B.id);
    expect(await it.review()).toMatchObject({ written: [], again: expect.stringContaining("agent") });
    expect(it.access(APP)).toEqual({ [KEY]: [A.id, B.id] });
    expect(await it.review()).toMatchObject({ written: [], again: undefined });
    expect(toldKinds(it)).toEqual([]);
  });

  test("of an agent that the inventory has on another key, and Bedrock on this one", async () => {
    const it = await given();
    it.policies.set(OTHER_KEY, DELEGATES);
    it.inInventory.set(B.id, { agent: agent(B.id, { key: OTHER_KEY }), seenAt: it.clock.now() });
    await it.review();
    expect(it.access(APP)[KEY]).toEqual([A.id, B.id]);
  });

  test("of an agent that can't be read, and what else the caller needs is given", async () => {
    const it = await given();
    it.inInventory.delete(B.id);
    it.deniedAgents.add(B.id);
    it.put(agent("AGENT00003"));
    await it.review();
    expect(it.access(APP)[KEY]).toEqual([A.id, B.id, "AGENT00003"]);
    expect(it.queued).toEqual([]);
  });

  test("until a sweep has finished, of agents that are not known", async () => {
    const it = await given();
    it.sweepEverFinished = false;
    it.drop(B.id);
    await it.review();
    expect(it.access(APP)).toEqual({ [KEY]: [A.id, B.id] });
    it.sweepEverFinished = true;
    await it.review();
    expect(it.access(APP)).toEqual({ [KEY]: [A.id] });
  });

  test("of agents that a look at others is not about", async () => {
    const it = await given();
    it.drop(B.id);
    await it.review({ scope: { kind: "these", agents: [A.id], keys: [OTHER_KEY] } });
    expect(it.access(APP)).toEqual({ [KEY]: [A.id, B.id] });
  });

  test("on a key of another Region: that is another deployment's", async () => {
    const it = await given();
    const own = JSON.parse(String(it.own(APP)));
    const there = JSON.stringify({ ...own, Statement: [...own.Statement] }).replaceAll("eu-west-1", "us-east-1");
    const { Statement } = JSON.parse(there);
    const { ownDocument } = await import("../../../packages/core/src/callers/own-policy.ts");
    const access = new Map([
      [KEY, [A.arn, B.arn]],
      [FAR_KEY, Statement[0].Condition.StringEquals["kms:EncryptionContext:aws:bedrock:arn"]],
    ]);
    it.setOwn(APP, JSON.stringify(ownDocument(access)));
    it.drop(B.id);
    await it.review();
    expect(it.access(APP)).toMatchObject({ [KEY]: [A.id], [FAR_KEY]: [A.id, B.id] });
  });

  test.each([
    ["says off", { kind: "found", tags: new Map([["bedrock-key-guard", "off"]]) }],
    ["says observe", { kind: "found", tags: new Map([["bedrock-key-guard", "observe"]]) }],
    ["can't be read", { kind: "denied", message: "no" }],
  ] as const)("on a key whose tag %s, with its agents and without", async (_, tags) => {
    const it = await given();
    it.keyTags.set(KEY, tags);
    it.drop(B.id);
    await it.review();
    expect(it.access(APP)).toEqual({ [KEY]: [A.id, B.id] });
    it.drop(A.id);
    await it.review();
    expect(it.access(APP)).toEqual({ [KEY]: [A.id, B.id] });
  });

  test("where there is no room to read so many agents, until there is", async () => {
    const many = Array.from({ length: 40 }, (_, i) => agent(`AGENT001${String(i).padStart(2, "0")}`));
    const it = new World().with(LACKING).put(...many);
    await it.review();
    it.drop(...many.map(({ id }) => id));
    await it.review();
    expect(it.access(APP)[KEY]).toHaveLength(15);
    await it.review(it.queued.at(-1)?.job);
    expect(it.own(APP)).toBeUndefined();
  });
});

test("access on a key that is gone with its agents is taken away", async () => {
  const it = await given();
  it.policies.delete(KEY);
  it.drop(A.id, B.id);
  await it.review();
  expect(it.own(APP)).toBeUndefined();
});
