/** A verdict carries its reasons: which actions, by which statements, on which condition keys. */
import { describe, expect, test } from "vitest";
import { judgeKey, type Verdict } from "../../../packages/core/src/key/judge.ts";
import { parsePolicy } from "../../../packages/core/src/policy/document.ts";
import { profile } from "../../../packages/core/src/requirements/profiles.ts";
import { AGENT_ARNS, AGENT_KEY, agentOf, BEDROCK, FACTS, ROLES, ROOT } from "../laws/universe.ts";

const [ROLE] = ROLES;
const ADMIN = { Principal: { AWS: ROOT }, Action: "kms:*" };
/** Condition keys of which nothing is known, in order. */
const KEYS = ["aws:CalledViaLast", "aws:SourceVpc"] as const;
const CONTEXT = { [AGENT_KEY]: AGENT_ARNS[0] };

describe("a verdict", () => {
  test("of what is missing names the actions, and the statements that leave them to IAM in the policy's order", () => {
    const again = { ...ADMIN, Principal: { AWS: "111122223333" }, Action: "kms:Decrypt" };
    expect(reasons("role-sessions", [ADMIN, again])).toMatchObject({
      kind: "missing",
      actions: expect.arrayContaining(["kms:Decrypt", "kms:GenerateDataKey"]),
      delegatedBy: [0, 1],
    });
    const decrypt = { Principal: { AWS: ROLE }, Action: "kms:Decrypt" };
    expect(reasons("role-sessions", [decrypt, again])).toMatchObject({
      actions: expect.not.arrayContaining(["kms:Decrypt"]),
      delegatedBy: [],
    });
  });

  test("of what is blocked names the actions and the Denies, each once and in order", () => {
    const deny = (Action: string) => ({ Effect: "Deny", Principal: "*", Action });
    expect(reasons("service-sessions", [deny("kms:Dec*"), deny("kms:Generate*"), deny("kms:Decrypt")])).toMatchObject({
      kind: "blocked",
      actions: ["kms:GenerateDataKey", "kms:Decrypt"],
      by: [0, 1, 2],
    });
  });

  test("of what depends names the actions, the statements and the condition keys in order", () => {
    const session = (Action: string, key: string) => ({
      Principal: { Service: BEDROCK },
      Action,
      Condition: { StringEquals: { ...CONTEXT, [key]: "x" } },
    });
    for (const [first, second] of [KEYS, KEYS.toReversed()] as const) {
      const statements = [session("kms:Decrypt", first), session("kms:GenerateDataKey", second)];
      expect(reasons("service-sessions", statements)).toMatchObject({
        kind: "depends",
        actions: ["kms:GenerateDataKey", "kms:Decrypt"],
        by: [0, 1],
        on: KEYS,
      });
    }
  });

  test("of what is met names the statements in order, and the pattern whose future members are not allowed", () => {
    const actions = ["kms:GenerateDataKey", "kms:GenerateDataKeyPair", "kms:GenerateDataKeyWithoutPlaintext"];
    const members = [...actions, "kms:GenerateDataKeyPairWithoutPlaintext"];
    const statements = ["kms:Decrypt", members].map((Action) => ({ Principal: { AWS: ROLE }, Action }));
    const verdict = reasons("role-sessions", statements);
    expect(verdict).toMatchObject({
      kind: "met",
      by: [0, 1],
      notes: [expect.stringContaining("kms:GenerateDataKey*")],
    });
  });
});

/** The verdict on one requirement of one agent, its statements as their places in the policy. */
function reasons(id: string, statements: readonly object[]): object {
  const Statement = statements.map((statement) => ({ Effect: "Allow", Resource: "*", ...statement }));
  const parsed = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement }));
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  const judgement = judgeKey(parsed.policy, FACTS, [agentOf("AGENT00001", ROLE)], profile("documented")).find(
    (j) => j.requirement.id === id,
  );
  if (!judgement) throw new Error(`no requirement is called \`${id}\``);
  return withPlaces(judgement.verdict);
}

function withPlaces(verdict: Verdict): object {
  if (verdict.kind === "missing") return { ...verdict, delegatedBy: verdict.delegatedBy.map(({ index }) => index) };
  return { ...verdict, by: verdict.by.map(({ index }) => index) };
}

test("a Deny that holds whatever the open keys are blocks, also where no statement allows anything", () => {
  const value = "${aws:PrincipalAccount, '444455556666'}";
  const deny = {
    Effect: "Deny",
    Principal: "*",
    Action: "kms:*",
    Condition: { StringNotEquals: { "aws:SourceAccount": value } },
  };
  expect(reasons("service-grants", [deny])).toMatchObject({ kind: "blocked" });
});
