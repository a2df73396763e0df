/** What keeps the guard from writing, asked by itself: the mode of a key, budgets, roles that IAM does not know. */
import { describe, expect, test } from "vitest";
import type { RoleArn } from "../../../packages/core/src/arn.ts";
import { reserveWrite } from "../../../packages/core/src/key/budget.ts";
import { modeFor } from "../../../packages/core/src/key/hindrance.ts";
import { orphanedPrincipals } from "../../../packages/core/src/key/orphans.ts";
import type { Mode } from "../../../packages/core/src/key/rails.ts";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
import { parsePolicy } from "../../../packages/core/src/policy/document.ts";
import { recorded } from "../support/recorded.ts";
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

describe("the mode for a key", () => {
  test("is the deployment's, with nothing in the way, where mode and tags allow to write", async () => {
    const world = new World();
    expect(await modeFor(KEY, world, SETTINGS)).toEqual({ mode: "enforce", hindrance: undefined });
    world.keyTags.set("guarded", "yes");
    const optIn = { key: "guarded", value: "yes" };
    expect(await modeFor(KEY, world, { ...SETTINGS, optIn })).toEqual({ mode: "enforce", hindrance: undefined });
    expect(await modeFor(KEY, world, { ...SETTINGS, optIn: { ...optIn, value: "no" } })).toMatchObject({
      mode: "enforce",
      hindrance: { reason: expect.stringContaining("opt-in") },
    });
  });

  test.for<[Mode, Mode]>([
    ["enforce", "observe"],
    ["propose", "propose"],
    ["observe", "observe"],
    ["off", "off"],
  ])("of a deployment in mode %s is %s where the tags can't be read: nothing is written", async ([mode, effective]) => {
    const world = new World();
    const keys = { ...world.keys, tags: async () => ({ kind: "denied", message: "" }) as const };
    const read = await modeFor(KEY, { keys }, { ...SETTINGS, mode });
    expect(read).toMatchObject({ mode: effective, hindrance: { reason: expect.stringContaining("tags") } });
  });
});

test("a write is reserved for the key, then for the account, and it is said which of them is spent", async () => {
  const world = new World();
  const reserve = () => reserveWrite(KEY, { keyPerHour: 2, accountPerHour: 1 }, world);
  expect(await reserve()).toEqual({ kind: "reserved" });
  expect(await reserve()).toEqual({ kind: "spent", of: "account", limit: 1 });
  expect(await reserve()).toEqual({ kind: "spent", of: "key", limit: 2 });
});

describe("a role that can't be added", () => {
  test("is told for the agents that need it, and for no others", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A, B);
    world.iamRoles.delete(OTHER_ROLE);
    const outcome = await reconcileKey(jobFor({ attempt: 8 }), world, SETTINGS);
    expect(outcome).toMatchObject({ kind: "repaired", findings: [{ kind: "role-unknown", agents: [B.id] }] });
    expect(world.policies.get(KEY)).not.toContain(OTHER_ROLE);
  });

  test("is told for all of them where several need it, once", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A, agent("CCCCCCCCCC"), B);
    world.iamRoles.delete(ROLE);
    const outcome = await reconcileKey(jobFor({ attempt: 8 }), world, SETTINGS);
    expect(outcome).toMatchObject({ findings: [{ kind: "role-unknown", agents: [A.id, "CCCCCCCCCC"] }] });
  });

  test("since it is another account's is told without IAM being asked", async () => {
    const roleArn = OTHER_ROLE.replace("111122223333", "999988887777") as RoleArn;
    const world = new World().withKey(DEFAULT_POLICY).put({ ...B, roleArn });
    world.iamRoles.add(roleArn);
    const outcome = await reconcileKey(jobFor(), world, SETTINGS);
    expect(outcome).toMatchObject({ kind: "repaired", findings: [{ kind: "role-unknown", agents: [B.id] }] });
    expect(world.policies.get(KEY)).not.toContain(roleArn);
    expect(world.again).toEqual([]);
  });

  test("since IAM refuses to say is told at once: waiting does not help", async () => {
    const world = new World().withKey(DEFAULT_POLICY).put(A);
    const denied = { kind: "denied", message: "no iam:GetRole" };
    const ports = recorded(world, [], ({ name }) => (name === "roles.lookUp" ? denied : undefined));
    const outcome = await reconcileKey(jobFor(), ports, SETTINGS);
    expect(outcome).toMatchObject({
      findings: [{ kind: "role-unknown", detail: expect.stringContaining("no iam:GetRole") }],
    });
    expect(world.again).toEqual([]);
  });
});

describe("a principal that no longer exists", () => {
  const orphan = "AROAEXAMPLEORPHAN0001";
  const orphansOf = (...statements: readonly object[]) => {
    const parsed = parsePolicy(policyOf(...statements));
    if (parsed.kind === "malformed") throw new Error(parsed.reason);
    return orphanedPrincipals(parsed.policy).map(({ statement, principal }) => [statement.sid, principal]);
  };

  test("is found in every statement of others, beside those that exist", () => {
    const AWS = [`arn:aws:iam::111122223333:root`, orphan];
    expect(orphansOf({ ...ADMIN_STATEMENT, Sid: "Old", Principal: { AWS } }, ADMIN_STATEMENT)).toEqual([
      ["Old", orphan],
    ]);
  });

  test("is not the guard's to find in its own statements, nor in those without such a principal", () => {
    const own = {
      Sid: "BedrockKeyGuardRoleSessions",
      Effect: "Allow",
      Principal: { AWS: [orphan] },
      Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
      Resource: "*",
    };
    const others = [
      { ...ADMIN_STATEMENT, Principal: "*" },
      { ...ADMIN_STATEMENT, Principal: { Service: "bedrock.amazonaws.com" } },
      { Effect: "Deny", Action: "kms:*", Resource: "*" },
    ];
    expect(orphansOf(own, ...others)).toEqual([]);
  });
});
