/** The journal's order, and what counts as a write that KMS shows. The write itself: former-write.test.ts. */
import { describe, expect, test } from "vitest";
import { diffPolicies } from "../../../packages/core/src/key/diff-policies.ts";
import { type JournalEntry, TAKEN } from "../../../packages/core/src/key/journal.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { showsWrite, THE_GUARD, type Write, writePolicy } from "../../../packages/core/src/key/write.ts";
import { ADMIN_STATEMENT, agent, DEFAULT_POLICY, jobFor, KEY, policyOf, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const AFTER = policyOf(ADMIN_STATEMENT, { ...ADMIN_STATEMENT, Sid: "BedrockKeyGuardServiceGrants" });

async function repaired(): Promise<{ world: World; entry: JournalEntry }> {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  const [entry] = world.entries;
  if (!entry) throw new Error("nothing was written");
  return { world, entry };
}

describe("an entry sorts behind the one that it follows", () => {
  const writeAfter = async (at: string) => {
    const { world, entry } = await repaired();
    const latest = { ...entry, at };
    const before = world.policies.get(KEY) ?? "";
    const who = { key: KEY, action: "repair", by: THE_GUARD, causes: jobFor().causes } as const;
    const write: Write = { ...who, before, after: AFTER, diff: [], regains: [], latest };
    world.clock.now = () => "2026-11-23T12:00:00.000Z";
    const result = await writePolicy(write, world);
    if (result.kind !== "verified") throw new Error(result.kind);
    return result.entry;
  };

  test.for([
    ["2026-11-23T11:59:59.999Z", "2026-11-23T12:00:00.000Z"],
    ["2026-11-23T12:00:00.000Z", "2026-11-23T12:00:00.001Z"],
    ["2026-11-23T12:00:07.000Z", "2026-11-23T12:00:07.001Z"],
  ] as const)("also where another machine's clock said %s", async ([latest, at]) => {
    const entry = await writeAfter(latest);
    expect(entry.at).toBe(at);
    expect(entry.id.startsWith(at)).toBe(true);
    expect(entry.by).toBe("guard");
  });
});

describe("KMS shows a write", () => {
  test("where it shows all of the guard's statements, not some of them", async () => {
    const { entry } = await repaired();
    const { Statement } = JSON.parse(entry.after);
    const theirs = { ...ADMIN_STATEMENT, Sid: "Theirs" };
    expect(showsWrite(policyOf(...Statement, theirs), entry)).toBe(true);
    expect(showsWrite(policyOf(Statement[1], Statement[2], theirs), entry)).toBe(false);
  });

  test("of a policy with statements without a Sid, too", async () => {
    const { Sid: _, ...unnamed } = ADMIN_STATEMENT;
    const world = new World().withKey(policyOf(unnamed)).put(A);
    await reconcileKey(jobFor(), world, SETTINGS);
    const [entry] = world.entries;
    const { Statement } = JSON.parse(entry?.after ?? "");
    const live = policyOf(...Statement, { ...unnamed, Action: "kms:Decrypt" });
    expect(entry && showsWrite(live, entry)).toBe(true);
  });

  test("as one that it took where it does not, yet: the entry says so, whole", async () => {
    const { world, entry } = await repaired();
    world.staleReads = 100;
    const who = { key: KEY, action: "repair", by: THE_GUARD, causes: jobFor().causes } as const;
    const before = world.policies.get(KEY) ?? "";
    const result = await writePolicy({ ...who, before, after: AFTER, diff: [], regains: [], latest: entry }, world);
    expect(result).toMatchObject({ kind: "unverified", entry: { state: "put", after: AFTER, key: KEY } });
    expect(result.kind === "unverified" && TAKEN.has(result.entry.state)).toBe(true);
  });
});

test("a text that is no policy differs from one by all its statements", () => {
  const added = diffPolicies("not json", DEFAULT_POLICY);
  expect(added.length).toBeGreaterThan(0);
  expect(added.every((line) => line.startsWith("+"))).toBe(true);
  expect(diffPolicies("not json", "[]")).toEqual([]);
});
