/**
 * What each path asks of the outside: a golden list, each call with its reason, none made twice for the same reason. The
 * IAM actions behind each call stand with the adapters (packages/aws); a test holds those against the stack.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Cause, KeyJob } from "../../../packages/core/src/key/job.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { sweepPage } from "../../../packages/core/src/sweep/sweep.ts";
import { sweepKeys } from "../../../packages/core/src/sweep/sweep-keys.ts";
import { type Call, recorded } from "../support/recorded.ts";
import { agent, DEFAULT_POLICY, jobFor, KEY, policyOf, SETTINGS, World } from "../support/world.ts";

interface Path {
  readonly path: string;
  readonly calls: readonly { readonly call: string; readonly reason: string }[];
}

const A = agent("AAAAAAAAAA");
const AT = "2026-11-23T10:00:00.000Z";
const [put] = jobFor().causes;
const UPDATE_AGENT = { agents: [A.id], causes: [{ ...put, eventName: "UpdateAgent" } as Cause] } as const;
const golden = JSON.parse(readFileSync("tests/cases/calls.json", "utf8")) as readonly Path[];

async function repaired(): Promise<World> {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
  return world;
}

const denyAll = { Effect: "Deny", Principal: "*", Action: "kms:*", Resource: "*" };

const paths: Readonly<Record<string, () => Promise<readonly Call[]>>> = {
  "a compliant key, on an agent's event": async () => look(await repaired()),
  "a compliant key, in a sweep": async () => {
    const world = await repaired();
    return look(world, { agents: [], causes: [{ kind: "sweep", id: "sweep-1", at: AT, whole: true }] });
  },
  "a repair, on an agent's event": async () => look(new World().withKey(DEFAULT_POLICY).put(A)),
  "a repair, on somebody's PutKeyPolicy": async () => {
    const world = await repaired();
    world.policies.set(KEY, DEFAULT_POLICY);
    world.pass(120_000);
    return look(world, {});
  },
  "an alert only: a Deny stops the agents": async () => look(new World().withKey(policyOf(denyAll)).put(A)),
  "an alert only: the mode is observe": async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    world.keyTags.set(SETTINGS.modeTag, "observe");
    return look(world);
  },
  "a page of a sweep, with one agent": async () => {
    const calls: Call[] = [];
    const world = await repaired();
    const page = { sweepId: "sweep-1", startedAt: world.clock.now(), pageNumber: 1, nextToken: undefined, unread: 0 };
    await sweepPage(page, recorded(world, calls));
    return calls;
  },
  "the keys of a sweep, with one key": async () => {
    const calls: Call[] = [];
    const world = await repaired();
    await sweepKeys({ sweepId: "sweep-1", startedAt: AT, after: undefined, unread: 0 }, recorded(world, calls));
    return calls;
  },
};

async function look(world: World, changes: Partial<KeyJob> = UPDATE_AGENT): Promise<readonly Call[]> {
  const calls: Call[] = [];
  await reconcileKey(jobFor(changes), recorded(world, calls), SETTINGS);
  return calls;
}

test.for(Object.entries(paths))("%s", async ([path, run]) => {
  const expected = golden.find((one) => one.path === path)?.calls ?? [];
  const made = await run();
  expect(made.map(({ name }) => name)).toEqual(expected.map(({ call }) => call));
  // The same call for the same reason would be a call too many.
  const reasons = expected.map(({ call, reason }) => `${call}: ${reason}`);
  expect(new Set(reasons).size).toBe(reasons.length);
  expect(expected.every(({ reason }) => reason.length > 10)).toBe(true);
});

test("each path of the golden list is one that is walked", () => {
  expect(golden.map(({ path }) => path)).toEqual(Object.keys(paths));
});
