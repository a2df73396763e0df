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

test("an agent hinted at is read live, and its former role's access is left alone", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.live.set(A.id, { ...A, roleArn: OTHER_ROLE });
  await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
  expect(world.policyStatements()[2]).toMatchObject({ Principal: { AWS: [OTHER_ROLE, ROLE] } });
});

const denyBedrock = {
  Sid: "NoBedrock",
  Effect: "Deny",
  Principal: { Service: "bedrock.amazonaws.com" },
  Action: "kms:*",
  Resource: "*",
};

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
  expect(world.published.map((alert) => alert.kind)).toEqual(["problem", "repaired", "problem"]);
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

test("a service role that IAM does not know yet stays out of the patch, and is looked at again", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.iamRoles.clear();
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
  expect(sids(world)).not.toContain("BedrockKeyGuardRoleSessions");
  expect(world.again).toMatchObject([{ job: { attempt: 1 }, delaySeconds: 15 }]);

  world.iamRoles.add(ROLE);
  await reconcileKey(jobFor({ attempt: 1 }), world, SETTINGS);
  expect(sids(world)).toContain("BedrockKeyGuardRoleSessions");
});

test("a service role that never appears is told in the end", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.iamRoles.clear();
  const outcome = await reconcileKey(jobFor({ attempt: 8 }), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "repaired", findings: [{ kind: "role-unknown" }] });
  expect(world.again).toEqual([]);
});

test("an agent that is still being created is looked at again, not concluded about", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(agent("AAAAAAAAAA", { status: "CREATING" }));
  expect((await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS)).kind).toBe("deferred");
  expect(world.writes).toEqual([]);
  expect(world.published).toEqual([]);
});

test.for(["propose", "observe"] as const)("in mode %s the diff is told once, and nothing is written", async (mode) => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  expect((await reconcileKey(jobFor(), world, { ...SETTINGS, mode })).kind).toBe("proposed");
  await reconcileKey(jobFor(), world, { ...SETTINGS, mode });
  expect(world.writes).toEqual([]);
  expect(world.entries).toEqual([]);
  expect(world.published).toHaveLength(1);
  expect(world.published[0]?.text).toContain('+   "Sid": "BedrockKeyGuardServiceSessions"');
});

test("in mode off nothing is read and nothing is told", async () => {
  const world = new World().withKey(policyOf(denyBedrock)).put(A);
  expect((await reconcileKey(jobFor(), world, { ...SETTINGS, mode: "off" })).kind).toBe("skipped");
  expect(world.published).toEqual([]);
});

test("a tag on the key lowers the mode", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.keyTags.set("bedrock-key-guard", "observe");
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("proposed");
  expect(world.writes).toEqual([]);
});

test("the kill switch keeps the guard from writing", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.paused = true;
  expect(await reconcileKey(jobFor(), world, SETTINGS)).toMatchObject({
    kind: "proposed",
    reason: "the guard is paused by ana: change freeze",
  });
  expect(world.writes).toEqual([]);
});

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

const denyAll = (changes: object) => ({ Effect: "Deny", Principal: "*", Action: "kms:*", Resource: "*", ...changes });

test("a key that carries no opt-in tag is not written to, and KMS is not asked in vain", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  const settings = { ...SETTINGS, optIn: { key: "guarded", value: "yes" } };
  expect(await reconcileKey(jobFor(), world, settings)).toMatchObject({
    kind: "proposed",
    reason: "the key does not carry the opt-in tag `guarded=yes`",
  });
  expect(world.entries).toEqual([]);
  world.keyTags.set("guarded", "yes");
  expect((await reconcileKey(jobFor(), world, settings)).kind).toBe("repaired");
});

test("a tag that says off silences the guard for the key", async () => {
  const world = new World().withKey(policyOf(ADMIN_STATEMENT, denyAll({ Sid: "Closed" }))).put(A);
  world.keyTags.set("bedrock-key-guard", "off");
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("skipped");
  expect(world.published).toEqual([]);
});

test("access is never written for an agent that is gone with its event lost", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.live.delete(A.id);
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("compliant");
  expect(world.writes).toEqual([]);
  expect(world.known.size).toBe(0);
});

test("access is written for the role that an agent has now, not for the one that the inventory remembers", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.live.set(A.id, { ...A, roleArn: OTHER_ROLE });
  await reconcileKey(jobFor(), world, SETTINGS);
  expect(world.writes).toHaveLength(1);
  expect(world.policyStatements()[2]).toMatchObject({ Principal: { AWS: [OTHER_ROLE] } });
});

