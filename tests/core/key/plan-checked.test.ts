/** A patch is judged before it is written, by the same judge; and what it is made of. How it looks: plan.test.ts. */
import { describe, expect, test } from "vitest";
import type { RoleArn } from "../../../packages/core/src/arn.ts";
import { judgeKey } from "../../../packages/core/src/key/judge.ts";
import {
  accessFor,
  isEmpty,
  minus,
  NO_ACCESS,
  type OwnAccess,
  only,
  subjectsOf,
  union,
} from "../../../packages/core/src/key/own-access.ts";
import {
  MAX_POLICY_BYTES,
  missingAccess,
  planPatch,
  rolesOfOtherAccounts,
} from "../../../packages/core/src/key/plan.ts";
import { type PolicyDocument, parsePolicy } from "../../../packages/core/src/policy/document.ts";
import type { Agent } from "../../../packages/core/src/ports.ts";
import { requirementsOf } from "../../../packages/core/src/requirements/instance.ts";
import { profile } from "../../../packages/core/src/requirements/profiles.ts";
import { ADMIN_STATEMENT, agent, DEFAULT_POLICY, KEY, key, OTHER_ROLE, policyOf, ROLE } from "../support/world.ts";

const A = agent("AAAAAAAAAA");
const B = agent("BBBBBBBBBB", { roleArn: OTHER_ROLE });
const access = (parts: Partial<OwnAccess>): OwnAccess => ({ ...NO_ACCESS, ...parts });
const NEEDS = profile("documented");
/** Which is of AWS's own key material. */
const FACTS = key();
const denyImported = { Sid: "NotImported", Effect: "Deny", Principal: "*", Action: "kms:Decrypt", Resource: "*" };
const DENY = { ...denyImported, Condition: { StringEquals: { "kms:KeyOrigin": "EXTERNAL" } } };

function read(text: string): PolicyDocument {
  const parsed = parsePolicy(text);
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.policy;
}

function planFor(text: string, agents: readonly Agent[], drops: OwnAccess = NO_ACCESS, facts = FACTS) {
  const policy = read(text);
  const judgements = judgeKey(policy, FACTS, agents, NEEDS);
  return planPatch(policy, facts, missingAccess(judgements), judgements, drops);
}

function repaired(...agents: readonly Agent[]): string {
  const plan = planFor(DEFAULT_POLICY, agents);
  if (plan.kind !== "patch") throw new Error(plan.kind);
  return plan.patch.text;
}

describe("no patch is made", () => {
  test("that would take what an agent needs", () => {
    for (const [drops, id] of [
      [access({ agents: [A.arn] }), "service-sessions"],
      [access({ roles: [ROLE] }), "role-sessions"],
      [access({ grants: true }), "service-grants"],
    ] as const) {
      expect(planFor(repaired(A, B), [A, B], drops)).toEqual({
        kind: "no-safe-patch",
        reason: `with the change, ${id} would be missing`,
      });
    }
  });

  test("that would not do what it is for: a Deny refuses what it adds", () => {
    const imported = key({ origin: "EXTERNAL" });
    expect(planFor(policyOf(ADMIN_STATEMENT, DENY), [A], NO_ACCESS, imported)).toEqual({
      kind: "no-safe-patch",
      reason: "with the change, service-sessions would be blocked",
    });
  });

  test("with more than one edited statement either, and both are named", () => {
    const edited = (Sid: string) => ({ ...ADMIN_STATEMENT, Sid, Action: "kms:List*" });
    const text = policyOf(edited("BedrockKeyGuardServiceGrants"), edited("BedrockKeyGuardCallers"));
    const plan = planFor(text, [A]);
    expect(plan).toMatchObject({
      reason: expect.stringContaining("`BedrockKeyGuardServiceGrants`, `BedrockKeyGuardCallers`"),
    });
  });
});

