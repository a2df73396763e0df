/**
 * The golden judge cases of `tests/cases/judge`: a policy and the agents of its key, and a verdict for every requirement.
 * A verdict is written as a person would say it: `met`, `met, tighter`, `met, noted`, `missing`, `blocked`,
 * `depends on KEY, KEY`. A requirement of several agents or roles is told apart as `requirement SUBJECT`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { agentArn, agentId, keyArn, roleArn } from "../../../packages/core/src/arn.ts";
import { type Judgement, judgeKey, type Verdict } from "../../../packages/core/src/key/judge.ts";
import { parsePolicy } from "../../../packages/core/src/policy/document.ts";
import type { Agent } from "../../../packages/core/src/ports.ts";

interface JudgeCase {
  readonly rule: string;
  readonly source: string;
  readonly policy: object;
  readonly agents: readonly { readonly id: string; readonly role?: string }[];
  readonly expect: Readonly<Record<string, string>>;
}

const KEY = sure(keyArn("arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"));
const FACTS = { arn: KEY, spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", origin: "AWS_KMS" };
const FOLDER = new URL("../../cases/judge/", import.meta.url);
const FILES = readdirSync(FOLDER).sort();

describe.each(FILES)("%s", (file) => {
  const cases = JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as readonly JudgeCase[];
  test.each(cases.map((c) => [c.rule, c] as const))("%s", (_rule, given) => {
    const parsed = parsePolicy(JSON.stringify(given.policy));
    if (parsed.kind === "malformed") throw new Error(parsed.reason);
    const judgements = judgeKey(parsed.policy, FACTS, given.agents.map(agentOf));
    expect(said(judgements)).toEqual(given.expect);
  });
});

function said(judgements: readonly Judgement[]): Readonly<Record<string, string>> {
  const alone = (j: Judgement) => judgements.filter((other) => other.requirement.id === j.requirement.id).length === 1;
  return Object.fromEntries(
    judgements.map((j) => [
      alone(j) ? j.requirement.id : `${j.requirement.id} ${j.subject.role ?? j.subject.agent?.split("/").at(-1)}`,
      inWords(j.verdict),
    ]),
  );
}

function inWords(verdict: Verdict): string {
  switch (verdict.kind) {
    case "met":
      return ["met", ...(verdict.tighter ? ["tighter"] : []), ...(verdict.notes.length > 0 ? ["noted"] : [])].join(
        ", ",
      );
    case "depends":
      return `depends on ${verdict.on.join(", ")}`;
    case "missing":
    case "blocked":
      return verdict.kind;
    default:
      return verdict satisfies never;
  }
}

function agentOf({ id, role }: JudgeCase["agents"][number]): Agent {
  return {
    id: sure(agentId(id)),
    arn: sure(agentArn(`arn:aws:bedrock:eu-west-1:111122223333:agent/${id}`)),
    name: "support",
    status: "PREPARED",
    roleArn: role === undefined ? undefined : sure(roleArn(role)),
    keyArn: KEY,
    createdAt: "2024-05-01T00:00:00Z",
    memoryEnabled: false,
  };
}

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a case of this test names something that is not of its type");
  return value;
}
