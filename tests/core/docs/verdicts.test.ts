/** The examples of docs/verdicts.md, run: the agent first, then pairs of a policy and what is said of it. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { agentArn, agentId, keyArn, roleArn } from "../../../packages/core/src/arn.ts";
import { type Judgement, judgeKey, type Verdict } from "../../../packages/core/src/key/judge.ts";
import { missingAccess, planPatch } from "../../../packages/core/src/key/plan.ts";
import { type PolicyDocument, parsePolicy, type Statement } from "../../../packages/core/src/policy/document.ts";
import type { Agent } from "../../../packages/core/src/ports.ts";
import { DOCUMENTED } from "../../../packages/core/src/requirements/documented.ts";
import { PROFILE_IDS, profile } from "../../../packages/core/src/requirements/profiles.ts";

const PAGE = readFileSync(new URL("../../../docs/verdicts.md", import.meta.url), "utf8");
const [subject = "", ...blocks] = [...PAGE.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json = ""]) => json);

const { key, agent } = readSubject(JSON.parse(subject));
const FACTS = { arn: key, spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", origin: "AWS_KMS" };

describe("the page on verdicts", () => {
  test("has three examples, a title before each", () => {
    expect(PAGE.match(/^### \d\. /gm)).toHaveLength(3);
    expect(blocks).toHaveLength(6);
  });

  test.each([1, 2, 3])("says of example %i what the guard says", (number) => {
    const [policy = "", said = ""] = blocks.slice((number - 1) * 2);
    const read = parse(policy);
    const judgements = judgeKey(read, FACTS, [agent], profile("documented"));
    const verdicts = Object.fromEntries(judgements.map((j) => [j.requirement.id, inWords(j.verdict)]));
    expect({ ...verdicts, written: written(read, judgements) }).toEqual(JSON.parse(said));
  });

  test("lists every profile", () => {
    for (const id of PROFILE_IDS) expect(PAGE).toContain(`- \`${id}\``);
  });

  test("lists every requirement, and the files that it names exist", () => {
    for (const { id } of DOCUMENTED) expect(PAGE).toContain(`| \`${id}\` |`);
    const files = [...PAGE.matchAll(/`((?:packages|tests)\/[\w./-]+\.ts)`/g)].map(([, file = ""]) => file);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect(readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8")).not.toBe("");
  });
});

/** The guard's own statements after its patch; the foreign ones must stand before them as they were. */
function written(policy: PolicyDocument, judgements: readonly Judgement[]): readonly unknown[] {
  const plan = planPatch(policy, FACTS, missingAccess(judgements), judgements);
  if (plan.kind === "nothing") return [];
  if (plan.kind !== "patch") throw new Error(`the plan is \`${plan.kind}\``);
  const after = parse(plan.patch.text).statements.map(({ raw }) => raw);
  const before = policy.statements.map(({ raw }) => raw);
  expect(after.slice(0, before.length)).toEqual(before);
  return after.slice(before.length);
}

function inWords(verdict: Verdict): object {
  const sids = (statements: readonly Statement[]) => statements.map(({ sid }) => sid);
  switch (verdict.kind) {
    case "met":
      return {
        verdict: verdict.tighter ? "met, tighter" : "met",
        by: sids(verdict.by),
        ...(verdict.notes.length > 0 ? { notes: verdict.notes } : {}),
      };
    case "missing":
      return {
        verdict: "missing",
        ...(verdict.delegatedBy.length > 0 ? { delegatedBy: sids(verdict.delegatedBy) } : {}),
      };
    case "blocked":
      return { verdict: "blocked", by: sids(verdict.by) };
    case "depends":
      return { verdict: "depends", on: verdict.on, by: sids(verdict.by) };
    default:
      return verdict satisfies never;
  }
}

function readSubject(given: Readonly<Record<string, string>>): { key: Agent["keyArn"] & string; agent: Agent } {
  const onKey = sure(keyArn(given.key ?? ""));
  return {
    key: onKey,
    agent: {
      id: sure(agentId(given.agentId ?? "")),
      arn: sure(agentArn(given.agentArn ?? "")),
      name: "support",
      status: "PREPARED",
      roleArn: sure(roleArn(given.agentResourceRoleArn ?? "")),
      keyArn: onKey,
      createdAt: "2024-05-01T00:00:00Z",
      memoryEnabled: false,
      versions: [],
    },
  };
}

function parse(text: string): PolicyDocument {
  const parsed = parsePolicy(text);
  if (parsed.kind === "malformed") throw new Error(`a policy of the page can't be read: ${parsed.reason}`);
  return parsed.policy;
}

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the page's agent or key is not of the form that AWS gives it");
  return value;
}
