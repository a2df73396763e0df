/** Numbered versions and moved drafts, through a whole look. */
import { describe, expect, test } from "vitest";
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { type Call, recorded } from "../support/recorded.ts";
import { agent, DEFAULT_POLICY, jobFor, KEY, OTHER_ROLE, ROLE, SETTINGS, World } from "../support/world.ts";

const OTHER_KEY = KEY.replace("1111", "9999") as KeyArn;
const version = (number: string, changes = {}) => ({
  version: number,
  keyArn: KEY,
  roleArn: ROLE,
  memoryEnabled: false,
  ...changes,
});
const A = agent("AAAAAAAAAA");
const text = (world: World) => world.policies.get(KEY) ?? "";

describe("a version that was made before an update", () => {
  test("keeps needing its own key and role, which the draft no longer has", async () => {
    const moved = { ...A, keyArn: OTHER_KEY, roleArn: OTHER_ROLE, versions: [version("1")] };
    const world = new World().withKey(DEFAULT_POLICY).put(moved);
    expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
    expect(text(world)).toContain(A.arn);
    expect(text(world)).toContain(ROLE);
    expect(text(world)).not.toContain(OTHER_ROLE);
  });

  test("gets its role beside the draft's", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put({ ...A, versions: [version("1", { roleArn: OTHER_ROLE })] });
    await reconcileKey(jobFor(), world, SETTINGS);
    expect(text(world)).toContain(ROLE);
    expect(text(world)).toContain(OTHER_ROLE);
  });

  test("gets the statement for memory where it has one, though the draft has none", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put({ ...A, versions: [version("1", { memoryEnabled: true })] });
    await reconcileKey(jobFor(), world, SETTINGS);
    expect(text(world)).toContain("BedrockKeyGuardServiceMemory");
  });

  test("is read once: what is known of it does not change", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    world.live.set(A.id, { ...A, versions: [version("1"), version("2")] });
    const calls: Call[] = [];
    const ports = recorded(world, calls);
    await reconcileKey(jobFor({ agents: [A.id] }), ports, SETTINGS);
    world.live.set(A.id, { ...A, versions: [version("1"), version("2"), version("3")] });
    await reconcileKey(jobFor({ agents: [A.id] }), ports, SETTINGS);
    const read = calls.filter(({ name }) => name === "agents.version").map(({ args }) => args[1]);
    expect(read).toEqual(["1", "2", "3"]);
  });

  test("that was deleted since it was listed is not there", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    world.live.set(A.id, { ...A, versions: [version("1")] });
    const ports = recorded(world, [], ({ name }) => (name === "agents.version" ? { kind: "not-found" } : undefined));
    await reconcileKey(jobFor({ agents: [A.id] }), ports, SETTINGS);
    expect(world.known.get(A.id)?.agent.versions).toEqual([]);
  });

  test("that may not be read makes the agent unreadable: nothing is written for it", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    world.live.set(A.id, { ...A, versions: [version("1")] });
    const ports = recorded(world, [], ({ name }) =>
      name === "agents.version" ? { kind: "denied", message: "not authorized" } : undefined,
    );
    const outcome = await reconcileKey(jobFor({ agents: [A.id] }), ports, SETTINGS);
    expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind: "agent-unreadable" }] });
    expect(world.writes).toEqual([]);
  });
});

describe("an agent whose draft left the key", () => {
  test.for([
    ["for a key that AWS owns", undefined, "agent-lost-key", "medium"],
    ["for another key", OTHER_KEY, "agent-swapped-key", "low"],
  ] as const)("%s is told once, with its name, and no longer after a week", async ([, keyArn, kind, severity]) => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
    world.live.set(A.id, { ...A, keyArn });
    const outcome = await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
    expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind, severity }] });
    expect(world.published.at(-1)?.text).toContain(`${A.name} (${A.id})`);
    const told = world.published.length;
    await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
    expect(world.published).toHaveLength(told);
    world.pass(8 * 24 * 3_600_000);
    const later = await reconcileKey(jobFor(), world, SETTINGS);
    expect("findings" in later && later.findings.some((finding) => finding.kind === kind)).toBe(false);
  });

  test("is no longer told of once it is back", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    world.live.set(A.id, { ...A, keyArn: OTHER_KEY });
    await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
    world.live.set(A.id, A);
    expect((await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS)).kind).toBe("repaired");
    expect(world.departed.get(KEY)).toEqual([]);
  });
});

test("keys that an agent turns out to use, with the event about it lost, are looked at for it", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.live.set(A.id, { ...A, versions: [version("1", { keyArn: OTHER_KEY })] });
  await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
  expect(world.again.map(({ job }) => job)).toMatchObject([{ key: OTHER_KEY, agents: [A.id], attempt: 0 }]);
});
