/** Two hundred agents on one key, and policies that are nearly full: arrays, the size rule, the alert. */
import { describe, expect, test } from "vitest";
import type { RoleArn } from "../../../packages/core/src/arn.ts";
import { MAX_POLICY_BYTES } from "../../../packages/core/src/key/plan.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
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

const id = (n: number) => `N${String(n).padStart(9, "0")}`;
const many = (count: number) => Array.from({ length: count }, (_, n) => agent(id(n)));
const bytes = (world: World) => Buffer.byteLength(world.policies.get(KEY) ?? "");

/** A foreign statement with so many bytes of Sid that the policy has this size. */
function nearlyFull(size: number): string {
  const filled = (length: number) => policyOf(ADMIN_STATEMENT, { ...ADMIN_STATEMENT, Sid: "x".repeat(length) });
  return filled(size - Buffer.byteLength(filled(0)));
}

describe("two hundred agents on one key", () => {
  test("stand in one list each of the guard's statements, and another one joins the list", async () => {
    const agents = many(200).map((one, n) => ({ ...one, roleArn: `${ROLE}${n % 50}` as RoleArn }));
    const world = new World().withKey(DEFAULT_POLICY).put(...agents);
    for (const { roleArn } of agents) world.iamRoles.add(roleArn);
    expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
    const own = () => world.policyStatements().filter((s) => String(s.Sid).startsWith("BedrockKeyGuard"));
    expect(own()).toHaveLength(3);
    const sessions = own()[0] as { Condition: { StringEquals: Record<string, string[]> } };
    expect(sessions.Condition.StringEquals["kms:EncryptionContext:aws:bedrock:arn"]).toHaveLength(200);
    expect(bytes(world)).toBeLessThanOrEqual(MAX_POLICY_BYTES);

    world.put(agent("ZZZZZZZZZZ"));
    expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
    expect(own()).toHaveLength(3);
    expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("compliant");
  });

  test("are written without white space where only that fits", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(...many(460));
    expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
    expect(world.policies.get(KEY)).not.toContain("\n");
    expect(bytes(world)).toBeLessThanOrEqual(MAX_POLICY_BYTES);
  });
});

describe("a policy that is nearly full", () => {
  const world = () => new World().put(agent(id(1)));
  /** What the three statements for one agent take without white space: the least by which a policy may be too full. */
  const free = (size: number) => world().withKey(nearlyFull(size));

  test("takes what just fits", async () => {
    const fits = free(MAX_POLICY_BYTES - 900);
    expect((await reconcileKey(jobFor(), fits, SETTINGS)).kind).toBe("repaired");
    expect(bytes(fits)).toBeLessThanOrEqual(MAX_POLICY_BYTES);
    expect(bytes(fits)).toBeGreaterThan(MAX_POLICY_BYTES - 300);
  });

  test("is told as full where it does not fit, with what would be added, and nothing is written", async () => {
    const full = free(MAX_POLICY_BYTES - 300);
    const outcome = await reconcileKey(jobFor(), full, SETTINGS);
    expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind: "policy-full", severity: "high" }] });
    expect(full.writes).toEqual([]);
    expect(full.published[0]?.text).toContain("BedrockKeyGuardServiceSessions");
    await reconcileKey(jobFor(), full, SETTINGS);
    expect(full.published).toHaveLength(1);
  });

  test("has room again when agents are gone: their access leaves before anything is added", async () => {
    const crowded = new World().withKey(DEFAULT_POLICY).put(...many(460));
    await reconcileKey(jobFor(), crowded, SETTINGS);
    for (let n = 0; n < 20; n++) {
      crowded.live.delete(id(n));
      crowded.known.delete(id(n));
    }
    await reconcileKey(jobFor(), crowded, SETTINGS);
    crowded.pass(300_000);
    expect((await reconcileKey(jobFor(), crowded, SETTINGS)).kind).toBe("repaired");
    expect(crowded.policies.get(KEY)).not.toContain(`${id(3)}"`);
    expect(crowded.policies.get(KEY)).toContain(`${id(21)}"`);
  });
});
