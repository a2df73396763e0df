import { expect, test } from "vitest";
import { reconcileKey } from "../../../packages/core/src/key/reconcile.ts";
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
const sids = (world: World) => world.policyStatements().map((s) => s.Sid);
const denyBedrock = {
  Sid: "NoBedrock",
  Effect: "Deny",
  Principal: { Service: "bedrock.amazonaws.com" },
  Action: "kms:*",
  Resource: "*",
};

test("a key with the default policy gets the three statements, is journalled, verified and told", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  const outcome = await reconcileKey(jobFor(), world, SETTINGS);
  expect(outcome.kind).toBe("repaired");
  expect(sids(world)).toEqual([
    "Enable IAM User Permissions",
    "BedrockKeyGuardServiceSessions",
    "BedrockKeyGuardRoleSessions",
    "BedrockKeyGuardServiceGrants",
  ]);
  expect(world.policyStatements()[0]).toEqual(ADMIN_STATEMENT);
  expect(world.entries).toMatchObject([{ key: KEY, before: DEFAULT_POLICY, state: "told" }]);
  expect(world.published).toMatchObject([{ kind: "repaired", agents: [{ id: A.id }] }]);
  expect(world.published[0]?.text).toContain("PutKeyPolicy by arn:aws:iam::111122223333:role/terraform (session ci)");
});

test("reconciling twice writes once and tells once", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("compliant");
  expect(world.writes).toHaveLength(1);
  expect(world.published).toHaveLength(1);
});

test("two agents of one key share one statement each", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.put(B);
  await reconcileKey(jobFor({ agents: [B.id] }), world, SETTINGS);
  expect(sids(world)).toHaveLength(4);
  expect(world.policyStatements()[1]).toMatchObject({
    Condition: { StringEquals: { "kms:EncryptionContext:aws:bedrock:arn": [A.arn, B.arn] } },
  });
  expect(world.policyStatements()[2]).toMatchObject({ Principal: { AWS: [OTHER_ROLE, ROLE] } });
  const lines = world.published[1]?.diff.filter((line) => !line.startsWith("  "));
  expect(lines?.map((line) => line.trim().replace(/\s+/g, " "))).toEqual([`+ "${B.arn}"`, `+ "${OTHER_ROLE}",`]);
});

test("a Deny that blocks means nothing is written, and the alert carries the statement, once", async () => {
  const world = new World().withKey(policyOf(ADMIN_STATEMENT, denyBedrock)).put(A);
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("alerted");
  await reconcileKey(jobFor(), world, SETTINGS);
  expect(world.writes).toEqual([]);
  expect(world.published).toHaveLength(1);
  expect(world.published[0]?.text).toContain('"Sid": "NoBedrock"');
});

test("a problem that went away and comes back is told again", async () => {
  const world = new World().withKey(policyOf(ADMIN_STATEMENT, denyBedrock)).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.policies.set(KEY, DEFAULT_POLICY);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.policies.set(KEY, policyOf(ADMIN_STATEMENT, denyBedrock));
  await reconcileKey(jobFor(), world, SETTINGS);
  expect(world.published.map((alert) => alert.kind)).toEqual(["problem", "repaired", "resolved", "problem"]);
  expect(world.published.at(-1)?.findings).toMatchObject([{ kind: "blocked-by-deny", change: "reopened" }]);
});

test("a key of another account is told with the statements for its owner, and KMS is not asked", async () => {
  const foreign = KEY.replace("111122223333", "999988887777") as typeof KEY;
  const world = new World().put(agent("CCCCCCCCCC", { keyArn: foreign }));
  const outcome = await reconcileKey(jobFor({ key: foreign }), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind: "key-of-another-account" }] });
  expect(world.published[0]?.text).toContain('"kms:EncryptionContext:aws:bedrock:arn"');
});

test.for([
  ["Disabled", "aws kms enable-key"],
  ["PendingDeletion", "aws kms cancel-key-deletion"],
  ["PendingImport", "key material"],
] as const)("a key in state %s is critical, and not written to", async ([state, words]) => {
  const world = new World().withKey(DEFAULT_POLICY, { state }).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  expect(world.writes).toEqual([]);
  expect(world.published).toMatchObject([{ severity: "critical", kind: "problem" }]);
  expect(world.published[0]?.text).toContain(words);
});

test.for([
  [{ manager: "AWS" as const }, "managed by AWS"],
  [{ spec: "RSA_2048" }, "symmetric"],
  [{ usage: "GENERATE_VERIFY_MAC" }, "symmetric"],
] as const)("a key that no agent can use is told: %o", async ([changes, words]) => {
  const world = new World().withKey(DEFAULT_POLICY, changes).put(A);
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("alerted");
  expect(world.writes).toEqual([]);
  expect(world.published[0]?.text).toContain(words);
});

