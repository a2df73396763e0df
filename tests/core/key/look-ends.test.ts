/** How a look at a key ends: put off and why, given up, silent where nobody is concerned. */
import { describe, expect, test } from "vitest";
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import type { Cause, KeyJob } from "../../../packages/core/src/key/job.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import type { Agent } from "../../../packages/core/src/ports.ts";
import { type Call, recorded } from "../support/recorded.ts";
import {
  ADMIN_STATEMENT,
  agent,
  DEFAULT_POLICY,
  jobFor,
  KEY,
  OTHER_ROLE,
  policyOf,
  ROLE,
  SETTINGS,
  World,
} from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB", { roleArn: OTHER_ROLE });
const _OTHER_KEY = KEY.replace("key/1111", "key/9999") as KeyArn;
const FOREIGN_KEY = KEY.replace("111122223333", "999988887777") as KeyArn;
const MINUTE = 60_000;

const fresh = (...agents: readonly Agent[]) => new World().withKey(DEFAULT_POLICY).put(...agents);
const look = (world: World, changes: Partial<KeyJob> = {}) => reconcileKey(jobFor(changes), world, SETTINGS);
const sweep = (at: string, whole = true): Cause => ({ kind: "sweep", id: at, at, whole });
const cause = (first: Cause, ...others: readonly Cause[]): Partial<KeyJob> => ({ causes: [first, ...others] });

async function repairedFor(...agents: readonly Agent[]): Promise<World> {
  const world = fresh(...agents);
  await look(world);
  world.pass(2 * MINUTE);
  return world;
}

function gone(world: World, { id }: Agent): void {
  world.live.delete(id);
  world.known.delete(id);
}

/** What is asked of the outside, in a look that goes well. */
async function calls(world: World, changes: Partial<KeyJob> = {}): Promise<readonly Call[]> {
  const made: Call[] = [];
  await reconcileKey(jobFor(changes), recorded(world, made), SETTINGS);
  return made;
}
const namesOf = (made: readonly Call[]) => made.map(({ name }) => name);

describe("a look that is put off says why:", () => {
  test.for<[string, () => Promise<World> | World, Partial<KeyJob>]>([
    [
      "KMS does not show the guard's last write yet",
      async () => {
        const world = fresh(A);
        world.afterJournalOpened = () => {
          throw new Error("crash");
        };
        await look(world).catch(() => {});
        return world;
      },
      {},
    ],
    [
      "agent AAAAAAAAAA, BBBBBBBBBB is not settled",
      () => fresh({ ...A, status: "CREATING" }, { ...B, status: "UPDATING" }),
      { agents: [A.id, B.id] },
    ],
    ["KMS does not know the key yet", () => new World().put(A), {}],
    [
      "5 agents are still to be read",
      async () => {
        const many = Array.from({ length: 30 }, (_, n) => agent(`N${String(n).padStart(9, "0")}`));
        const world = await repairedFor(...many);
        for (const one of many) world.known.set(one.id, { agent: one, seenAt: "2026-11-23T08:00:00.000Z" });
        return world;
      },
      cause(sweep("2026-11-23T09:00:00.000Z")),
    ],
    [
      `agent BBBBBBBBBB is not settled; IAM does not know ${ROLE} yet`,
      async () => {
        const world = fresh(A);
        world.iamRoles.clear();
        await look(world);
        world.pass(2 * MINUTE);
        return world.put({ ...B, status: "UPDATING" });
      },
      { agents: [B.id] },
    ],
    [
      "what seems to be gone is confirmed once more",
      async () => {
        const world = await repairedFor(A, B);
        gone(world, B);
        return world;
      },
      {},
    ],
    [
      "KMS does not show the last policy that was put yet",
      async () => {
        const world = fresh(A);
        await look(world);
        world.policies.set(KEY, DEFAULT_POLICY);
        return world;
      },
      {},
    ],
    [
      "KMS does not show the new policy",
      () => {
        const world = fresh(A);
        world.staleReads = 100;
        return world;
      },
      {},
    ],
    [
      "KMS refused the policy for now: no such principal",
      () => {
        const world = fresh(A);
        world.refuseNextPut = { code: "MalformedPolicyDocumentException", message: "no such principal" };
        return world;
      },
      { attempt: 3 },
    ],
    [
      "the policy or the agents changed each time that the guard was about to write",
      () => {
        const world = fresh(A);
        let n = 0;
        world.afterJournalOpened = () => world.policies.set(KEY, policyOf({ ...ADMIN_STATEMENT, Sid: `Change${n++}` }));
        return world;
      },
      {},
    ],
  ])("%s", async ([reason, build, job]) => {
    const world = await build();
    const before = world.again.length;
    expect(await look(world, job)).toEqual({ kind: "deferred", reason });
    expect(world.again).toHaveLength(before + 1);
  });

  test("and later each time, a quarter of an hour at most", async () => {
    for (const [attempt, delaySeconds] of [
      [0, 15],
      [1, 30],
      [3, 120],
      [6, 900],
      [7, 900],
    ] as const) {
      const world = fresh({ ...A, status: "CREATING" });
      await look(world, { agents: [A.id], attempt });
      expect(world.again).toMatchObject([{ delaySeconds, job: { attempt: attempt + 1, agents: [A.id] } }]);
    }
  });
});

