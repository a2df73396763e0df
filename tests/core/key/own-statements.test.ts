/** The guard's own statement for memory, and the arithmetic of what own statements allow. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  accessFor,
  accessNeeded,
  isEmpty,
  minus,
  NO_ACCESS,
  type OwnAccess,
  only,
  subjectsOf,
  union,
} from "../../../packages/core/src/key/own-access.ts";
import { readOwnStatements, withOwnStatements } from "../../../packages/core/src/key/own-statements.ts";
import { type PolicyDocument, parsePolicy } from "../../../packages/core/src/policy/document.ts";
import { agentOfAliases, aliasesOf, aliasOf } from "../../../packages/core/src/requirements/agent-aliases.ts";
import { requirementsOf } from "../../../packages/core/src/requirements/instance.ts";
import { profile } from "../../../packages/core/src/requirements/profiles.ts";
import { ACCOUNT, AGENT_ARNS, agentOf, KEY, OTHER_ACCOUNT, ROLES, ROOT } from "../laws/universe.ts";

const [ONE, TWO] = AGENT_ARNS;
const FOREIGN = { Sid: "Theirs", Effect: "Allow", Principal: { AWS: ROOT }, Action: "kms:*", Resource: "*" };
const MEMORY = memory(["AGENT00001"]);

describe("the own statement for memory", () => {
  test("lists the aliases of each agent that has memory, in one statement", () => {
    expect(written({ ...NO_ACCESS, memory: [ONE, TWO].flatMap((arn) => arn ?? []) })).toEqual([
      FOREIGN,
      memory(["AGENT00001", "AGENT00002"]),
    ]);
  });

  test("comes after the others", () => {
    const statements = written({ agents: AGENT_ARNS, roles: ROLES, grants: true, memory: AGENT_ARNS });
    expect(statements.map(({ Sid }) => Sid)).toEqual([
      "Theirs",
      "BedrockKeyGuardServiceSessions",
      "BedrockKeyGuardRoleSessions",
      "BedrockKeyGuardServiceGrants",
      "BedrockKeyGuardServiceMemory",
    ]);
  });

  test("is replaced where it stands, and left out where no agent has memory", () => {
    const policy = read([MEMORY, FOREIGN]);
    const own = readOwnStatements(policy);
    const two = { ...NO_ACCESS, memory: AGENT_ARNS.slice(1, 2) };
    expect(withOwnStatements(policy, own, two)).toEqual([memory(["AGENT00002"]), FOREIGN]);
    expect(withOwnStatements(policy, own, NO_ACCESS)).toEqual([FOREIGN]);
    expect(withOwnStatements(policy, own, own.access)).toEqual([MEMORY, FOREIGN]);
  });

  test.each<[string, object]>([
    ["as it was written", MEMORY],
    ["with a list of one as a text", withSource(aliases("AGENT00001"))],
    [
      "with its account in a list",
      { ...MEMORY, Condition: { ...MEMORY.Condition, StringEquals: { "aws:SourceAccount": [ACCOUNT] } } },
    ],
    ["with its actions the other way round", { ...MEMORY, Action: [...MEMORY.Action].reverse() }],
  ])("is known %s", (_how, statement) => {
    const { access, edited } = readOwnStatements(read([FOREIGN, statement]));
    expect([access, edited]).toEqual([{ ...NO_ACCESS, memory: [ONE] }, []]);
  });

  test.each<[string, object]>([
    ["the page's broader form", withSource(`arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent-alias/*`)],
    ["one alias by its name", withSource(aliases("AGENT00001").replace("*", "TSTALIASID"))],
    ["the agent in the place of its aliases", withSource(ONE ?? "")],
    ["more than the aliases of an agent", withSource(aliases("AGENT0000*"))],
    ["an alias among aliases", withSource([aliases("AGENT00001"), aliases("AGENT00002").replace("*", "TSTALIASID")])],
    ["something that is no text", withSource(1)],
    ["no source", { ...MEMORY, Condition: { StringEquals: MEMORY.Condition.StringEquals } }],
    ["no account", { ...MEMORY, Condition: { ArnLike: MEMORY.Condition.ArnLike } }],
    [
      "another account than its agents'",
      { ...MEMORY, Condition: { ...MEMORY.Condition, StringEquals: { "aws:SourceAccount": OTHER_ACCOUNT } } },
    ],
    [
      "a further account",
      {
        ...MEMORY,
        Condition: { ...MEMORY.Condition, StringEquals: { "aws:SourceAccount": [ACCOUNT, OTHER_ACCOUNT] } },
      },
    ],
    ["a further condition", { ...MEMORY, Condition: { ...MEMORY.Condition, Bool: { "aws:SecureTransport": "true" } } }],
    ["StringLike in the place of ArnLike", stringLike()],
    ["a further action", { ...MEMORY, Action: [...MEMORY.Action, "kms:Decrypt"] }],
    ["a role for a principal", { ...MEMORY, Principal: { AWS: ROLES[0] } }],
    ["another effect", { ...MEMORY, Effect: "Deny" }],
  ])("with %s is not the guard's any more", (_what, statement) => {
    const { access, edited, at } = readOwnStatements(read([FOREIGN, statement]));
    expect([access, at.size]).toEqual([NO_ACCESS, 0]);
    expect(edited.map(({ raw }) => raw)).toEqual([statement]);
  });

  test("twice is the guard's once: the second one was put there by somebody", () => {
    expect(readOwnStatements(read([MEMORY, MEMORY])).edited).toHaveLength(1);
  });
});

describe("the aliases of an agent", () => {
  test("are those under its id, in its account and Region", () => {
    expect(AGENT_ARNS.slice(0, 1).map(aliasesOf)).toEqual([aliases("AGENT00001")]);
    expect(AGENT_ARNS.slice(0, 1).map((arn) => aliasOf(arn, "ABCDEFGHIJ"))).toEqual([
      aliases("AGENT00001").replace("*", "ABCDEFGHIJ"),
    ]);
  });

  test("tell the agent, and nothing else does", () => {
    for (const arn of AGENT_ARNS) expect(agentOfAliases(aliasesOf(arn))).toBe(arn);
    const one = aliases("AGENT00001");
    for (const text of [
      one.slice(0, -1),
      one.slice(0, -2),
      `${one}/*`,
      one.replace("-alias", ""),
      ONE ?? "",
      "*",
      "",
    ]) {
      expect(agentOfAliases(text), text).toBeUndefined();
    }
  });
});

const access: fc.Arbitrary<OwnAccess> = fc.record({
  agents: fc.subarray(AGENT_ARNS),
  roles: fc.subarray(ROLES),
  grants: fc.boolean(),
  memory: fc.subarray(AGENT_ARNS),
});

describe("what own statements allow", () => {
  test("is read back as it was written", () => {
    fc.assert(
      fc.property(access, (given) => {
        const { access: found, edited } = readOwnStatements(read(written(given)));
        expect([found, edited]).toEqual([union(given), []]);
      }),
    );
  });

  test("is known by its subjects: no two parts share a name", () => {
    fc.assert(
      fc.property(access, access, (a, b) => {
        const [of, others] = [subjectsOf(a), subjectsOf(b)];
        expect(new Set(of).size).toBe(of.length);
        expect(new Set(subjectsOf(union(a, b)))).toEqual(new Set([...of, ...others]));
        expect(subjectsOf(minus(a, b))).toEqual(of.filter((name) => !others.includes(name)));
        expect(subjectsOf(only(a, new Set(others)))).toEqual(of.filter((name) => others.includes(name)));
        expect(isEmpty(a)).toBe(of.length === 0);
      }),
    );
  });

  test("has stable names, which outlive a version of the guard", () => {
    const [role] = ROLES;
    expect(
      subjectsOf({
        agents: AGENT_ARNS.slice(0, 1),
        roles: ROLES.slice(0, 1),
        grants: true,
        memory: AGENT_ARNS.slice(1, 2),
      }),
    ).toEqual([ONE, role, "grants", `memory:${TWO}`]);
  });

  test("falls into two parts by what is taken from it, and is whole again with it", () => {
    fc.assert(
      fc.property(access, access, (a, b) => {
        const taken = only(a, new Set(subjectsOf(b)));
        expect(union(minus(a, b), taken)).toEqual(union(a));
        expect(isEmpty(minus(minus(a, b), a))).toBe(true);
        expect(minus(a, NO_ACCESS)).toEqual(a);
        expect(isEmpty(minus(a, a))).toBe(true);
      }),
    );
  });
});

describe("the access that is needed", () => {
  const agents = [
    { ...agentOf("AGENT00001", ROLES[1]), memoryEnabled: true },
    { ...agentOf("AGENT00002", ROLES[0]), versions: [version("4", ROLES[2])] },
  ];

  test("is all that would be written if nothing were there, and not what a person has to add", () => {
    const instances = requirementsOf(KEY, agents, profile("documented"));
    expect(instances.map(({ requirement }) => requirement.id)).toContain("key-admin");
    expect(accessNeeded(instances)).toEqual({
      agents: [ONE, TWO],
      roles: [...ROLES].sort(),
      grants: true,
      memory: [ONE],
    });
  });

  test("is nothing of what is told to a person in place of being added", () => {
    const told = requirementsOf(KEY, agents, profile("documented")).map(({ requirement, ...instance }) => ({
      ...instance,
      requirement: { ...requirement, repair: "tell" as const },
    }));
    expect(accessNeeded(told)).toEqual(NO_ACCESS);
  });

  test("is nothing for a key without agents", () => {
    expect(accessNeeded(requirementsOf(KEY, [], profile("documented")))).toEqual(NO_ACCESS);
  });

  test("is for each requirement one part, named as its subject", () => {
    for (const instance of requirementsOf(KEY, agents, profile("documented"))) {
      expect(subjectsOf(accessFor(instance)).length, instance.requirement.id).toBe(
        instance.requirement.repair === "add" ? 1 : 0,
      );
    }
  });
});

function version(number: string, roleArn: (typeof ROLES)[number] | undefined) {
  return { version: number, roleArn, keyArn: KEY, memoryEnabled: false };
}

function memory(ids: readonly string[]) {
  return {
    Sid: "BedrockKeyGuardServiceMemory",
    Effect: "Allow",
    Principal: { Service: "bedrock.amazonaws.com" },
    Action: ["kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"],
    Resource: "*",
    Condition: {
      StringEquals: { "aws:SourceAccount": ACCOUNT },
      ArnLike: { "aws:SourceArn": ids.map(aliases) },
    },
  };
}

function aliases(id: string): string {
  return `arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent-alias/${id}/*`;
}

function withSource(source: unknown): object {
  return { ...MEMORY, Condition: { ...MEMORY.Condition, ArnLike: { "aws:SourceArn": source } } };
}

function stringLike(): object {
  const { ArnLike, ...rest } = MEMORY.Condition;
  return { ...MEMORY, Condition: { ...rest, StringLike: ArnLike } };
}

function written(given: OwnAccess): readonly Readonly<Record<string, unknown>>[] {
  const policy = read([FOREIGN]);
  return withOwnStatements(policy, readOwnStatements(policy), given);
}

function read(statements: readonly object[]): PolicyDocument {
  const parsed = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }));
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.policy;
}
