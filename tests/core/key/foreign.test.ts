/** Policies that others put at the same time as the guard, and writes of its role that it did not make. */
import { describe, expect, test } from "vitest";
import type { RoleArn } from "../../../packages/core/src/arn.ts";
import { type IntakePorts, takeIn } from "../../../packages/core/src/intake/intake.ts";
import type { Actor } from "../../../packages/core/src/key/job.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { problemsIn } from "../support/announcer.ts";
import {
  ACCOUNT,
  ADMIN_STATEMENT,
  agent,
  DEFAULT_POLICY,
  jobFor,
  KEY,
  policyOf,
  SETTINGS,
  World,
} from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const GUARD_ROLE = `arn:aws:iam::${ACCOUNT}:role/bedrock-key-guard-reconcile` as RoleArn;
const TERRAFORM: Actor = { arn: `arn:aws:iam::${ACCOUNT}:role/terraform`, sessionName: "ci", invokedBy: undefined };
const THEIRS = policyOf(ADMIN_STATEMENT, { ...ADMIN_STATEMENT, Sid: "Partner", Action: "kms:Decrypt" });
const PRUNED = policyOf({ ...ADMIN_STATEMENT, Action: ["kms:Describe*", "kms:PutKeyPolicy", "kms:GetKeyPolicy"] });

/** Somebody's PutKeyPolicy arrives as an event, and the look that it asks for is made. */
async function eventOf(world: World, policy: string, at: string, actor: Actor = TERRAFORM, settings = SETTINGS) {
  const cause = { kind: "event", id: `put-${at}-${policy.length}`, eventName: "PutKeyPolicy", actor, at } as const;
  await takeIn({ kind: "key-changed", key: KEY, cause, policy }, world as IntakePorts, { guardRoleArn: GUARD_ROLE });
  const job = world.queued.at(-1);
  if (!job) throw new Error("no look was queued");
  return reconcileKey(job, world, settings);
}

/** The policy that the guard read was put an hour before: what came after it is newer. */
async function readingIsOlder(world: World): Promise<void> {
  const put = { eventId: "older", at: "2026-11-23T09:00:00Z", actor: TERRAFORM, policy: DEFAULT_POLICY };
  await world.foreignWrites.record({ key: KEY, ...put, byGuard: false, settled: true });
}

/** The guard's put comes right after somebody's, which it has not read. */
async function lostUpdate(theirs = THEIRS): Promise<{ world: World; at: string }> {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  let at = "";
  world.beforePut = () => {
    world.beforePut = () => {};
    at = `${world.clock.now().slice(0, 19)}Z`;
    world.policies.set(KEY, theirs);
  };
  await reconcileKey(jobFor(), world, SETTINGS);
  expect(at).not.toBe("");
  world.pass(120_000);
  return { world, at };
}

const told = (world: World) => problemsIn(world.published).map(({ kind }) => kind);

describe("a policy that the guard overwrote without having read it", () => {
  test("is told as critical, with its document and who put it, once", async () => {
    const { world, at } = await lostUpdate();
    await eventOf(world, THEIRS, at);
    const alert = world.published.at(-1);
    expect(alert).toMatchObject({
      severity: "critical",
      findings: [{ kind: "update-overwritten", evidence: [THEIRS] }],
    });
    expect(alert?.text).toContain("role/terraform (session ci)");
    await eventOf(world, THEIRS, at);
    expect(told(world).filter((kind) => kind === "update-overwritten")).toHaveLength(1);
    expect(world.writes).toHaveLength(1);
  });

  test("is not concluded about within a minute of the guard's own put: KMS may still show what was there before", async () => {
    const { world, at } = await lostUpdate();
    world.pass(-100_000);
    expect((await eventOf(world, THEIRS, at)).kind).toBe("deferred");
    expect(world.again.at(-1)).toMatchObject({ delaySeconds: 60 });
    expect(told(world)).toEqual([]);
    world.pass(100_000);
    await eventOf(world, THEIRS, at);
    expect(told(world)).toEqual(["update-overwritten"]);
  });

  test("is found also where KMS showed the guard an older one than it, for half a minute", async () => {
    const { world, at } = await lostUpdate();
    const earlier = new Date(Date.parse(at) - 30_000).toISOString();
    await eventOf(world, THEIRS, `${earlier.slice(0, 19)}Z`);
    expect(told(world)).toEqual(["update-overwritten"]);
  });

  test("is put back with the guard's statements added, where the setting says so", async () => {
    const { world, at } = await lostUpdate(PRUNED);
    await readingIsOlder(world);
    const settings = { ...SETTINGS, restoreLostUpdates: true };
    expect(await eventOf(world, PRUNED, at, TERRAFORM, settings)).toMatchObject({ kind: "repaired" });
    const [first, ...own] = world.policyStatements();
    // What they revoked stays revoked.
    expect(first).toEqual(JSON.parse(PRUNED).Statement[0]);
    expect(own.map((statement) => String(statement.Sid).startsWith("BedrockKeyGuard"))).toEqual([true, true, true]);
    expect(world.entries.at(-1)).toMatchObject({ action: "restore", state: "told" });
    const restored = world.published.find((alert) => alert.severity === "critical");
    expect(restored?.headline).toContain("it had overwritten what somebody put at the same moment, unread");
    await eventOf(world, PRUNED, at, TERRAFORM, settings);
    expect(world.writes).toHaveLength(2);
  });

  test("is told, not put back, when that may lose something else, or the guard may not write", async () => {
    const settings = { ...SETTINGS, restoreLostUpdates: true };
    // What the guard read may have been put after it, by somebody whose event never came.
    const unproved = () => {};
    for (const change of [
      unproved,
      (world: World) => void world.policies.set(KEY, policyOf(ADMIN_STATEMENT, { ...ADMIN_STATEMENT, Sid: "Third" })),
      (world: World) => void world.heldKeys.set(KEY, { kind: "person", by: "ana", reason: "x", at: world.clock.now() }),
      (world: World) => void world.keyTags.set("bedrock-key-guard", "observe"),
      (world: World) => {
        world.paused = true;
      },
      (world: World) => {
        world.budget.reserve = async () => "spent";
      },
      (world: World) => {
        world.refuseNextPut = { code: "AccessDeniedException", message: "not authorized" };
      },
    ]) {
      const { world, at } = await lostUpdate(PRUNED);
      if (change !== unproved) await readingIsOlder(world);
      change(world);
      await eventOf(world, PRUNED, at, TERRAFORM, settings);
      expect(told(world).filter((kind) => kind === "update-overwritten")).toHaveLength(1);
      expect(world.entries.filter(({ action, state }) => action === "restore" && state !== "refused")).toEqual([]);
      expect(world.foreign.every(({ settled: isSettled }) => isSettled)).toBe(true);
    }
  });
});

