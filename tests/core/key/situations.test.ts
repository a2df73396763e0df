/**
 * What the guard does in each situation: the table of its repair policy, a row a test. Where it alerts, nothing is written;
 * where it writes, the journal has the entry.
 */
import { describe, expect, test } from "vitest";
import type { KeyArn } from "../../../packages/core/src/arn.ts";
import type { FindingKind, Severity } from "../../../packages/core/src/finding/finding.ts";
import type { KeyJob } from "../../../packages/core/src/key/job.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
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
const OTHER_KEY = KEY.replace("1111", "9999") as KeyArn;
const FOREIGN_KEY = KEY.replace(ACCOUNT, "999988887777") as KeyArn;
const FAR_KEY = KEY.replace("eu-west-1", "us-east-1") as KeyArn;
const anyone = (changes: object) => ({
  ...ADMIN_STATEMENT,
  Sid: "Any",
  Principal: "*",
  Action: "kms:Decrypt",
  ...changes,
});
const HOUR = 3_600_000;

interface Row {
  readonly situation: string;
  readonly world: () => World | Promise<World>;
  readonly job?: Partial<KeyJob>;
  readonly says: readonly [FindingKind, Severity];
}

/** A key that the guard repaired an hour ago. */
async function repaired(): Promise<World> {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.pass(HOUR);
  return world;
}

const on = (key: KeyArn) => new World().put({ ...A, keyArn: key });

