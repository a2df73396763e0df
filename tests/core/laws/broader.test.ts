/** What is told as broader than documented: never the documented statements, never the guard's own, always truly allowed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { broaderStatements } from "../../../packages/core/src/key/broader.ts";
import { judgeKey } from "../../../packages/core/src/key/judge.ts";
import { missingAccess, planPatch } from "../../../packages/core/src/key/plan.ts";
import { decide } from "../../../packages/core/src/policy/decide.ts";
import { parsePolicy } from "../../../packages/core/src/policy/document.ts";
import { relevantPart } from "../../../packages/core/src/policy/prepared.ts";
import type { Agent } from "../../../packages/core/src/ports.ts";
import { profile } from "../../../packages/core/src/requirements/profiles.ts";
import { agentsOnKey, anyAgents, onKey } from "./agents.ts";
import { anyPolicy, type PolicyJson, type StatementJson } from "./policies.ts";
import { partlyKnownRequest } from "./requests.ts";
import { runs } from "./runs.ts";
import { opinion, parsed } from "./second-opinion.ts";
import { ACCOUNT, AGENT_KEY, BEDROCK, EVERY_ALIAS, FACTS, GRANT_KEY, KEY, ROOT } from "./universe.ts";

const ASKED = profile("documented");

describe("broader than documented", () => {
  test("is none of the documented statements, in any order, for all agents of the key", () => {
    fc.assert(
      fc.property(
        anyAgents.chain((needing) =>
          fc.tuple(fc.constant(needing), fc.shuffledSubarray(documented(needing)), fc.constantFrom("*", KEY)),
        ),
        ([needing, statements, resource]) => {
          const written = statements.map((statement) => ({ ...statement, Resource: resource }));
          expect(broaderStatements(parsed(policyOf(written)), FACTS, needing, ASKED)).toEqual([]);
        },
      ),
      runs(200),
    );
  });

  test("is no statement of the guard's own", () => {
    fc.assert(
      fc.property(agentsOnKey, (needing) => {
        const before = parsed(policyOf([]));
        const judgements = judgeKey(before, FACTS, needing, ASKED);
        const plan = planPatch(before, FACTS, missingAccess(judgements), judgements);
        const after = parsePolicy(plan.kind === "patch" ? plan.patch.text : "");
        if (after.kind === "malformed") throw new Error("there is no patch for a policy that says nothing");
        expect(broaderStatements(after.policy, FACTS, needing, ASKED)).toEqual([]);
      }),
      runs(100),
    );
  });

  test("is only what the second implementation allows too, and what the documented statements don't", () => {
    let found = 0;
    fc.assert(
      fc.property(anyPolicy, anyAgents, (keyPolicy, needing) => {
        for (const { example } of broaderStatements(parsed(keyPolicy), FACTS, needing, ASKED)) {
          found++;
          // A stranger of another account is let in by the own account too: that is not in the key's owner's hands.
          expect(opinion({ keyPolicy, identityPolicies: [ALL] }, example)).toBe("allowed");
          expect(decide(parsed(policyOf(documented(needing))), example).kind).not.toBe("allowed");
        }
      }),
      runs(500),
    );
    expect(found).toBeGreaterThan(10);
  });
});

describe("the part of a policy that can matter for a request", () => {
  test("decides as the whole policy", () => {
    fc.assert(
      fc.property(anyPolicy, partlyKnownRequest, (json, request) => {
        const policy = parsed(json);
        const { kind, dependsOn } = decide(policy, request);
        expect(decide(relevantPart(policy, request), request)).toMatchObject({ kind, dependsOn });
      }),
      runs(3000),
    );
  });
});

const ALL: PolicyJson = { Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };

function policyOf(statements: readonly StatementJson[]): PolicyJson {
  return { Version: "2012-10-17", Statement: statements };
}

/**
 * The documented statements, written out by hand as a person does: one for each agent and one for each role, and the one
 * for the memory of all agents.
 */
function documented(needing: readonly Agent[]): StatementJson[] {
  const allow = (rest: Readonly<Record<string, unknown>>): StatementJson => ({
    Effect: "Allow",
    Resource: "*",
    ...rest,
  });
  const service = { Service: BEDROCK };
  return [
    allow({ Principal: { AWS: ROOT }, Action: "kms:*" }),
    ...needing.map(({ arn }) =>
      allow({
        Principal: service,
        Action: ["kms:GenerateDataKey", "kms:Decrypt"],
        Condition: { StringEquals: { [AGENT_KEY]: arn } },
      }),
    ),
    ...needing
      .flatMap((agent) => onKey(agent).flatMap(({ roleArn }) => roleArn ?? []))
      .map((role) => allow({ Principal: { AWS: role }, Action: ["kms:GenerateDataKey*", "kms:Decrypt"] })),
    allow({
      Principal: service,
      Action: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
      Condition: { Bool: { [GRANT_KEY]: "true" } },
    }),
    allow({
      Principal: service,
      Action: ["kms:GenerateDataKeyWithoutPlainText", "kms:ReEncrypt*"],
      Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT }, ArnLike: { "aws:SourceArn": EVERY_ALIAS } },
    }),
  ];
}