test.for(["not json", "[]", '{"Statement":[{"Effect":"Maybe"}]}'])(
  "a policy that does not parse is an alert, not a write: %s",
  async (text) => {
    const world = new World().withKey(text).put(A);
    const outcome = await reconcileKey(jobFor(), world, SETTINGS);
    expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind: "policy-malformed" }] });
    expect(world.writes).toEqual([]);
  },
);

test("a policy that may not be read is told with the documented statements", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.policies.delete(KEY);
  const outcome = await reconcileKey(jobFor(), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind: "policy-unreadable" }] });
});

test("a principal of a foreign statement that no longer exists is told with the fix, and no write is tried", async () => {
  const orphaned = { ...ADMIN_STATEMENT, Sid: "Old", Principal: { AWS: "AROAEXAMPLEORPHAN0001" } };
  const world = new World().withKey(policyOf(ADMIN_STATEMENT, orphaned)).put(A);
  const outcome = await reconcileKey(jobFor(), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind: "orphaned-principal" }] });
  expect(world.writes).toEqual([]);
});

test("an orphan in an own statement is dropped with the next write", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  const text = world.policies.get(KEY) ?? "";
  world.policies.set(KEY, text.replace(ROLE, "AROAEXAMPLEORPHAN0001"));
  world.pass(60_000);
  world.put({ ...A, roleArn: OTHER_ROLE });
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
  expect(world.policyStatements()[2]).toMatchObject({ Principal: { AWS: [OTHER_ROLE] } });
});

test("an own statement that was edited by hand is told and left alone", async () => {
  const edited = { ...ADMIN_STATEMENT, Sid: "BedrockKeyGuardServiceGrants", Action: "kms:CreateGrant" };
  const world = new World().withKey(policyOf(ADMIN_STATEMENT, edited)).put(A);
  const outcome = await reconcileKey(jobFor(), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind: "own-statement-edited" }] });
  expect(world.writes).toEqual([]);
});

test("a policy that would get longer than KMS takes is told, not written", async () => {
  const long = { ...ADMIN_STATEMENT, Sid: "Long", Action: Array.from({ length: 1700 }, (_, i) => `kms:Action${i}`) };
  const world = new World().withKey(policyOf(ADMIN_STATEMENT, { ...long, Sid: "x".repeat(4000) })).put(A);
  const outcome = await reconcileKey(jobFor(), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind: "policy-full" }] });
  expect(world.writes).toEqual([]);
});

test("a missing key-admin statement is told, and the rest is repaired", async () => {
  const reader = { ...ADMIN_STATEMENT, Action: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"] };
  const world = new World().withKey(policyOf(reader)).put(A);
  const outcome = await reconcileKey(jobFor(), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "repaired", findings: [{ kind: "key-admin-missing", severity: "low" }] });
  expect(JSON.stringify(world.policyStatements())).not.toContain('"kms:*"');
});

test("names with control and direction characters reach a person as plain text", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(agent("AAAAAAAAAA", { name: "bot\u202e\r\nSubject: x" }));
  await reconcileKey(jobFor(), world, SETTINGS);
  expect(world.published[0]?.text).not.toMatch(/\u202e|\r/);
  expect(world.published[0]?.text).not.toMatch(/^Subject:/m);
});

test("a key of another Region is told as that, and KMS is not asked", async () => {
  const elsewhere = KEY.replace("eu-west-1", "us-east-1") as typeof KEY;
  const world = new World().put({ ...A, keyArn: elsewhere });
  const outcome = await reconcileKey(jobFor({ key: elsewhere }), world, SETTINGS);
  expect(outcome).toMatchObject({ findings: [{ kind: "key-unsuitable", severity: "high" }] });
});

test("an own statement with a principal of another type is edited, and stays", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  const [admin, sessions, roles, grants] = world.policyStatements();
  const edited = { ...roles, Principal: { AWS: [ROLE], Service: "lambda.amazonaws.com" } };
  world.policies.set(KEY, policyOf(admin ?? {}, sessions ?? {}, edited, grants ?? {}));
  world.put(B);
  const outcome = await reconcileKey(jobFor({ agents: [B.id] }), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind: "own-statement-edited" }] });
  expect(world.writes).toHaveLength(1);
});

test("a statement that is broader than documented is told once, with low severity, and never narrowed", async () => {
  const broad = {
    Sid: "AllOfBedrock",
    Effect: "Allow",
    Principal: { Service: "bedrock.amazonaws.com" },
    Action: "kms:*",
    Resource: "*",
  };
  const world = new World().withKey(policyOf(ADMIN_STATEMENT, broad)).put(A);
  const outcome = await reconcileKey(jobFor(), world, SETTINGS);
  expect(outcome).toMatchObject({
    kind: "repaired",
    findings: [{ kind: "broader-than-documented", severity: "low" }],
  });
  expect(world.policyStatements()[1]).toEqual(broad);
  world.put(B);
  await reconcileKey(jobFor({ agents: [B.id] }), world, SETTINGS);
  expect(world.published.filter((alert) => alert.kind === "problem")).toHaveLength(1);
});