describe("what a look does not come to an end with", () => {
  test("is tried four times while the policy changes under its hands", async () => {
    const world = fresh(A);
    let n = 0;
    world.afterJournalOpened = () => world.policies.set(KEY, policyOf({ ...ADMIN_STATEMENT, Sid: `Change${n++}` }));
    await look(world);
    expect(world.entries.map(({ state }) => state)).toEqual(Array.from({ length: 4 }, () => "abandoned"));
  });

  test("is told when a refused principal is refused for minutes, or the budget is spent for good", async () => {
    const refused = fresh(A);
    refused.refuseNextPut = { code: "MalformedPolicyDocumentException", message: "no such principal" };
    expect(await look(refused, { attempt: 4 })).toMatchObject({ findings: [{ kind: "write-refused" }] });
    expect(refused.again).toEqual([]);

    const spent = fresh(A);
    const settings = { ...SETTINGS, budgets: { keyPerHour: 0, accountPerHour: 0 } };
    expect(await reconcileKey(jobFor({ attempt: 8 }), spent, settings)).toMatchObject({
      kind: "proposed",
      reason: "the write budget of the hour is spent",
    });
    expect(spent.again).toEqual([]);
  });
});

describe("where nobody is concerned, nothing is told:", () => {
  test.for<[string, (world: World) => void]>([
    ["the key is gone", (world) => void world.kmsKeys.clear()],
    ["the key is disabled", (world) => void world.withKey(DEFAULT_POLICY, { state: "Disabled" })],
    ["its policy can't be read", (world) => void world.policies.clear()],
  ])("no agent is on the key any more, and %s", async ([, change]) => {
    const world = await repairedFor(A);
    gone(world, A);
    change(world);
    expect(await look(world, { attempt: 1 })).toEqual({ kind: "compliant" });
    expect(world.published.filter(({ kind }) => kind === "problem")).toEqual([]);
  });

  test("no agent was ever on the key, and KMS is not asked", async () => {
    const made = await calls(new World().withKey(DEFAULT_POLICY));
    expect(namesOf(made).filter((name) => /^(keys|holds|writer|roles)\./.test(name))).toEqual([]);
  });

  test("the deployment's mode is off, and nothing at all is asked", async () => {
    const made: Call[] = [];
    const outcome = await reconcileKey(jobFor(), recorded(fresh(A), made), { ...SETTINGS, mode: "off" });
    expect(outcome).toEqual({ kind: "skipped", reason: "the deployment's mode is off" });
    expect(made).toEqual([]);
  });

  test("the key's tag says off", async () => {
    const world = fresh(A);
    world.keyTags.set(SETTINGS.modeTag, "off");
    expect(await look(world)).toEqual({ kind: "skipped", reason: "the key's tag `bedrock-key-guard` says `off`" });
  });
});

test("a key of another account that lets itself be described is not touched before its agent is settled", async () => {
  const world = new World().put({ ...A, keyArn: FOREIGN_KEY, status: "CREATING" });
  world.kmsKeys.set(FOREIGN_KEY, { ...fresh().kmsKeys.get(KEY), arn: FOREIGN_KEY } as never);
  const made: Call[] = [];
  const job = jobFor({ key: FOREIGN_KEY, agents: [A.id] });
  const outcome = await reconcileKey(job, recorded(world, made), SETTINGS);
  expect(outcome).toMatchObject({ kind: "deferred" });
  expect(namesOf(made).filter((name) => name.startsWith("keys."))).toEqual([]);
});

test("each decision leaves a line in the log: what was judged, and what is looked at again", async () => {
  const lines: [string, Readonly<Record<string, unknown>>][] = [];
  const world = fresh(A, { ...B, status: "UPDATING" });
  const info = (message: string, fields: Readonly<Record<string, unknown>>) => void lines.push([message, fields]);
  Object.assign(world.log, { info });
  world.afterJournalOpened = () => {
    world.afterJournalOpened = () => {};
    world.policies.set(KEY, policyOf({ ...ADMIN_STATEMENT, Sid: "Theirs" }));
  };
  await look(world, { agents: [B.id] });
  const missing = { "key-admin": { met: 1 }, "service-sessions": { missing: 1 } };
  const verdicts = { ...missing, "role-sessions": { missing: 1 }, "service-grants": { missing: 1 } };
  const judged = ["a key was judged", { key: KEY, verdicts, plan: "patch" }];
  const reason = "agent BBBBBBBBBB is not settled";
  expect(lines).toEqual([
    judged,
    ["the policy changed between judgement and write; judging again", { key: KEY }],
    judged,
    ["looked at again later", { key: KEY, reason, delaySeconds: 15, attempt: 0 }],
  ]);
});
