/** What counts as a removal, who is named for it, and what is told of a contest while it lasts. */
import { describe, expect, test } from "vitest";
import type { Finding } from "../../../packages/core/src/finding/finding.ts";
import { contestedSince, regainedBy, removals } from "../../../packages/core/src/key/contest.ts";
import type { Cause } from "../../../packages/core/src/key/job.ts";
import type { JournalEntry } from "../../../packages/core/src/key/journal.ts";
import { NO_ACCESS } from "../../../packages/core/src/key/own-access.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import type { Hold } from "../../../packages/core/src/ports.ts";
import {
  ADMIN_STATEMENT,
  agent,
  DEFAULT_POLICY,
  jobFor,
  KEY,
  policyOf,
  ROLE,
  SETTINGS,
  World,
} from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB");
const MINUTE = 60_000;

async function repaired(): Promise<{ world: World; entry: JournalEntry }> {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  const [entry] = world.entries;
  if (!entry) throw new Error("nothing was written");
  return { world, entry };
}

async function look(world: World, causes = jobFor().causes): Promise<readonly Finding[]> {
  const outcome = await reconcileKey(jobFor({ causes }), world, SETTINGS);
  return "findings" in outcome ? outcome.findings : [];
}

/** Two removals were undone; the third is there to be found. */
async function removedThrice(): Promise<World> {
  const { world } = await repaired();
  for (let i = 0; i < 3; i++) {
    world.pass(2 * MINUTE);
    world.policies.set(KEY, DEFAULT_POLICY);
    if (i < 2) await look(world);
  }
  return world;
}

describe("what an addition gives again", () => {
  const adds = { ...NO_ACCESS, agents: [A.arn, B.arn], roles: [ROLE] };

  test("is what the last write gave, of what is added now", async () => {
    const { entry } = await repaired();
    expect(regainedBy(adds, entry)).toEqual([A.arn, ROLE]);
    expect(regainedBy({ ...NO_ACCESS, grants: true }, entry)).toEqual(["grants"]);
    expect(regainedBy({ ...NO_ACCESS, agents: [B.arn] }, entry)).toEqual([]);
    expect(regainedBy(adds, undefined)).toEqual([]);
  });

  test("is, after a write that KMS did not take, what had been taken out before that one", async () => {
    const { entry } = await repaired();
    for (const state of ["opened", "abandoned", "refused"] as const) {
      expect(regainedBy(adds, { ...entry, state })).toEqual([]);
      expect(regainedBy(adds, { ...entry, state, regains: [ROLE, "grants"] })).toEqual([ROLE]);
    }
  });

  test("is, after a write that KMS did not take, also what still stood when that one was begun", async () => {
    const { entry } = await repaired();
    for (const state of ["abandoned", "refused"] as const) {
      const begun = { ...entry, before: entry.after, after: DEFAULT_POLICY, state };
      expect(regainedBy(adds, begun)).toEqual([A.arn, ROLE]);
      expect(regainedBy({ ...NO_ACCESS, agents: [B.arn] }, begun)).toEqual([]);
    }
  });

  test("is nothing after a write of what is no policy: a rollback puts back whatever stood there", async () => {
    const { entry } = await repaired();
    expect(regainedBy(adds, { ...entry, after: "not json" })).toEqual([]);
  });
});

describe("a removal counts", () => {
  test("where what was gone was given again by a write that KMS took, and where it is gone now", async () => {
    const { entry } = await repaired();
    const again = { ...entry, regains: [A.arn] };
    const entries = [entry, again, { ...again, state: "refused" as const }, { ...again, state: "put" as const }];
    expect(removals(entries, [A.arn])).toBe(3);
    expect(removals(entries, [])).toBe(2);
  });

  test("for a day, or since a person let the guard write again", () => {
    const now = "2026-11-23T12:00:00.000Z";
    const dayAgo = "2026-11-22T12:00:00.000Z";
    const hold = (kind: Hold["kind"], at: string): Hold => ({ kind, by: "ana", reason: "", at });
    expect(contestedSince(undefined, now)).toBe(dayAgo);
    expect(contestedSince(hold("lifted", "2026-11-23T08:00:00.000Z"), now)).toBe("2026-11-23T08:00:00.000Z");
    expect(contestedSince(hold("lifted", "2026-11-20T08:00:00.000Z"), now)).toBe(dayAgo);
    expect(contestedSince(hold("person", "2026-11-23T08:00:00.000Z"), now)).toBe(dayAgo);
  });
});

describe("a contest", () => {
  const put = (arn: string, eventName = "PutKeyPolicy"): Cause => {
    const actor = { arn, sessionName: undefined, invokedBy: undefined };
    return { kind: "event", id: arn, eventName, actor, at: "2026-11-23T10:00:00.000Z" };
  };

  test("names who put the policy last, and nobody who did something else", async () => {
    const world = await removedThrice();
    await look(world, [put("the-first"), put("the-last"), put("somebody-else", "EnableKey")]);
    expect(world.heldKeys.get(KEY)).toMatchObject({
      kind: "contest",
      by: "the-last",
      reason: "The guard's statements were taken out 3 times within a day",
    });
  });

  test("is one also where nobody is known to have put a policy", async () => {
    for (const cause of [
      { kind: "sweep", id: "s", at: "2026-11-23T10:00:00.000Z", whole: false } as const,
      put("somebody-else", "EnableKey"),
    ]) {
      const world = await removedThrice();
      await look(world, [cause]);
      expect(world.heldKeys.get(KEY)).toMatchObject({ by: "somebody whose call CloudTrail did not tell of" });
    }
  });

  test("is told, while it lasts, with all that the key needs: what is there, and what is missing", async () => {
    const world = await removedThrice();
    const [first] = await look(world);
    const { Statement } = JSON.parse(world.writes[0]?.text ?? "");
    world.policies.set(KEY, policyOf(ADMIN_STATEMENT, Statement[1]));
    const [second] = await look(world);
    expect(second?.kind).toBe("contested");
    expect(second?.remedy).toEqual(first?.remedy);
    expect(second?.remedy.join("\n")).toContain(ROLE);
    // Also where what is missing would not fit.
    world.policies.set(KEY, policyOf({ ...ADMIN_STATEMENT, Sid: "x".repeat(32_300) }));
    const found = await look(world);
    expect(found.map(({ kind }) => kind).sort()).toEqual(["contested", "policy-full"]);
    expect(found.find(({ kind }) => kind === "contested")?.remedy).toEqual(first?.remedy);
  });

  test("is not over while an agent is being changed: what it will need is not known", async () => {
    const world = await removedThrice();
    await look(world);
    world.policies.set(KEY, world.writes[0]?.text ?? "");
    world.put(A, { ...B, status: "UPDATING" });
    await reconcileKey(jobFor({ agents: [B.id] }), world, SETTINGS);
    expect(world.heldKeys.has(KEY)).toBe(true);
  });
});
