import { expect, test } from "vitest";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { ADMIN_STATEMENT, agent, DEFAULT_POLICY, jobFor, KEY, policyOf, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const sids = (world: World) => world.policyStatements().map((s) => s.Sid);

test("a policy that changed between judgement and write is judged again: the other writer's statement stays", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  const theirs = { ...ADMIN_STATEMENT, Sid: "Theirs", Action: "kms:Encrypt" };
  world.afterJournalOpened = () => {
    world.afterJournalOpened = () => {};
    world.policies.set(KEY, policyOf(ADMIN_STATEMENT, theirs));
  };
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
  expect(sids(world)).toContain("Theirs");
  expect(world.entries.map((entry) => entry.state)).toEqual(["abandoned", "told"]);
});

test("after a crash between write and alert, the next look tells of the write, once", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.afterPut = () => {
    throw new Error("crash");
  };
  await expect(reconcileKey(jobFor(), world, SETTINGS)).rejects.toThrow("crash");
  world.afterPut = () => {};
  await reconcileKey(jobFor(), world, SETTINGS);
  await reconcileKey(jobFor(), world, SETTINGS);
  expect(world.writes).toHaveLength(1);
  expect(world.published.map((alert) => alert.kind)).toEqual(["repaired"]);
  expect(world.entries.map((entry) => entry.state)).toEqual(["told"]);
});

test("after a crash before the write, the journal entry is abandoned and the key is repaired", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.afterJournalOpened = () => {
    throw new Error("crash");
  };
  await expect(reconcileKey(jobFor(), world, SETTINGS)).rejects.toThrow("crash");
  world.afterJournalOpened = () => {};
  // KMS may have taken it, and not show it yet.
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("deferred");
  world.pass(60_000);
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
  expect(world.entries.map((entry) => entry.state)).toEqual(["abandoned", "told"]);
});

test("a write that KMS does not show at once is waited for; one that it does not show for long is looked at again", async () => {
  const soon = new World().withKey(DEFAULT_POLICY).put(A);
  soon.staleReads = 3;
  expect((await reconcileKey(jobFor(), soon, SETTINGS)).kind).toBe("repaired");

  const late = new World().withKey(DEFAULT_POLICY).put(A);
  late.staleReads = 100;
  expect((await reconcileKey(jobFor(), late, SETTINGS)).kind).toBe("deferred");
  expect(late.again).toHaveLength(1);
});

test("a refusal for a principal that may just be too new is tried again; any other is told", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.refuseNextPut = { code: "MalformedPolicyDocumentException", message: "invalid principals" };
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("deferred");
  world.refuseNextPut = { code: "AccessDeniedException", message: "not authorized" };
  expect(await reconcileKey(jobFor(), world, SETTINGS)).toMatchObject({
    kind: "alerted",
    findings: [{ kind: "write-refused" }],
  });
  expect(world.writes).toEqual([]);
});

test("a write that is overwritten before it can be verified is told, and tried again only after that", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.afterPut = () => world.policies.set(KEY, DEFAULT_POLICY);
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("deferred");
  expect(world.entries).toMatchObject([{ state: "put" }]);
  world.afterPut = () => {};
  await world.clock.sleep(60_000);
  expect((await reconcileKey(jobFor({ attempt: 3 }), world, SETTINGS)).kind).toBe("repaired");
  expect(world.published.map((alert) => alert.severity)).toEqual(["high", "medium"]);
  expect(world.published[0]?.text).toContain("Someone has put another policy since");
});

test("a write that never shows is told in the end, not looked at for ever", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.staleReads = 1000;
  const outcome = await reconcileKey(jobFor({ attempt: 8 }), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind: "policy-in-flux" }] });
  expect(world.again).toEqual([]);
});

test("a throttled write is tried again later, and told when that does not help", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.throttled = true;
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("deferred");
  expect((await reconcileKey(jobFor({ attempt: 8 }), world, SETTINGS)).kind).toBe("alerted");
  expect(world.writes).toEqual([]);
});

test("a write is told after a crash even if the agent is gone or the key disabled by then", async () => {
  for (const change of [
    (world: World) => void world.known.clear(),
    (world: World) => void world.withKey(world.policies.get(KEY) ?? "", { state: "Disabled" }),
  ]) {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    world.afterPut = () => {
      throw new Error("crash");
    };
    await expect(reconcileKey(jobFor(), world, SETTINGS)).rejects.toThrow("crash");
    change(world);
    await reconcileKey(jobFor(), world, SETTINGS);
    expect(world.published[0]?.kind).toBe("repaired");
    expect(world.entries.map((entry) => entry.state)).toEqual(["told"]);
  }
});

test("a key that KMS does not know is asked for once more before it is told as lost", async () => {
  const world = new World().put(A);
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("deferred");
  expect(await reconcileKey(jobFor({ attempt: 1 }), world, SETTINGS)).toMatchObject({
    findings: [{ kind: "key-not-found", severity: "critical" }],
  });
});

test("a journal entry sorts behind the one before it, whatever the clock says", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.policies.set(KEY, DEFAULT_POLICY);
  world.pass(-600_000);
  await reconcileKey(jobFor(), world, SETTINGS);
  const ids = world.entries.map((entry) => entry.id);
  expect(ids).toEqual([...ids].sort());
});
