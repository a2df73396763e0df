/** Which requirements a key's agents have: by what of them uses the key, and by the profile. */
import { describe, expect, test } from "vitest";
import { broaderStatements } from "../../../packages/core/src/key/broader.ts";
import { judgeKey } from "../../../packages/core/src/key/judge.ts";
import { missingAccess, planPatch } from "../../../packages/core/src/key/plan.ts";
import { type PolicyDocument, parsePolicy } from "../../../packages/core/src/policy/document.ts";
import type { Agent, AgentVersion } from "../../../packages/core/src/ports.ts";
import { appearancesOn, keysOf } from "../../../packages/core/src/requirements/appearances.ts";
import { requirementsOf } from "../../../packages/core/src/requirements/instance.ts";
import {
  isProfileId,
  PROFILE_IDS,
  PROFILES,
  type Profile,
  profile,
} from "../../../packages/core/src/requirements/profiles.ts";
import { agentOf, FACTS, KEY, OTHER_KEY, ROLES, ROOT } from "../laws/universe.ts";

const [ROLE, SECOND, THIRD] = ROLES;
const OLDER = agentOf("AGENT00001", ROLE);
const NEWER: Agent = { ...agentOf("AGENT00002", SECOND), createdAt: "2025-06-01T00:00:00Z" };
const DEFAULT = read([{ Effect: "Allow", Principal: { AWS: ROOT }, Action: "kms:*", Resource: "*" }]);

describe("an agent's appearances on a key", () => {
  const moved: Agent = {
    ...OLDER,
    keyArn: OTHER_KEY,
    versions: [version("1", { memoryEnabled: true }), version("2", { keyArn: undefined }), version("10", {})],
  };

  test("are the versions that use it, where the draft has moved on", () => {
    expect(appearancesOn(moved, KEY)).toEqual([
      { version: "1", roleArn: THIRD, memoryEnabled: true },
      { version: "10", roleArn: THIRD, memoryEnabled: false },
    ]);
    expect(appearancesOn(moved, OTHER_KEY)).toEqual([{ version: "DRAFT", roleArn: ROLE, memoryEnabled: false }]);
  });

  test("are the draft first, and then its versions", () => {
    const both = { ...OLDER, versions: [version("1", {})] };
    expect(appearancesOn(both, KEY).map(({ version }) => version)).toEqual(["DRAFT", "1"]);
  });

  test("are none on a key that it does not use", () => {
    expect(appearancesOn({ ...OLDER, keyArn: undefined }, KEY)).toEqual([]);
  });

  test("make its keys: each once, sorted, and none for a key that AWS owns", () => {
    expect(keysOf(moved)).toEqual([KEY, OTHER_KEY].sort());
    expect(keysOf({ ...OLDER, versions: [version("1", {})] })).toEqual([KEY]);
    expect(keysOf({ ...OLDER, keyArn: undefined })).toEqual([]);
  });
});

describe("the agents that need a requirement", () => {
  test("are for a role those that appear with it on the key, each once", () => {
    const first = { ...OLDER, versions: [version("1", {}), version("2", {})] };
    const second = { ...agentOf("AGENT00002", ROLE), versions: [version("1", { roleArn: SECOND, keyArn: OTHER_KEY })] };
    const roles = requirementsOf(KEY, [first, second], profile("documented"))
      .filter(({ requirement }) => requirement.id === "role-sessions")
      .map(({ subject, agents }) => [subject.role, agents]);
    expect(roles).toEqual([
      [ROLE, ["AGENT00001", "AGENT00002"]],
      [THIRD, ["AGENT00001"]],
    ]);
  });

  test("are for what the key allows once those whose profile asks for it", () => {
    const needs = requirementsOf(KEY, [OLDER, NEWER], profile("by-creation-date"));
    expect(needs.map(({ requirement, agents }) => [requirement.id, ...agents])).toEqual([
      ["key-admin", "AGENT00001", "AGENT00002"],
      ["service-sessions", "AGENT00001"],
      ["service-sessions", "AGENT00002"],
      ["role-sessions", "AGENT00001"],
      ["service-grants", "AGENT00001"],
    ]);
  });

  test("do not hold one another back over a requirement that only one has", () => {
    const noGrants = { Effect: "Deny", Principal: "*", Action: "kms:CreateGrant", Resource: "*" };
    const judgements = judgeKey(read([...raw(DEFAULT), noGrants]), FACTS, [OLDER, NEWER], profile("by-creation-date"));
    expect(missingAccess(judgements)).toEqual({ agents: [NEWER.arn], roles: [], grants: false, memory: [] });
  });
});

