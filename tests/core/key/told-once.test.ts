/** What makes a problem news: the same one is told once, one that grows is told again, one that is over is told as over. */
import { describe, expect, test } from "vitest";
import { departures, roleless } from "../../../packages/core/src/key/problems.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { tellFindings } from "../../../packages/core/src/key/tell.ts";
import {
  ADMIN_STATEMENT,
  agent,
  DEFAULT_POLICY,
  jobFor,
  KEY,
  OTHER_ROLE,
  policyOf,
  SETTINGS,
  World,
} from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB", { roleArn: OTHER_ROLE });
const WEEK = 7 * 24 * 3_600_000;
const NOW = Date.parse("2026-11-23T10:00:00.000Z");
const COMPLETE = { isComplete: true, wrote: false };
const denyBedrock = { ...ADMIN_STATEMENT, Sid: "No", Effect: "Deny", Principal: { Service: "bedrock.amazonaws.com" } };

/** A finding that is told as a low one, and one that is told as high. */
async function findings() {
  const world = new World().withKey(
    policyOf(ADMIN_STATEMENT, { ...ADMIN_STATEMENT, Sid: "Wide", Principal: "*", Action: "kms:Decrypt" }),
  );
  world.put(A).paused = true;
  const outcome = await reconcileKey(jobFor(), world, SETTINGS);
  if (!("findings" in outcome)) throw new Error(outcome.kind);
  const [low, high] = outcome.findings;
  if (low?.severity !== "low" || high?.severity !== "high") throw new Error("these findings are others");
  return { low, high };
}

test("what stands is not written again where nothing changed, in whatever order it was found", async () => {
  const { low, high } = await findings();
  const world = new World();
  const orders = [
    [low, high],
    [high, low],
    [low, high],
  ];
  await tellFindings(jobFor(), [A], [low, high], COMPLETE, world);
  const revisions = () => [...world.people.records.values()].map(({ revision }) => revision);
  const before = revisions();
  for (const found of orders) await tellFindings(jobFor(), [A], found, COMPLETE, world);
  expect(revisions()).toEqual(before);
  expect(world.published).toHaveLength(1);
});

test("an agent that joins a key which a Deny blocks makes that worse, and one that leaves makes it no news", async () => {
  const world = new World().withKey(policyOf(ADMIN_STATEMENT, denyBedrock)).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  await reconcileKey(jobFor(), world.put(B), SETTINGS);
  world.live.delete(B.id);
  world.known.delete(B.id);
  await reconcileKey(jobFor(), world, SETTINGS);
  await reconcileKey(jobFor(), world.put(B), SETTINGS);
  const changes = world.published.flatMap(({ findings }) => findings.map(({ kind, change }) => `${kind} ${change}`));
  expect(changes).toEqual(["blocked-by-deny opened", "blocked-by-deny worsened"]);
  expect(world.published.at(-1)?.findings[0]?.agents).toEqual([A.id, B.id]);
});

test("a look that did not see everything takes no problem for over", async () => {
  const { high } = await findings();
  const world = new World();
  await tellFindings(jobFor(), [A], [high], COMPLETE, world);
  await tellFindings(jobFor(), [A], [], { isComplete: false, wrote: false }, world);
  expect([...world.people.records.values()]).toMatchObject([{ state: "open" }]);
  await tellFindings(jobFor(), [A], [], COMPLETE, world);
  expect([...world.people.records.values()]).toMatchObject([{ state: "resolved", resolved: { by: "others" } }]);
  expect(world.published.map(({ kind }) => kind)).toEqual(["proposed", "resolved"]);
});

test("what the guard mended is over by the guard", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.paused = true;
  await reconcileKey(jobFor(), world, SETTINGS);
  world.paused = false;
  await reconcileKey(jobFor(), world, SETTINGS);
  const held = [...world.people.records.values()].find(({ kind }) => kind === "addition-held-back");
  expect(held).toMatchObject({ state: "resolved", resolved: { by: "guard" } });
});

describe("an alert", () => {
  test("is headed by the worst of its findings, wherever that stands", async () => {
    const { low, high } = await findings();
    for (const found of [
      [low, high],
      [high, low],
    ]) {
      const world = new World();
      await tellFindings(jobFor(), [A], found, COMPLETE, world);
      expect(world.published).toMatchObject([{ severity: "high" }]);
      expect(world.published[0]?.headline.startsWith(high.title)).toBe(true);
    }
  });

  test("has an id of its own: another finding makes another alert, the same ones the same", async () => {
    const { low, high } = await findings();
    const idOf = async (found: readonly (typeof low)[]) => {
      const world = new World();
      await tellFindings(jobFor(), [A], found, COMPLETE, world);
      return world.published[0]?.id;
    };
    const told = [await idOf([low]), await idOf([high]), await idOf([low, high])];
    expect(new Set(told).size).toBe(told.length);
    expect(await idOf([low])).toBe(told[0]);
    expect(told.every((id) => /^alert-[0-9a-f]+$/.test(id ?? ""))).toBe(true);
  });

  test("of a write is known by the journal's entry, and says what was done to the key", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    await reconcileKey(jobFor(), world, SETTINGS);
    const [record] = world.people.records.values();
    expect(record?.occurrences).toEqual([world.entries[0]?.id]);
    expect(world.published).toMatchObject([{ kind: "repaired", findings: [{ refs: [record?.ref] }] }]);
  });

  test("of a write that adds and takes out speaks of what was missing", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A, B);
    await reconcileKey(jobFor(), world, SETTINGS);
    world.live.delete(B.id);
    world.known.delete(B.id);
    await reconcileKey(jobFor(), world, SETTINGS);
    world.pass(300_000);
    await reconcileKey(jobFor(), world.put(agent("CCCCCCCCCC")), SETTINGS);
    const told = world.published.at(-1);
    expect(told?.diff.some((line) => line.startsWith("-"))).toBe(true);
    expect(told?.headline).toContain('lacked what agent "bot-cccccccccc" needs');
  });

  test("of one write for several agents is one finding, that names them all", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A, B);
    await reconcileKey(jobFor(), world, SETTINGS);
    expect(world.published).toHaveLength(1);
    expect(world.published[0]?.findings).toMatchObject([{ kind: "access-missing", agents: [A.id, B.id] }]);
    expect(world.published[0]?.findings[0]?.refs).toHaveLength(2);
  });
});

describe("a problem of an agent", () => {
  test("that left the key is told for a week", () => {
    const left = (ago: number) => [{ id: A.id, name: A.name, to: undefined, at: new Date(NOW - ago).toISOString() }];
    const now = new Date(NOW).toISOString();
    expect(departures(KEY, left(WEEK - 1), now)).toHaveLength(1);
    expect(departures(KEY, left(WEEK), now)).toEqual([]);
  });

  test("without a role is told where any of its versions on the key has none", () => {
    const version = { version: "1", keyArn: KEY, roleArn: undefined, memoryEnabled: false };
    const found = roleless(KEY, [{ ...A, versions: [version] }, B, agent("CCCCCCCCCC", { roleArn: undefined })]);
    expect(found.map(({ agents }) => agents)).toEqual([[A.id, "CCCCCCCCCC"]]);
    expect(found[0]?.title).toContain("agent AAAAAAAAAA, CCCCCCCCCC has none");
    expect(roleless(KEY, [A, B])).toEqual([]);
  });
});
