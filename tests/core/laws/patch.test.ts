/** What the guard writes, held against arbitrary policies: additive, exact, idempotent. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Judgement, judgeKey } from "../../../packages/core/src/key/judge.ts";
import {
  accessNeeded,
  isEmpty,
  minus,
  NO_ACCESS,
  type OwnAccess,
  union,
} from "../../../packages/core/src/key/own-access.ts";
import { OWN_SID_PREFIX, readOwnStatements, withOwnStatements } from "../../../packages/core/src/key/own-statements.ts";
import { heldAgents, missingAccess, type Patch, planPatch } from "../../../packages/core/src/key/plan.ts";
import { decide } from "../../../packages/core/src/policy/decide.ts";
import { type PolicyDocument, parsePolicy } from "../../../packages/core/src/policy/document.ts";
import { isObject, type Json } from "../../../packages/core/src/policy/json.ts";
import type { Request } from "../../../packages/core/src/policy/request.ts";
import type { Agent } from "../../../packages/core/src/ports.ts";
import { requirementsOf } from "../../../packages/core/src/requirements/instance.ts";
import { profile } from "../../../packages/core/src/requirements/profiles.ts";
import { agentsOnKey as agents } from "./agents.ts";
import { anyPolicy } from "./policies.ts";
import { knownRequest } from "./requests.ts";
import { runs } from "./runs.ts";
import { ACCOUNT, AGENT_KEY, BEDROCK, FACTS, GRANT_KEY, KEY, ROOT } from "./universe.ts";

const ASKED = profile("documented");

/**
 * A policy, and what the guard would write into it for some agents; a policy with nothing to write is passed over. Some
 * policies hold statements that the guard wrote for other agents before.
 */
const repair = fc
  .tuple(anyPolicy, fc.option(agents, { nil: [], freq: 3 }), agents)
  .map(([json, former, needing]) => ({ needing, ...repairOf(repairOf(read(json), former).after, needing) }));

const RUNS = runs(300);

describe("a patch", () => {
  test("makes every requirement met that it was made for", () => {
    fc.assert(
      fc.property(repair, ({ judgements, patch, after, needing }) => {
        if (!patch) return;
        const held = heldAgents(judgements);
        const next = judgeKey(after, FACTS, needing, ASKED);
        for (const [i, { requirement, verdict, agents: who }] of judgements.entries()) {
          if (requirement.repair !== "add" || verdict.kind !== "missing" || who.every((id) => held.has(id))) continue;
          expect(next[i]?.verdict.kind, requirement.id).toBe("met");
        }
      }),
      RUNS,
    );
  });

  test("leaves what was met as it was met", () => {
    fc.assert(
      fc.property(repair, ({ judgements, after, needing }) => {
        const next = judgeKey(after, FACTS, needing, ASKED);
        for (const [i, { verdict }] of judgements.entries()) {
          if (verdict.kind === "met") expect(next[i]?.verdict.kind).toBe("met");
        }
      }),
      RUNS,
    );
  });

  test("changes nothing when it is planned again", () => {
    fc.assert(
      fc.property(repair, ({ patch, after, needing }) => {
        if (patch) expect(repairOf(after, needing).patch).toBeUndefined();
      }),
      RUNS,
    );
  });

  test("keeps Version, Id and every foreign statement, in their order", () => {
    fc.assert(
      fc.property(repair, ({ before, after }) => {
        expect(foreign(after)).toEqual(foreign(before));
        expect({ ...after.raw, Statement: [] }).toEqual({ ...before.raw, Statement: [] });
      }),
      RUNS,
    );
  });

  test("allows nothing but what it adds, and takes nothing away", () => {
    fc.assert(
      fc.property(
        repair,
        fc.array(knownRequest, { minLength: 10, maxLength: 30 }),
        ({ before, after, patch }, requests) => {
          for (const request of requests) {
            const was = decide(before, request).kind;
            const is = decide(after, request).kind;
            if (was !== is) expect(patch !== undefined && isAdded(request, patch.adds), inWords(request)).toBe(true);
            if (was === "allowed" || was === "denied") expect(is).toBe(was);
          }
        },
      ),
      RUNS,
    );
  });

  test("holds no agent, role, grant or memory that could be left out: a verdict would be open again", () => {
    fc.assert(
      fc.property(repair, ({ before, after, patch, needing }) => {
        if (!patch) return;
        const met = metBy(after, needing);
        const own = readOwnStatements(before);
        const parts = partsOf(patch.adds);
        for (const part of parts) {
          const others = union(own.access, ...parts.filter((other) => other !== part));
          const less = read({ ...before.raw, Statement: withOwnStatements(before, own, others) });
          expect(metBy(less, needing), JSON.stringify(part)).toBeLessThan(met);
        }
      }),
      RUNS,
    );
  });

  test("of a policy that says nothing of Bedrock has no statement and no list member to spare", () => {
    fc.assert(
      fc.property(agents, (needing) => {
        const { after, patch } = repairOf(read({ Version: "2012-10-17", Statement: [ADMIN] }), needing);
        expect(patch).toBeDefined();
        const met = metBy(after, needing);
        const [admin, ...own] = after.raw.Statement as readonly Json[];
        expect(admin).toEqual(ADMIN);
        for (const less of withoutOneMember(own)) {
          const shorter = read({ ...after.raw, Statement: [ADMIN, ...(less as readonly Json[])] });
          expect(metBy(shorter, needing), JSON.stringify(less)).toBeLessThan(met);
        }
      }),
      runs(60),
    );
  });

  test("made after another keeps what the other added, and one statement of each kind", () => {
    fc.assert(
      fc.property(anyPolicy, agents, agents, (json, first, second) => {
        const before = read(json);
        const once = repairOf(before, first);
        const twice = repairOf(once.after, second);
        const own = twice.after.statements.flatMap((s) => (s.sid?.startsWith(OWN_SID_PREFIX) ? [s.sid] : []));
        expect(new Set(own).size).toBe(own.length);
        const next = judgeKey(twice.after, FACTS, first, ASKED);
        for (const [i, { verdict }] of judgeKey(once.after, FACTS, first, ASKED).entries()) {
          if (verdict.kind === "met") expect(next[i]?.verdict.kind).toBe("met");
        }
      }),
      RUNS,
    );
  });

  test("of a policy that says nothing of Bedrock gives all that is needed, and never more than that", () => {
    fc.assert(
      fc.property(repair, ({ before, after, patch, needing }) => {
        const needed = accessNeeded(requirementsOf(KEY, needing, ASKED));
        if (patch) expect(isEmpty(minus(patch.adds, needed))).toBe(true);
        const given = minus(readOwnStatements(after).access, readOwnStatements(before).access);
        expect(isEmpty(minus(given, needed))).toBe(true);
        const { after: alone } = repairOf(read({ Version: "2012-10-17", Statement: [ADMIN] }), needing);
        expect(readOwnStatements(alone)).toMatchObject({ access: needed, edited: [] });
      }),
      RUNS,
    );
  });

  test("is made often enough for these laws to mean something", () => {
    const made = fc.sample(repair, 300).filter(({ patch }) => patch !== undefined);
    expect(made.length).toBeGreaterThan(120);
    expect(made.filter(({ patch }) => patch && patch.adds.memory.length > 0).length).toBeGreaterThan(60);
  });
});