const alerts: readonly Row[] = [
  {
    situation: "a statement is broader than documented",
    world: async () => {
      const world = await repaired();
      const policy = JSON.parse(world.policies.get(KEY) ?? "");
      world.policies.set(KEY, policyOf(...policy.Statement, anyone({})));
      return world;
    },
    says: ["broader-than-documented", "low"],
  },
  {
    situation: "a Deny blocks what an agent needs",
    world: () => new World().withKey(policyOf(ADMIN_STATEMENT, anyone({ Effect: "Deny" }))).put(A),
    says: ["blocked-by-deny", "high"],
  },
  {
    situation: "it depends on a condition",
    world: () =>
      new World()
        .withKey(policyOf(anyone({ Effect: "Deny", Condition: { Bool: { "aws:MultiFactorAuthPresent": "false" } } })))
        .put(A),
    says: ["depends-on-condition", "medium"],
  },
  {
    situation: "the key belongs to another account",
    world: () => on(FOREIGN_KEY),
    job: { key: FOREIGN_KEY },
    says: ["key-of-another-account", "high"],
  },
  {
    situation: "the policy can't be read",
    world: () => {
      const world = new World().withKey(DEFAULT_POLICY).put(A);
      world.policies.delete(KEY);
      return world;
    },
    says: ["policy-unreadable", "high"],
  },
  {
    situation: "the key is managed by AWS",
    world: () => new World().withKey(DEFAULT_POLICY, { manager: "AWS" }).put(A),
    says: ["key-unsuitable", "high"],
  },
  {
    situation: "the key is asymmetric",
    world: () => new World().withKey(DEFAULT_POLICY, { spec: "RSA_2048" }).put(A),
    says: ["key-unsuitable", "high"],
  },
  {
    situation: "the key is of another Region",
    world: () => on(FAR_KEY),
    job: { key: FAR_KEY },
    says: ["key-unsuitable", "high"],
  },
  ...["Disabled", "PendingDeletion", "PendingImport"].map(
    (state): Row => ({
      situation: `the key is in state ${state}`,
      world: () => new World().withKey(DEFAULT_POLICY, { state }).put(A),
      says: ["key-unusable", "critical"],
    }),
  ),
  {
    situation: "the key is gone",
    world: () => new World().put(A),
    job: { attempt: 1 },
    says: ["key-not-found", "critical"],
  },
  {
    situation: "an agent lost its key",
    world: async () => {
      const world = await repaired();
      world.live.set(A.id, { ...A, keyArn: undefined });
      return world;
    },
    job: { agents: [A.id] },
    says: ["agent-lost-key", "medium"],
  },
  {
    situation: "an agent swapped its key",
    world: async () => {
      const world = await repaired();
      world.live.set(A.id, { ...A, keyArn: OTHER_KEY });
      return world;
    },
    job: { agents: [A.id] },
    says: ["agent-swapped-key", "low"],
  },
  {
    situation: "a principal of a foreign statement no longer exists",
    world: () =>
      new World().withKey(policyOf(ADMIN_STATEMENT, anyone({ Principal: { AWS: "AROAEXAMPLEORPHAN0001" } }))).put(A),
    says: ["orphaned-principal", "high"],
  },
  {
    situation: "the patch would pass 32,768 bytes",
    world: () => new World().withKey(policyOf({ ...ADMIN_STATEMENT, Sid: "x".repeat(32_300) })).put(A),
    says: ["policy-full", "high"],
  },
  {
    situation: "another owner keeps removing the guard's statements",
    world: async () => {
      const world = await repaired();
      for (let i = 0; i < 2; i++) {
        world.policies.set(KEY, DEFAULT_POLICY);
        await reconcileKey(jobFor(), world, SETTINGS);
        world.pass(HOUR);
      }
      world.policies.set(KEY, DEFAULT_POLICY);
      return world;
    },
    says: ["contested", "high"],
  },
  {
    situation: "the write budget is spent",
    world: async () => {
      const world = new World().withKey(DEFAULT_POLICY).put(A);
      for (let i = 0; i < SETTINGS.budgets.keyPerHour; i++) await world.budget.reserve(KEY, "2026-11-23T10", 20);
      return world;
    },
    says: ["write-budget-spent", "high"],
  },
  {
    situation: "the kill switch is on",
    world: () => {
      const world = new World().withKey(DEFAULT_POLICY).put(A);
      world.paused = true;
      return world;
    },
    says: ["addition-held-back", "high"],
  },
  ...["observe", "propose", "nonsense"].map(
    (mode): Row => ({
      situation: `a tag on the key says ${mode}`,
      world: () => {
        const world = new World().withKey(DEFAULT_POLICY).put(A);
        world.keyTags.set(SETTINGS.modeTag, mode);
        return world;
      },
      says: ["addition-held-back", "high"],
    }),
  ),
  {
    situation: "a person put the key on hold",
    world: async () => {
      const world = await repaired();
      world.heldKeys.set(KEY, { kind: "person", by: "ana", reason: "audit", at: world.clock.now() });
      return world;
    },
    says: ["key-on-hold", "medium"],
  },
  {
    situation: "a statement of the guard's was edited by hand",
    world: async () => {
      const world = await repaired();
      world.policies.set(KEY, (world.policies.get(KEY) ?? "").replace('"kms:ListGrants"', '"kms:List*"'));
      return world;
    },
    says: ["own-statement-edited", "medium"],
  },
];

describe("the guard tells, and writes nothing, where", () => {
  test.for(alerts)("$situation", async ({ world: build, job, says: [kind, severity] }) => {
    const world = await build();
    const [writes, told] = [world.writes.length, world.published.length];
    const outcome = await reconcileKey(jobFor(job), world, SETTINGS);
    const findings = "findings" in outcome ? outcome.findings : [];
    expect(findings.map((finding) => [finding.kind, finding.severity])).toContainEqual([kind, severity]);
    expect(world.writes).toHaveLength(writes);
    expect(world.published).toHaveLength(told + 1);
    expect(world.published.at(-1)?.nextSteps.length).toBeGreaterThan(0);
  });
});

describe("the guard writes, with the entry in its journal, where", () => {
  test("something is missing, and the key is its own to change", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
    expect(world.entries).toMatchObject([{ before: DEFAULT_POLICY, after: world.policies.get(KEY), state: "told" }]);
  });
});

describe("the guard does nothing where", () => {
  test("all that is required is met", async () => {
    const world = await repaired();
    const told = world.published.length;
    expect(await reconcileKey(jobFor(), world, SETTINGS)).toEqual({ kind: "compliant" });
    expect(world.writes).toHaveLength(1);
    expect(world.published).toHaveLength(told);
  });
});
