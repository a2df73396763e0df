/** What makes a problem news, and an alert another alert: the same one is told once, another one is not kept back. */
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
  let written = 0;
  const { set } = world.told;
  world.told.set = async (on, ids) => {
    written++;
    await set(on, ids);
  };
  for (const found of [
    [low, high],
    [high, low],
    [low, high],
  ]) {
    await tellFindings(jobFor(), [A], found, [], true, world);
  }
  expect(written).toBe(1);
  expect(world.published).toHaveLength(1);
});

describe("an alert", () => {
  test("is headed by the worst of its findings, wherever that stands", async () => {
    const { low, high } = await findings();
    for (const found of [
      [low, high],
      [high, low],
    ]) {
      const world = new World();
      await tellFindings(jobFor(), [A], found, [], true, world);
      expect(world.published).toMatchObject([{ severity: "high", headline: `${high.title}.` }]);
    }
  });

  test("has an id of its own: another cause or another finding makes another alert, the same ones the same", async () => {
    const { low, high } = await findings();
    const [first] = jobFor().causes;
    const idOf = async (found: readonly (typeof low)[], ...causes: readonly string[]) => {
      const world = new World();
      const [one = first, ...others] = causes.map((id) => ({ ...first, id }));
      await tellFindings(jobFor({ causes: [one, ...others] }), [A], found, [], true, world);
      return world.published[0]?.id;
    };
    const told = [
      await idOf([low], "1"),
      await idOf([high], "1"),
      await idOf([low], "2"),
      await idOf([low], "1", "2"),
      await idOf([low], "12"),
    ];
    expect(new Set(told).size).toBe(told.length);
    expect(await idOf([low], "1")).toBe(told[0]);
    expect(told.every((id) => /^problem-[0-9a-f]+$/.test(id ?? ""))).toBe(true);
  });

  test("of a write has the entry's id, and says what was done to the key", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    await reconcileKey(jobFor(), world, SETTINGS);
    expect(world.published.map(({ id }) => id)).toEqual([`repaired-${world.entries[0]?.id}`]);
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
