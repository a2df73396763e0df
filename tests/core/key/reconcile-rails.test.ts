import { expect, test } from "vitest";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { ADMIN_STATEMENT, agent, DEFAULT_POLICY, jobFor, policyOf, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const denyBedrock = {
  Sid: "NoBedrock",
  Effect: "Deny",
  Principal: { Service: "bedrock.amazonaws.com" },
  Action: "kms:*",
  Resource: "*",
};
const denyAll = (changes: object) => ({ Effect: "Deny", Principal: "*", Action: "kms:*", Resource: "*", ...changes });

test.for(["propose", "observe"] as const)("in mode %s the diff is told once, and nothing is written", async (mode) => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  expect((await reconcileKey(jobFor(), world, { ...SETTINGS, mode })).kind).toBe("proposed");
  await reconcileKey(jobFor(), world, { ...SETTINGS, mode });
  expect(world.writes).toEqual([]);
  expect(world.entries).toEqual([]);
  expect(world.published).toHaveLength(1);
  expect(world.published[0]?.text).toContain('+   "Sid": "BedrockKeyGuardServiceSessions"');
});

test("in mode off nothing is read and nothing is told", async () => {
  const world = new World().withKey(policyOf(denyBedrock)).put(A);
  expect((await reconcileKey(jobFor(), world, { ...SETTINGS, mode: "off" })).kind).toBe("skipped");
  expect(world.published).toEqual([]);
});

test("a tag on the key lowers the mode", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.keyTags.set("bedrock-key-guard", "observe");
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("proposed");
  expect(world.writes).toEqual([]);
});

test("the kill switch keeps the guard from writing", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.paused = true;
  expect(await reconcileKey(jobFor(), world, SETTINGS)).toMatchObject({
    kind: "proposed",
    reason: "the guard is paused by ana: change freeze",
  });
  expect(world.writes).toEqual([]);
});

test("a key that carries no opt-in tag is not written to, and KMS is not asked in vain", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  const settings = { ...SETTINGS, optIn: { key: "guarded", value: "yes" } };
  expect(await reconcileKey(jobFor(), world, settings)).toMatchObject({
    kind: "proposed",
    reason: "the key does not carry the opt-in tag `guarded=yes`",
  });
  expect(world.entries).toEqual([]);
  world.keyTags.set("guarded", "yes");
  expect((await reconcileKey(jobFor(), world, settings)).kind).toBe("repaired");
});

test("a tag that says off silences the guard for the key", async () => {
  const world = new World().withKey(policyOf(ADMIN_STATEMENT, denyAll({ Sid: "Closed" }))).put(A);
  world.keyTags.set("bedrock-key-guard", "off");
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("skipped");
  expect(world.published).toEqual([]);
});
