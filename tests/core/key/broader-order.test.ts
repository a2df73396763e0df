/** Statements that are broader than documented are told as a person reads the policy: from the top. */
import { expect, test } from "vitest";
import { broaderStatements } from "../../../packages/core/src/key/broader.ts";
import { parsePolicy } from "../../../packages/core/src/policy/document.ts";
import { profile } from "../../../packages/core/src/requirements/profiles.ts";
import { agentOf, BEDROCK, FACTS, ROLES } from "../laws/universe.ts";

test("broader statements come in the policy's order, each thing once, whichever agent it was found for", () => {
  const actions = ["kms:CreateGrant", "kms:Decrypt", "kms:CreateGrant"];
  const Statement = actions.map((Action) => ({
    Effect: "Allow",
    Principal: { Service: BEDROCK },
    Action,
    Resource: "*",
  }));
  const parsed = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement }));
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  const agents = ["AGENT00001", "AGENT00002"].map((id) => agentOf(id, ROLES[0]));
  const found = broaderStatements(parsed.policy, FACTS, agents, profile("documented"));
  const said = found.map(({ statement, what }) => `${statement.index} ${what}`);
  expect(new Set(said).size).toBe(said.length);
  expect(found.map(({ statement }) => statement.index)).toEqual([0, 1, 1, 1, 2]);
  for (const { statement, example } of found) expect([statement.action?.members[0]]).toEqual([example.action]);
});
