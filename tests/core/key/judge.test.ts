/**
 * The golden judge cases of `tests/cases/judge`: a policy and the agents of its key, and a verdict for every requirement.
 * A verdict is written as a person would say it: `met`, `met, tighter`, `met, noted`, `missing`, `blocked`,
 * `depends on KEY, KEY`. A requirement of several agents or roles is told apart as `requirement SUBJECT`. What a case does
 * not say of an agent is usual: its draft uses the key, memory is off, it was created in 2024 and has no versions; a `key`
 * is `other` or `none`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { agentArn, agentId, keyArn, roleArn } from "../../../packages/core/src/arn.ts";
import { type Judgement, judgeKey, type Verdict } from "../../../packages/core/src/key/judge.ts";
import { parsePolicy } from "../../../packages/core/src/policy/document.ts";
import type { Agent, AgentVersion } from "../../../packages/core/src/ports.ts";
import { isProfileId, profile } from "../../../packages/core/src/requirements/profiles.ts";

interface JudgeCase {
  readonly rule: string;
  readonly source: string;
  readonly policy: object;
  readonly agents: readonly (UseCase & {
    readonly id: string;
    readonly createdAt?: string;
    readonly versions?: readonly (UseCase & { readonly version: string })[];
  })[];
  readonly profile?: string;
  readonly expect: Readonly<Record<string, string>>;
}

interface UseCase {
  readonly role?: string;
  readonly key?: "other" | "none";
  readonly memory?: boolean;
}

const KEY = sure(keyArn("arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"));
const OTHER_KEY = sure(keyArn(KEY.replace("0a1b", "ffff")));
const FACTS = { arn: KEY, spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", origin: "AWS_KMS" };
const FOLDER = new URL("../../cases/judge/", import.meta.url);
const FILES = readdirSync(FOLDER).sort();

describe.each(FILES)("%s", (file) => {
  const cases = JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as readonly JudgeCase[];
  test.each(cases.map((c) => [c.rule, c] as const))("%s", (_rule, given) => {
    const parsed = parsePolicy(JSON.stringify(given.policy));
    if (parsed.kind === "malformed") throw new Error(parsed.reason);
    const asked = given.profile ?? "documented";
    if (!isProfileId(asked)) throw new Error(`a case names the profile \`${asked}\``);
    const judgements = judgeKey(parsed.policy, FACTS, given.agents.map(agentOf), profile(asked));
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

function agentOf({ id, createdAt, versions = [], ...draft }: JudgeCase["agents"][number]): Agent {
  return {
    id: sure(agentId(id)),
    arn: sure(agentArn(`arn:aws:bedrock:eu-west-1:111122223333:agent/${id}`)),
    name: "support",
    status: "PREPARED",
    createdAt: createdAt ?? "2024-05-01T00:00:00Z",
    ...useOf(draft),
    versions: versions.map(({ version, ...use }) => ({ version, ...useOf(use) })),
  };
}

function useOf({ role, key, memory = false }: UseCase): Omit<AgentVersion, "version"> {
  return {
    roleArn: role === undefined ? undefined : sure(roleArn(role)),
    keyArn: key === "none" ? undefined : key === "other" ? OTHER_KEY : KEY,
    memoryEnabled: memory,
  };
}

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a case of this test names something that is not of its type");
  return value;
}