test("a policy that the guard knows of and that KMS does not show yet is not written over", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  const at = `${world.clock.now().slice(0, 19)}Z`;
  expect((await eventOf(world, THEIRS, at)).kind).toBe("deferred");
  expect(world.writes).toEqual([]);
  world.policies.set(KEY, THEIRS);
  expect((await eventOf(world, THEIRS, at)).kind).toBe("repaired");
  expect(world.policies.get(KEY)).toContain("Partner");
});

test("a policy that never shows is not written over either: it is told", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  const at = `${world.clock.now().slice(0, 19)}Z`;
  await eventOf(world, THEIRS, at);
  expect(await reconcileKey(jobFor({ attempt: 8 }), world, SETTINGS)).toMatchObject({
    kind: "alerted",
    findings: [{ kind: "policy-in-flux" }],
  });
});

test("what was put back gives what the live policy gave, also to agents that are being changed", async () => {
  const { world, at } = await lostUpdate(PRUNED);
  await readingIsOlder(world);
  world.put({ ...A, status: "UPDATING" });
  await eventOf(world, PRUNED, at, TERRAFORM, { ...SETTINGS, restoreLostUpdates: true });
  expect(world.entries.at(-1)).toMatchObject({ action: "restore" });
  expect(world.policies.get(KEY)).toContain(A.arn);
});

describe("nothing was overwritten unseen", () => {
  test.for<[string, (world: World, at: string) => Promise<{ policy: string; at: string }>]>([
    ["where it was put minutes before the guard's write", async () => ({ policy: THEIRS, at: "2026-11-23T09:58:00Z" })],
    ["where the guard had read it", async (_, at) => ({ policy: DEFAULT_POLICY, at })],
    [
      "where it is live",
      async (world, at) => {
        world.policies.set(KEY, THEIRS);
        return { policy: THEIRS, at };
      },
    ],
    [
      "where another writer put what the guard then read",
      async (world, at) => {
        await world.foreignWrites.record({
          key: KEY,
          eventId: "between",
          at: `${new Date(Date.parse(at) - 2_000).toISOString().slice(0, 19)}Z`,
          actor: TERRAFORM,
          policy: DEFAULT_POLICY,
          byGuard: false,
          settled: true,
        });
        return { policy: THEIRS, at: `${new Date(Date.parse(at) - 4_000).toISOString().slice(0, 19)}Z` };
      },
    ],
  ])("%s", async ([, prepare]) => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    const before = `${world.clock.now().slice(0, 19)}Z`;
    await reconcileKey(jobFor(), world, SETTINGS);
    const { policy, at } = await prepare(world, before);
    world.pass(60_000);
    await eventOf(world, policy, at);
    expect(told(world)).not.toContain("update-overwritten");
    expect(world.foreign.every(({ settled }) => settled)).toBe(true);
  });
});

describe("the guard's own writes come back as events", () => {
  const asGuard: Actor = { arn: GUARD_ROLE, sessionName: "lambda", invokedBy: undefined };

  test("and are known by the journal", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    await reconcileKey(jobFor(), world, SETTINGS);
    const at = `${world.clock.now().slice(0, 19)}Z`;
    const cause = { kind: "event", id: "own", eventName: "PutKeyPolicy", actor: asGuard, at } as const;
    const policy = world.writes[0]?.text ?? "";
    const outcome = await takeIn({ kind: "key-changed", key: KEY, cause, policy }, world as IntakePorts, {
      guardRoleArn: GUARD_ROLE,
    });
    expect(outcome.kind).toBe("dropped");
    expect(world.foreign).toEqual([]);
  });

  test("and one that no journal entry explains is told as critical, once", async () => {
    const world = new World().withKey(THEIRS).put(A);
    await eventOf(world, THEIRS, "2026-11-23T10:00:02Z", asGuard);
    await eventOf(world, THEIRS, "2026-11-23T10:00:02Z", asGuard);
    expect(told(world).filter((kind) => kind === "own-write-unexplained")).toHaveLength(1);
    expect(world.published[0]).toMatchObject({ severity: "critical" });
  });
});