describe("a patch is made", () => {
  test("that only takes out what nobody needs", () => {
    const drops = access({ agents: [B.arn] });
    expect(planFor(repaired(A, B), [A], drops)).toMatchObject({ kind: "patch", patch: { adds: NO_ACCESS, drops } });
  });

  test("that adds a part of what is missing, where IAM does not know a role yet", () => {
    const policy = read(DEFAULT_POLICY);
    const judgements = judgeKey(policy, FACTS, [A, B], NEEDS);
    const adds = { ...missingAccess(judgements), roles: [ROLE] };
    expect(planPatch(policy, FACTS, adds, judgements)).toMatchObject({ kind: "patch", patch: { adds } });
  });

  test("for one agent though another one's requirement is blocked all the same", () => {
    const deny = { ...denyImported, Condition: { StringEquals: { "kms:EncryptionContext:aws:bedrock:arn": A.arn } } };
    const drops = access({ agents: [B.arn] });
    const { Statement } = JSON.parse(repaired(A, B));
    expect(planFor(policyOf(...Statement, deny), [A], drops).kind).toBe("patch");
  });
});

describe("a patch", () => {
  const sized = (bytes: number) => policyOf({ ...ADMIN_STATEMENT, Sid: "x".repeat(bytes) });
  const byteLength = (sid: number) => {
    const plan = planFor(sized(sid), [A]);
    if (plan.kind !== "patch") throw new Error(plan.kind);
    return Buffer.byteLength(plan.patch.text);
  };

  test("is written as people read it as long as that fits, to the byte", () => {
    const room = MAX_POLICY_BYTES - byteLength(0);
    expect(byteLength(room)).toBe(MAX_POLICY_BYTES);
    expect(byteLength(room + 1)).toBeLessThan(MAX_POLICY_BYTES);
  });

  test("is too long where it is longer than KMS takes, to the byte", () => {
    // Without white space from here on.
    const from = MAX_POLICY_BYTES - byteLength(0) + 1;
    const last = from + MAX_POLICY_BYTES - byteLength(from);
    expect(planFor(sized(last), [A]).kind).toBe("patch");
    expect(planFor(sized(last + 1), [A])).toMatchObject({ kind: "too-long", bytes: MAX_POLICY_BYTES + 1 });
  });

  test("names no role of another account", () => {
    const stranger = ROLE.replace("111122223333", "999988887777") as RoleArn;
    expect(rolesOfOtherAccounts([ROLE, stranger, OTHER_ROLE], FACTS)).toEqual([stranger]);
  });
});

describe("what the guard's statements allow", () => {
  const all: OwnAccess = { agents: [A.arn, B.arn], roles: [OTHER_ROLE, ROLE], grants: true, memory: [A.arn, B.arn] };

  test("is joined without repetitions, always in one order", () => {
    const [a, b] = [access({ agents: [A.arn], memory: [A.arn], roles: [ROLE] }), { ...all, grants: false }];
    expect(union(access({ agents: [B.arn], memory: [B.arn] }), a, b)).toEqual({ ...all, grants: false });
    expect(union(a, access({ grants: true }))).toEqual({ ...a, grants: true });
    expect(union()).toEqual(NO_ACCESS);
  });

  test("has a name for each part, by which the part is found again", () => {
    const names = [A.arn, B.arn, OTHER_ROLE, ROLE, "grants", `memory:${A.arn}`, `memory:${B.arn}`];
    expect(subjectsOf(all)).toEqual(names);
    expect(only(all, new Set(names))).toEqual(all);
    expect(only(all, new Set([A.arn, ROLE, `memory:${B.arn}`]))).toEqual(
      access({ agents: [A.arn], roles: [ROLE], memory: [B.arn] }),
    );
    expect(only(NO_ACCESS, new Set(names))).toEqual(NO_ACCESS);
  });

  test("less itself is nothing, and less nothing itself", () => {
    expect(minus(all, all)).toEqual(NO_ACCESS);
    expect(minus(all, NO_ACCESS)).toEqual(all);
    expect([isEmpty(NO_ACCESS), isEmpty(access({ grants: true })), isEmpty(access({ memory: [A.arn] }))]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("is, for each requirement, what its statement needs; the account's administration is a person's to add", () => {
    const agents = [{ ...A, memoryEnabled: true }];
    const instances = requirementsOf(KEY, agents, NEEDS);
    const given = Object.fromEntries(instances.map((one) => [one.requirement.id, accessFor(one)]));
    expect(given).toEqual({
      "key-admin": NO_ACCESS,
      "service-sessions": access({ agents: [A.arn] }),
      "role-sessions": access({ roles: [ROLE] }),
      "service-grants": access({ grants: true }),
      "service-memory": access({ memory: [A.arn] }),
    });
  });
});