test("an agent that moved to another key since it was queued gets that key looked at", async () => {
  const other = KEY.replace("1111", "9999") as typeof KEY;
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.live.set(A.id, { ...A, keyArn: other });
  await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
  expect(world.again).toMatchObject([{ job: { key: other, agents: [A.id], attempt: 0 }, delaySeconds: 0 }]);
});

test("an agent that lost its key is told", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.live.set(A.id, { ...A, keyArn: undefined });
  const outcome = await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS);
  expect(outcome).toMatchObject({ kind: "alerted", findings: [{ kind: "agent-lost-key", agents: [A.id] }] });
});

test("an agent that may not be read is told by name, and nothing is written for it; the others are repaired", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A, B);
  world.deniedAgents.add(A.id);
  for (const agents of [[A.id], []]) {
    const fresh = new World().withKey(DEFAULT_POLICY).put(A, B);
    fresh.deniedAgents.add(A.id);
    const outcome = await reconcileKey(jobFor({ agents }), fresh, SETTINGS);
    expect(outcome).toMatchObject({ kind: "repaired", findings: [{ kind: "agent-unreadable", agents: [A.id] }] });
    expect(JSON.stringify(fresh.policyStatements())).not.toContain(A.arn);
    expect(JSON.stringify(fresh.policyStatements())).toContain(B.arn);
  }
});

test("an agent that stays unsettled does not hold up the others, and is judged as it is in the end", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put({ ...A, status: "UPDATING" }, B);
  expect((await reconcileKey(jobFor({ agents: [A.id] }), world, SETTINGS)).kind).toBe("repaired");
  expect(JSON.stringify(world.policyStatements())).not.toContain(A.arn);
  expect(world.again).toHaveLength(1);
  await reconcileKey(jobFor({ agents: [A.id], attempt: 8 }), world, SETTINGS);
  expect(JSON.stringify(world.policyStatements())).toContain(A.arn);
  expect(world.again).toHaveLength(1);
});

test("a second agent on a key that was told of already is told too", async () => {
  const world = new World().withKey(DEFAULT_POLICY, { state: "Disabled" }).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.put(B);
  await reconcileKey(jobFor(), world, SETTINGS);
  await reconcileKey(jobFor(), world, SETTINGS);
  expect(world.published).toHaveLength(2);
  expect(world.published[1]?.text).toContain(B.id);
});

test("a role that stays unknown is told once, however often the sweep comes by", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  world.iamRoles.clear();
  for (let sweep = 0; sweep < 3; sweep++) {
    for (const attempt of [0, 8]) await reconcileKey(jobFor({ attempt }), world, SETTINGS);
  }
  expect(world.published.filter((alert) => alert.kind === "problem")).toHaveLength(1);
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
  expect(world.published[0]?.text).toContain("someone has put another policy since");
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

test("something that keeps undoing the repairs of a key is stopped against, and told", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  for (let i = 0; i < 30; i++) {
    world.policies.set(KEY, DEFAULT_POLICY);
    await reconcileKey(jobFor(), world, SETTINGS);
  }
  expect(world.writes).toHaveLength(20);
  expect(world.published.at(-1)?.text).toContain("20 times within an hour");
  expect(world.published).toHaveLength(21);
  await world.clock.sleep(3_600_000);
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("repaired");
});

test("a key of another Region is told as that, and KMS is not asked", async () => {
  const elsewhere = KEY.replace("eu-west-1", "us-east-1") as typeof KEY;
  const world = new World().put({ ...A, keyArn: elsewhere });
  const outcome = await reconcileKey(jobFor({ key: elsewhere }), world, SETTINGS);
  expect(outcome).toMatchObject({ findings: [{ kind: "key-unsuitable", severity: "high" }] });
});

test("a key that KMS does not know is asked for once more before it is told as lost", async () => {
  const world = new World().put(A);
  expect((await reconcileKey(jobFor(), world, SETTINGS)).kind).toBe("deferred");
  expect(await reconcileKey(jobFor({ attempt: 1 }), world, SETTINGS)).toMatchObject({
    findings: [{ kind: "key-not-found", severity: "critical" }],
  });
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

test("a journal entry sorts behind the one before it, whatever the clock says", async () => {
  const world = new World().withKey(DEFAULT_POLICY).put(A);
  await reconcileKey(jobFor(), world, SETTINGS);
  world.policies.set(KEY, DEFAULT_POLICY);
  await world.clock.sleep(-600_000);
  await reconcileKey(jobFor(), world, SETTINGS);
  const ids = world.entries.map((entry) => entry.id);
  expect(ids).toEqual([...ids].sort());
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
