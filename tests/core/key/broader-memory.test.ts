/** Statements that allow more for an agent's memory than what AWS documents, and those that look as if they did. */
import { describe, expect, test } from "vitest";
import { broaderStatements } from "../../../packages/core/src/key/broader.ts";
import { decide } from "../../../packages/core/src/policy/decide.ts";
import { profile } from "../../../packages/core/src/requirements/profiles.ts";
import { parsed } from "../laws/second-opinion.ts";
import {
  ACCOUNT,
  ALIAS_PATTERNS,
  ALIASES,
  agentOf,
  BEDROCK,
  EVERY_ALIAS,
  FACTS,
  OTHER_ACCOUNT,
  ROLES,
} from "../laws/universe.ts";

const [ROLE] = ROLES;
const AGENTS = ["AGENT00001", "AGENT00002"].map((id) => ({ ...agentOf(id, ROLE), memoryEnabled: true }));
const ACTIONS = ["kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"];
const OF_ACCOUNT = { StringEquals: { "aws:SourceAccount": ACCOUNT } };
const OF_ALIASES = { ArnLike: { "aws:SourceArn": EVERY_ALIAS } };

const OTHER_ACCOUNTS = "it lets Amazon Bedrock encrypt the memory of an agent of another account";
const NO_AGENT = "it lets Amazon Bedrock re-encrypt for something that is no agent";
const OTHER_SERVICE = "it lets another AWS service encrypt and re-encrypt as for an agent's memory";
const ADMINISTRATION = "it lets Amazon Bedrock administer the key for an agent's memory";

describe("broader than documented for memory", () => {
  test.each<[string, Parameters<typeof allow>, readonly string[]]>([
    ["Bedrock without a condition", [ACTIONS], [OTHER_ACCOUNTS, NO_AGENT]],
    ["Bedrock for whatever is of this account", [ACTIONS, OF_ACCOUNT], [NO_AGENT]],
    [
      "Bedrock for the agents of every account",
      ["kms:ReEncryptTo", { ArnLike: { "aws:SourceArn": "arn:aws:bedrock:*:*:agent-alias/*" } }],
      [OTHER_ACCOUNTS],
    ],
    [
      "Bedrock where the source may be left out",
      [ACTIONS, { ...OF_ACCOUNT, ArnLikeIfExists: OF_ALIASES.ArnLike }],
      [NO_AGENT],
    ],
    [
      "Bedrock with every action, for the aliases of one agent",
      ["kms:*", { ...OF_ACCOUNT, ArnLike: { "aws:SourceArn": ALIAS_PATTERNS[1] } }],
      [ADMINISTRATION],
    ],
    ["Bedrock with every action, for all aliases", ["kms:*", { ...OF_ACCOUNT, ...OF_ALIASES }], [ADMINISTRATION]],
    ["every service", [ACTIONS, { ...OF_ACCOUNT, ...OF_ALIASES }, "*"], [OTHER_SERVICE]],
  ])("is a statement for %s", (_who, given, expected) => {
    expect(said(allow(...given)).filter((what) => / memory|re-encrypt/.test(what))).toEqual(expected);
  });

  test.each<[string, Parameters<typeof allow>]>([
    ["what the page has", [ACTIONS, { ...OF_ACCOUNT, ...OF_ALIASES }]],
    ["the aliases of the key's agents", [ACTIONS, { ...OF_ACCOUNT, ArnLike: { "aws:SourceArn": ALIAS_PATTERNS } }]],
    ["one alias", [ACTIONS, { ...OF_ACCOUNT, StringEquals: { "aws:SourceArn": ALIASES[0] } }]],
    ["another account by its id", [ACTIONS, { StringEquals: { "aws:SourceAccount": OTHER_ACCOUNT } }]],
    [
      "something of this account that is no agent",
      [ACTIONS, { ArnLike: { "aws:SourceArn": `arn:aws:bedrock:*:${ACCOUNT}:flow/*` } }],
    ],
    ["the service role", [ACTIONS, undefined, { AWS: ROLE }]],
  ])("is not a statement for %s", (_what, given) => {
    expect(said(allow(...given))).toEqual([]);
  });

  test("is not looked for on a key of which no agent has memory", () => {
    const without = AGENTS.map((agent) => ({ ...agent, memoryEnabled: false }));
    expect(said(allow(ACTIONS), without)).toEqual([]);
  });

  test("is told with a call that the policy allows", () => {
    const policy = parsed({ Statement: [allow("kms:*")] });
    const found = broaderStatements(policy, FACTS, AGENTS, profile("documented"));
    expect(found.length).toBeGreaterThan(3);
    for (const { example } of found) expect(decide(policy, example).kind).toBe("allowed");
  });
});

function said(statement: ReturnType<typeof allow>, agents = AGENTS): readonly string[] {
  const found = broaderStatements(parsed({ Statement: [statement] }), FACTS, agents, profile("documented"));
  return found.map(({ what }) => what);
}

function allow(Action: string | readonly string[], Condition?: object, Principal: unknown = { Service: BEDROCK }) {
  return { Effect: "Allow", Principal, Action, Resource: "*", ...(Condition ? { Condition } : {}) } as const;
}
