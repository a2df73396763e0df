import { describe, expect, test } from "vitest";
import type { RoleArn } from "../../../packages/core/src/arn.ts";
import type { EventCause } from "../../../packages/core/src/intake/event.ts";
import { takeIn } from "../../../packages/core/src/intake/intake.ts";
import type { JournalEntry } from "../../../packages/core/src/key/journal.ts";
import { policyDigest } from "../../../packages/core/src/policy/canonical.ts";
import { ACCOUNT, ADMIN_STATEMENT, agent, DEFAULT_POLICY, KEY, policyOf, World } from "../support/world.ts";

const GUARD_ROLE = `arn:aws:iam::${ACCOUNT}:role/guard-reconcile` as RoleArn;
const PUT = policyOf(ADMIN_STATEMENT, { ...ADMIN_STATEMENT, Sid: "BedrockKeyGuard" });
/** As KMS may print it. */
const PRINTED = JSON.stringify(JSON.parse(PUT), null, 2);

function entryOf(changes: Partial<JournalEntry> = {}): JournalEntry {
  return {
    key: KEY,
    id: "entry-1",
    action: "repair",
    by: "guard",
    at: "2026-11-23T10:00:00.000Z",
    state: "told",
    putAt: "2026-11-23T10:00:01.000Z",
    before: DEFAULT_POLICY,
    beforeDigest: policyDigest(DEFAULT_POLICY),
    after: PUT,
    afterDigest: policyDigest(PUT),
    causes: [{ kind: "sweep", id: "sweep-1", at: "2026-11-23T09:59:00.000Z", whole: true }],
    diff: [],
    regains: [],
    ...changes,
  };
}

function put(policy: string, at = "2026-11-23T10:00:01Z", by: string = GUARD_ROLE) {
  const cause: EventCause = {
    kind: "event",
    id: `put at ${at}`,
    eventName: "PutKeyPolicy",
    actor: { arn: by, sessionName: undefined, invokedBy: undefined },
    at,
  };
  return { kind: "key-changed", key: KEY, cause, policy } as const;
}

const TERRAFORM = `arn:aws:iam::${ACCOUNT}:role/terraform`;

async function take(event: Parameters<typeof takeIn>[0], world: World) {
  const { kind } = await takeIn(event, world, { guardRoleArn: GUARD_ROLE });
  return { kind, queued: world.queued.length, foreign: world.foreign };
}

function worldWith(...entries: readonly JournalEntry[]): World {
  const world = new World().put(agent("AAAAAAAAAA"));
  world.entries.push(...entries);
  return world;
}

describe("an event of a policy that the journal explains", () => {
  test("is dropped when people were told of it, however KMS prints the policy", async () => {
    expect(await take(put(PRINTED), worldWith(entryOf()))).toEqual({ kind: "dropped", queued: 0, foreign: [] });
  });

  test.each(["opened", "put", "verified", "abandoned"] as const)("is a look while its entry is %s", async (state) => {
    const world = worldWith(entryOf({ state }));
    expect(await take(put(PUT), world)).toEqual({ kind: "queued", queued: 1, foreign: [] });
  });

  test("is a look as long as one of the entries that explain it is not told", async () => {
    const second = entryOf({ id: "entry-2", at: "2026-11-23T10:00:20.000Z", putAt: undefined, state: "opened" });
    for (const entries of [
      [entryOf(), second],
      [second, entryOf()],
    ]) {
      expect(await take(put(PUT), worldWith(...entries))).toMatchObject({ kind: "queued", foreign: [] });
    }
  });

  test("may be older or newer than the entry by what clocks differ, and come late after a slow write", async () => {
    for (const at of ["2026-11-23T09:59:01Z", "2026-11-23T10:01:00Z"]) {
      expect(await take(put(PUT, at), worldWith(entryOf()))).toMatchObject({ kind: "dropped" });
    }
    const slow = entryOf({ putAt: "2026-11-23T10:00:50.000Z" });
    expect(await take(put(PUT, "2026-11-23T10:01:45Z"), worldWith(slow))).toMatchObject({ kind: "dropped" });
  });

  test("is explained by an entry that is not the newest any more", async () => {
    const newer = entryOf({ id: "entry-2", at: "2026-11-23T10:00:05.000Z", afterDigest: "another" });
    expect(await take(put(PUT), worldWith(entryOf(), newer))).toMatchObject({ kind: "dropped" });
  });
});

