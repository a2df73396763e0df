import { describe, expect, test } from "vitest";
import { agentArn, agentId, type KeyArn, keyArn, type RoleArn, roleArn } from "../../../packages/core/src/arn.ts";
import { type Judgement, judgeKey } from "../../../packages/core/src/key/judge.ts";
import {
  MAX_POLICY_BYTES,
  missingAccess,
  type Patch,
  type Plan,
  planPatch,
} from "../../../packages/core/src/key/plan.ts";
import { type PolicyDocument, parsePolicy } from "../../../packages/core/src/policy/document.ts";
import type { Agent } from "../../../packages/core/src/ports.ts";
import { profile } from "../../../packages/core/src/requirements/profiles.ts";

const KEY: KeyArn = sure(keyArn("arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"));
const FACTS = { arn: KEY, spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", origin: "AWS_KMS" };
const ROLE = role("service-role/SupportBot");
const OTHER_ROLE = role("OtherBot");
const CONTEXT = "kms:EncryptionContext:aws:bedrock:arn";

const ADMIN = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "kms:*", Resource: "*" };
const OWN_SESSIONS = {
  Sid: "BedrockKeyGuardServiceSessions",
  Effect: "Allow",
  Principal: { Service: "bedrock.amazonaws.com" },
  Action: ["kms:GenerateDataKey", "kms:Decrypt"],
  Resource: "*",
  Condition: { StringEquals: { [CONTEXT]: [agent(1).arn] } },
};
const OWN_ROLES = {
  Sid: "BedrockKeyGuardRoleSessions",
  Effect: "Allow",
  Principal: { AWS: [ROLE] },
  Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
  Resource: "*",
};
const OWN_GRANTS = {
  Sid: "BedrockKeyGuardServiceGrants",
  Effect: "Allow",
  Principal: { Service: "bedrock.amazonaws.com" },
  Action: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
  Resource: "*",
  Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
};
const OWN = [OWN_SESSIONS, OWN_ROLES, OWN_GRANTS];

describe("a plan", () => {
  test("adds one statement of each kind to the default policy, after it", () => {
    expect(statementsOf(patched([ADMIN], [agent(1)]))).toEqual([ADMIN, ...OWN]);
  });

  test("is nothing where everything is met", () => {
    expect(planned([ADMIN, ...OWN], [agent(1)])).toEqual({ kind: "nothing" });
  });

  test("does not add the account's administration, which is a person's decision", () => {
    expect(planned(OWN, [agent(1)])).toEqual({ kind: "nothing" });
  });

  test("adds only what is missing", () => {
    const foreign = { ...OWN_SESSIONS, Sid: "Theirs" };
    expect(statementsOf(patched([ADMIN, foreign], [agent(1)]))).toEqual([ADMIN, foreign, OWN_ROLES, OWN_GRANTS]);
  });

  test("extends an own statement where it stands", () => {
    const after = statementsOf(patched([...OWN, ADMIN], [agent(1), agent(2, OTHER_ROLE)]));
    expect(after).toEqual([
      { ...OWN_SESSIONS, Condition: { StringEquals: { [CONTEXT]: [agent(1).arn, agent(2).arn] } } },
      { ...OWN_ROLES, Principal: { AWS: [OTHER_ROLE, ROLE] } },
      OWN_GRANTS,
      ADMIN,
    ]);
  });

  test("knows an own statement that KMS printed in other words", () => {
    const printed = { ...OWN_ROLES, Principal: { AWS: ROLE }, Action: [...OWN_ROLES.Action].reverse() };
    expect(planned([ADMIN, OWN_SESSIONS, printed, OWN_GRANTS], [agent(1)])).toEqual({ kind: "nothing" });
    const after = statementsOf(patched([ADMIN, OWN_SESSIONS, printed, OWN_GRANTS], [agent(1), agent(2, OTHER_ROLE)]));
    expect(after.map((s) => s.Sid)).toEqual([undefined, ...OWN.map((s) => s.Sid)]);
  });

  test("drops a role that is gone from the own statement that it writes anew", () => {
    const orphaned = { ...OWN_ROLES, Principal: { AWS: ["AROA1234567890EXAMPLE", ROLE] } };
    const after = statementsOf(patched([ADMIN, OWN_SESSIONS, orphaned, OWN_GRANTS], [agent(1), agent(2, OTHER_ROLE)]));
    expect(after[2]).toEqual({ ...OWN_ROLES, Principal: { AWS: [OTHER_ROLE, ROLE] } });
  });

  test("drops an own statement whose every role is gone, when it writes", () => {
    const orphaned = { ...OWN_ROLES, Principal: { AWS: "AROA1234567890EXAMPLE" } };
    const after = statementsOf(patched([orphaned, ADMIN], [agent(1, "none")]));
    expect(after).toEqual([ADMIN, OWN_SESSIONS, OWN_GRANTS]);
  });

  test("leaves an agent without a readable role without the role's statement", () => {
    expect(statementsOf(patched([ADMIN], [agent(1, "none")]))).toEqual([ADMIN, OWN_SESSIONS, OWN_GRANTS]);
  });

  test("writes a policy of one statement outside a list as a list", () => {
    const text = JSON.stringify({ Version: "2012-10-17", Statement: ADMIN });
    expect(statementsOf(patchOf(planFor(text, [agent(1)])))).toEqual([ADMIN, ...OWN]);
  });

  test("keeps the version of a policy that has none", () => {
    const patch = patchOf(planFor(JSON.stringify({ Id: "x", Statement: [ADMIN] }), [agent(1)]));
    expect(Object.keys(JSON.parse(patch.text) as object)).toEqual(["Id", "Statement"]);
  });

  test.each([
    ["one more action", { ...OWN_SESSIONS, Action: [...OWN_SESSIONS.Action, "kms:Encrypt"] }],
    ["another effect", { ...OWN_SESSIONS, Effect: "Deny" }],
    [
      "one more condition",
      { ...OWN_GRANTS, Condition: { ...OWN_GRANTS.Condition, StringEquals: { "aws:SourceAccount": "1" } } },
    ],
    ["a role that is no role", { ...OWN_ROLES, Principal: { AWS: ["arn:aws:iam::111122223333:root"] } }],
    ["a Sid of no known kind", { ...OWN_ROLES, Sid: "BedrockKeyGuardCallers" }],
  ])("is not made where a statement with the guard's Sid has %s", (_what, edited) => {
    const plan = planned([ADMIN, edited], [agent(1), agent(2, OTHER_ROLE)]);
    expect(plan).toMatchObject({ kind: "no-safe-patch", reason: expect.stringContaining(edited.Sid) });
  });

  test("is not made where two statements carry the same own Sid", () => {
    expect(planned([ADMIN, OWN_SESSIONS, OWN_SESSIONS], [agent(1)]).kind).toBe("no-safe-patch");
  });

  test("says what it adds, as lines of a diff", () => {
    const { diff } = patched([ADMIN, ...OWN], [agent(1), agent(2)]);
    expect(diff.filter((line) => line.startsWith("+ ")).map((line) => line.slice(2).trim())).toEqual([
      `"${agent(2).arn}"`,
    ]);
    expect(diff.filter((line) => line.startsWith("- "))).toEqual([]);
  });
});