const ADMIN = { Effect: "Allow", Principal: { AWS: ROOT }, Action: "kms:*", Resource: "*" };

/** How many requirements are met. */
function metBy(policy: PolicyDocument, needing: readonly Agent[]): number {
  return judgeKey(policy, FACTS, needing, ASKED).filter(({ verdict }) => verdict.kind === "met").length;
}

interface Repair {
  readonly before: PolicyDocument;
  readonly judgements: readonly Judgement[];
  readonly patch: Patch | undefined;
  /** The policy itself where there is no patch. */
  readonly after: PolicyDocument;
}

function repairOf(before: PolicyDocument, needing: readonly Agent[]): Repair {
  const judgements = judgeKey(before, FACTS, needing, ASKED);
  const plan = planPatch(before, FACTS, missingAccess(judgements), judgements);
  const patch = plan.kind === "patch" ? plan.patch : undefined;
  return { before, judgements, patch, after: patch ? read(patch.text) : before };
}

function read(policy: string | object): PolicyDocument {
  const parsed = parsePolicy(typeof policy === "string" ? policy : JSON.stringify(policy));
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.policy;
}

function foreign(policy: PolicyDocument): readonly unknown[] {
  return policy.statements.filter(({ sid }) => !sid?.startsWith(OWN_SID_PREFIX)).map(({ raw }) => raw);
}

/** Each agent, each role, the grants and each memory of what a patch adds. */
function partsOf(adds: OwnAccess): readonly OwnAccess[] {
  return [
    ...adds.agents.map((agent) => ({ ...NO_ACCESS, agents: [agent] })),
    ...adds.roles.map((role) => ({ ...NO_ACCESS, roles: [role] })),
    ...(adds.grants ? [{ ...NO_ACCESS, grants: true }] : []),
    ...adds.memory.map((agent) => ({ ...NO_ACCESS, memory: [agent] })),
  ];
}

/** The same JSON with one member of one list left out, in every way that there is. */
function withoutOneMember(json: Json): readonly Json[] {
  if (Array.isArray(json)) {
    const shorter = json.map((_, i) => json.filter((_, other) => other !== i));
    const inside = json.flatMap((member, i) => withoutOneMember(member).map((less) => json.with(i, less)));
    return [...shorter, ...inside];
  }
  if (!isObject(json)) return [];
  return Object.entries(json).flatMap(([name, member]) =>
    withoutOneMember(member).map((less) => ({ ...json, [name]: less })),
  );
}

/** Whether the documented statements, for what was added, allow the request: written out here by hand. */
function isAdded({ principal, action, context }: Request, adds: OwnAccess): boolean {
  const is = (key: string, ...values: readonly string[]) => {
    const present = context.keys.get(key.toLowerCase());
    return present?.kind === "known" && present.values.some((text) => values.includes(text));
  };
  if (principal.kind === "role") {
    const uses = action.startsWith("kms:GenerateDataKey") || action === "kms:Decrypt";
    return uses && adds.roles.some((role) => role === principal.arn);
  }
  if (principal.kind !== "service" || principal.name !== BEDROCK) return false;
  if (["kms:GenerateDataKey", "kms:Decrypt"].includes(action)) return is(AGENT_KEY, ...adds.agents);
  if (action === "kms:GenerateDataKeyWithoutPlaintext" || action.startsWith("kms:ReEncrypt")) {
    const source = context.keys.get("aws:sourcearn");
    const [alias = ""] = source?.kind === "known" ? source.values : [];
    const isOf = (agent: string) => alias.startsWith(`${agent.replace(":agent/", ":agent-alias/")}/`);
    return is("aws:SourceAccount", ACCOUNT) && adds.memory.some(isOf);
  }
  return (
    ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"].includes(action) && adds.grants && is(GRANT_KEY, "true")
  );
}

function inWords({ principal, action }: Request): string {
  return `${JSON.stringify(principal)} ${action}`;
}