describe("an event of a policy that the journal does not explain", () => {
  test("is recorded with its document and who put it, and the key is looked at", async () => {
    const event = put(DEFAULT_POLICY, "2026-11-23T10:00:01Z", TERRAFORM);
    const { cause, policy } = event;
    expect(await take(event, worldWith(entryOf()))).toEqual({
      kind: "queued",
      queued: 1,
      foreign: [
        {
          key: KEY,
          eventId: cause.id,
          at: cause.at,
          actor: cause.actor,
          policy,
          byGuard: false,
          settled: false,
        },
      ],
    });
  });

  test("is foreign though the guard once put the same document: someone restored it", async () => {
    for (const at of ["2026-11-23T11:00:00Z", "2026-11-23T09:58:59Z", "2026-11-23T10:01:02Z"]) {
      const { kind, foreign } = await take(put(PUT, at, TERRAFORM), worldWith(entryOf()));
      expect([kind, foreign.length]).toEqual(["queued", 1]);
    }
  });

  test("is not explained by a long write's entry beyond two minutes after it was opened", async () => {
    const settledLate = entryOf({ putAt: "2026-11-23T12:00:00.000Z" });
    expect((await take(put(PUT, "2026-11-23T10:01:59Z"), worldWith(settledLate))).foreign).toHaveLength(0);
    expect((await take(put(PUT, "2026-11-23T10:02:01Z"), worldWith(settledLate))).foreign).toHaveLength(1);
  });

  test("is not explained by an entry that KMS refused", async () => {
    expect((await take(put(PUT), worldWith(entryOf({ state: "refused", putAt: undefined })))).foreign).toHaveLength(1);
  });

  test("is by the guard when its role did it, also on a key that no agent uses", async () => {
    const { kind, foreign } = await take(put(DEFAULT_POLICY), new World());
    expect([kind, foreign.map(({ byGuard }) => byGuard)]).toEqual(["queued", [true]]);
  });

  test("is recorded once when it is delivered twice, and looked at each time", async () => {
    const world = worldWith();
    await take(put(DEFAULT_POLICY), world);
    expect(await take(put(DEFAULT_POLICY), world)).toMatchObject({ queued: 2, foreign: [{}] });
  });

  test("is recorded before the look is queued: a crash in between loses nothing", async () => {
    const world = worldWith();
    world.keyQueue.lookAt = async () => {
      throw new Error("crash");
    };
    await expect(take(put(DEFAULT_POLICY), world)).rejects.toThrow("crash");
    expect(world.foreign).toHaveLength(1);
  });
});

describe("a change of a key", () => {
  const disabled = { ...put(""), policy: undefined };
  const replaced = put(DEFAULT_POLICY, "2026-11-23T10:00:01Z", TERRAFORM);
  const changes = [
    ["a key is disabled", disabled],
    ["a policy is replaced", replaced],
  ] as const;

  test.each(changes)("is dropped when no agent uses the key and the guard never wrote to it: %s", async (_, event) => {
    expect(await take(event, new World())).toEqual({ kind: "dropped", queued: 0, foreign: [] });
  });

  test.each(changes)("is a look until a sweep has finished: any key may be an agent's: %s", async (_, event) => {
    const world = new World();
    world.sweepEverFinished = false;
    expect(await take(event, world)).toMatchObject({ kind: "queued", queued: 1 });
  });

  test.each(changes)(
    "is a look when no agent uses the key any more, but the guard wrote to it: %s",
    async (_, event) => {
      const world = new World();
      world.entries.push(entryOf());
      expect(await take(event, world)).toMatchObject({ kind: "queued", queued: 1 });
    },
  );

  test.each(changes)("is a look when an agent uses the key: %s", async (_, event) => {
    expect(await take(event, worldWith())).toMatchObject({ kind: "queued", queued: 1 });
  });
});