describe("a plan for agents of which some are in the way of a Deny", () => {
  const denySessions = (condition: object) => ({
    Effect: "Deny",
    Principal: { Service: "bedrock.amazonaws.com" },
    Action: "kms:Decrypt",
    Resource: "*",
    Condition: condition,
  });

  test("writes nothing for an agent that is blocked", () => {
    expect(planned([ADMIN, denySessions({ StringEquals: { [CONTEXT]: agent(1).arn } })], [agent(1)]).kind).toBe(
      "nothing",
    );
  });

  test("writes for the other agents of the key, and what they share", () => {
    const deny = denySessions({ StringEquals: { [CONTEXT]: agent(1).arn } });
    const patch = patched([ADMIN, deny], [agent(1, OTHER_ROLE), agent(2)]);
    expect(patch.adds).toEqual({ agents: [agent(2).arn], roles: [ROLE], grants: true, memory: [] });
  });

  test("does not wait for an agent whose addition a Deny could still refuse", () => {
    const deny = denySessions({
      StringEquals: { [CONTEXT]: agent(1).arn },
      StringNotEquals: { "aws:SourceVpce": "vpce-1" },
    });
    const patch = patched([ADMIN, deny], [agent(1, OTHER_ROLE), agent(2)]);
    expect(patch.adds.agents).toEqual([agent(2).arn]);
  });
});

describe("a plan near the limit of a key policy", () => {
  const filler = (bytes: number) => ({ ...ADMIN, Sid: "x".repeat(bytes) });

  test("is written without white space where only that fits", () => {
    const { text } = patched([filler(MAX_POLICY_BYTES - 1100)], [agent(1)]);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_POLICY_BYTES);
    expect(text).not.toContain("\n");
  });

  test("is too long where even that does not fit, and says by how much", () => {
    const plan = planned([filler(MAX_POLICY_BYTES - 600)], [agent(1)]);
    expect(plan.kind === "too-long" && plan.bytes).toBeGreaterThan(MAX_POLICY_BYTES);
  });

  test("holds five hundred agents in one statement", () => {
    const many = Array.from({ length: 500 }, (_, i) => agent(i + 1));
    const after = statementsOf(patched([ADMIN], many));
    expect(after.map((s) => s.Sid)).toEqual([undefined, ...OWN.map((s) => s.Sid)]);
  });
});

function planned(statements: readonly object[], agents: readonly Agent[]): Plan {
  return planFor(JSON.stringify({ Version: "2012-10-17", Statement: statements }), agents);
}

function planFor(text: string, agents: readonly Agent[]): Plan {
  const policy = read(text);
  const judgements: readonly Judgement[] = judgeKey(policy, FACTS, agents, profile("documented"));
  return planPatch(policy, FACTS, missingAccess(judgements), judgements);
}

function patched(statements: readonly object[], agents: readonly Agent[]): Patch {
  return patchOf(planned(statements, agents));
}

function patchOf(plan: Plan): Patch {
  if (plan.kind !== "patch") throw new Error(`no patch: ${JSON.stringify(plan).slice(0, 300)}`);
  return plan.patch;
}

function statementsOf(patch: Patch): readonly { readonly Sid?: string }[] {
  return read(patch.text).raw.Statement as readonly { readonly Sid?: string }[];
}

function read(text: string): PolicyDocument {
  const parsed = parsePolicy(text);
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.policy;
}

function agent(number: number, roleOfAgent: RoleArn | "none" = ROLE): Agent {
  const id = `AGENT${String(number).padStart(5, "0")}`;
  return {
    id: sure(agentId(id)),
    arn: sure(agentArn(`arn:aws:bedrock:eu-west-1:111122223333:agent/${id}`)),
    name: "support",
    status: "PREPARED",
    roleArn: roleOfAgent === "none" ? undefined : roleOfAgent,
    keyArn: KEY,
    createdAt: "2024-05-01T00:00:00Z",
    memoryEnabled: false,
    versions: [],
  };
}

function role(name: string): RoleArn {
  return sure(roleArn(`arn:aws:iam::111122223333:role/${name}`));
}

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("this test names something that is not of its type");
  return value;
}