describe("a profile", () => {
  test("is known by its id, and by no other text", () => {
    expect(PROFILE_IDS).toEqual(["documented", "by-creation-date"]);
    for (const id of PROFILE_IDS) expect([isProfileId(id), profile(id).id]).toEqual([true, id]);
    for (const text of ["", "Documented", "toString", "__proto__", "constructor"]) {
      expect(isProfileId(text), text).toBe(false);
    }
  });

  test("has a page of AWS's for its source", () => {
    for (const { source } of Object.values(PROFILES)) expect(source).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
  });

  test("may be made up: the judge, the plan and the strangers' calls take it as it is", () => {
    const grantsOfThird: Profile = {
      id: "grants-of-some",
      title: "grants, for agents created in May",
      source: "https://docs.aws.amazon.com/bedrock/latest/userguide/encryption-agents.html",
      requirements: ({ createdAt }) => (createdAt.includes("-05-") ? ["service-grants"] : ["service-memory"]),
    };
    const agents = [OLDER, { ...NEWER, memoryEnabled: true }];
    const judgements = judgeKey(DEFAULT, FACTS, agents, grantsOfThird);
    expect(judgements.map(({ requirement, agents: ids, verdict }) => [requirement.id, ...ids, verdict.kind])).toEqual([
      ["service-grants", "AGENT00001", "missing"],
      ["service-memory", "AGENT00002", "missing"],
    ]);
    const adds = missingAccess(judgements);
    expect(adds).toEqual({ agents: [], roles: [], grants: true, memory: [NEWER.arn] });
    const plan = planPatch(DEFAULT, FACTS, adds, judgements);
    if (plan.kind !== "patch") throw new Error(`the plan is \`${plan.kind}\``);
    const after = parsed(plan.patch.text);
    expect(judgeKey(after, FACTS, agents, grantsOfThird).map(({ verdict }) => verdict.kind)).toEqual(["met", "met"]);
    const open = read([{ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }]);
    expect(new Set(broaderStatements(open, FACTS, [OLDER], grantsOfThird).map(({ what }) => what))).toEqual(
      new Set([
        "it lets Amazon Bedrock create grants that are not for resources of AWS services",
        "it lets another AWS service create grants on the key",
      ]),
    );
  });
});

describe("memory alone", () => {
  test("is added to a policy that has all the rest, in one statement", () => {
    const asked = profile("documented");
    const agents = [OLDER, agentOf("AGENT00002", ROLE)];
    const first = repaired(DEFAULT, agents);
    const withMemory = agents.map((agent) => ({ ...agent, memoryEnabled: true }));
    const second = repaired(first, withMemory);
    expect(raw(second).slice(0, -1)).toEqual(raw(first));
    expect(raw(second).at(-1)).toMatchObject({ Sid: "BedrockKeyGuardServiceMemory" });
    expect(judgeKey(second, FACTS, withMemory, asked).every(({ verdict }) => verdict.kind === "met")).toBe(true);
  });

  test("is not added where the page's broader statement is there", () => {
    const pages = {
      Effect: "Allow",
      Principal: { Service: ["bedrock.amazonaws.com"] },
      Action: ["kms:GenerateDataKeyWithoutPlainText", "kms:ReEncrypt*"],
      Condition: {
        StringEquals: { "aws:SourceAccount": "111122223333" },
        ArnLike: { "aws:SourceArn": "arn:aws:bedrock:eu-west-1:111122223333:agent-alias/*" },
      },
      Resource: "*",
    };
    const before = read([...raw(repaired(DEFAULT, [OLDER])), pages]);
    const judgements = judgeKey(before, FACTS, [{ ...OLDER, memoryEnabled: true }], profile("documented"));
    expect(planPatch(before, FACTS, missingAccess(judgements), judgements)).toEqual({ kind: "nothing" });
  });

  test("in the way of a Deny holds its agent back, and no other", () => {
    const deny = {
      Effect: "Deny",
      Principal: "*",
      Action: "kms:ReEncrypt*",
      Resource: "*",
      Condition: { ArnLike: { "aws:SourceArn": "arn:aws:bedrock:*:*:agent-alias/AGENT00002/*" } },
    };
    const agents = [OLDER, NEWER].map((agent) => ({ ...agent, memoryEnabled: true }));
    const judgements = judgeKey(read([...raw(DEFAULT), deny]), FACTS, agents, profile("documented"));
    expect(missingAccess(judgements)).toEqual({
      agents: [OLDER.arn],
      roles: [ROLE],
      grants: true,
      memory: [OLDER.arn],
    });
  });
});

function repaired(before: PolicyDocument, agents: readonly Agent[]): PolicyDocument {
  const judgements = judgeKey(before, FACTS, agents, profile("documented"));
  const plan = planPatch(before, FACTS, missingAccess(judgements), judgements);
  if (plan.kind !== "patch") throw new Error(`the plan is \`${plan.kind}\``);
  return parsed(plan.patch.text);
}

function version(number: string, change: Partial<AgentVersion>): AgentVersion {
  return { version: number, roleArn: THIRD, keyArn: KEY, memoryEnabled: false, ...change };
}

function raw(policy: PolicyDocument): readonly object[] {
  return policy.statements.map((statement) => statement.raw);
}

function read(statements: readonly object[]): PolicyDocument {
  return parsed(JSON.stringify({ Version: "2012-10-17", Statement: statements }));
}

function parsed(text: string): PolicyDocument {
  const found = parsePolicy(text);
  if (found.kind === "malformed") throw new Error(found.reason);
  return found.policy;
}
