/** What must not be concluded while KMS may still show the policy before the guard's own write. */
import { expect, test } from "vitest";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { agent, DEFAULT_POLICY, jobFor, KEY, SETTINGS, World } from "../support/world.ts";

const A = agent("AAAAAAAAAA");

test("a key is not taken for compliant by a reading that does not show the put that asked for the look", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.pass(120_000);
  const [cause] = jobFor().causes;
  if (cause.kind !== "event") throw new Error("the job has no event");
  const at = `${world.clock.now().slice(0, 19)}Z`;
  const { id: eventId, actor } = cause;
  await world.foreignWrites.record({
    ...{ key: KEY, eventId, at, actor, policy: DEFAULT_POLICY, byGuard: false, settled: false },
  });
  const look = (attempt: number) => reconcileKey(jobFor({ causes: [{ ...cause, at }], attempt }), world, SETTINGS);
  expect((await look(0)).kind).toBe("deferred");
  expect(world.again.at(-1)).toMatchObject({ delaySeconds: 60 });
  // It is no older than a minute, but nobody waits for ever.
  expect((await look(8)).kind).toBe("compliant");

  world.pass(60_000);
  world.policies.set(KEY, DEFAULT_POLICY);
  expect((await look(1)).kind).toBe("repaired");
});

test("the sweep does not stop coming by a key whose policy shows nothing of the guard's within a minute of its write", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  const written = world.policies.get(KEY) ?? "";
  world.live.delete(A.id);
  world.known.delete(A.id);
  const swept = () => {
    const cause = { kind: "sweep", id: "sweep-1", at: world.clock.now(), whole: true } as const;
    return reconcileKey(jobFor({ causes: [cause] }), world, SETTINGS);
  };
  world.policies.set(KEY, DEFAULT_POLICY);
  await swept();
  expect([...world.droppedKeys]).toEqual([]);

  // What was written shows itself: the key is not done with.
  world.policies.set(KEY, written);
  world.pass(60_000);
  await swept();
  expect([...world.droppedKeys]).toEqual([]);

  world.policies.set(KEY, DEFAULT_POLICY);
  await swept();
  expect([...world.droppedKeys]).toEqual([KEY]);
});
