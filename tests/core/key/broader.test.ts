/** Statements that allow more than what AWS documents, and those that look as if they did. */
import { describe, expect, test } from "vitest";
import { agentArn, agentId, keyArn, roleArn } from "../../../packages/core/src/arn.ts";
import { type BroaderStatement, broaderStatements } from "../../../packages/core/src/key/broader.ts";
import { judgeKey } from "../../../packages/core/src/key/judge.ts";
import { missingAccess, planPatch } from "../../../packages/core/src/key/plan.ts";
import { decide } from "../../../packages/core/src/policy/decide.ts";
import { type PolicyDocument, parsePolicy } from "../../../packages/core/src/policy/document.ts";
import type { Agent } from "../../../packages/core/src/ports.ts";
import { profile } from "../../../packages/core/src/requirements/profiles.ts";

const ASKED = profile("documented");
const ACCOUNT = "111122223333";
const KEY = sure(keyArn(`arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`));
const FACTS = { arn: KEY, spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", origin: "AWS_KMS" };
const AGENTS = [agent("AGENT00001"), agent("AGENT00002")];
const [ONE, TWO] = AGENTS.map(({ arn }) => arn);
const ROLE = sure(AGENTS[0]?.roleArn);
const CONTEXT = "kms:EncryptionContext:aws:bedrock:arn";

const BEDROCK = { Service: "bedrock.amazonaws.com" };
const SESSION = ["kms:GenerateDataKey", "kms:Decrypt"];
const ADMIN = allow({ AWS: `arn:aws:iam::${ACCOUNT}:root` }, "kms:*");
const DOCUMENTED = [
  ADMIN,
  allow(BEDROCK, SESSION, { StringEquals: { [CONTEXT]: ONE } }),
  allow(BEDROCK, SESSION, { StringEquals: { [CONTEXT]: TWO } }),
  allow({ AWS: ROLE }, ["kms:GenerateDataKey*", "kms:Decrypt"]),
  allow(BEDROCK, ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"], {
    Bool: { "kms:GrantIsForAWSResource": "true" },
  }),
];

const OTHER_AGENT = "it lets Amazon Bedrock use the key for an agent that is not on it";
const OTHER_ACCOUNTS_AGENT = "it lets Amazon Bedrock use the key for an agent of another account";
const NO_AGENT = "it lets Amazon Bedrock use the key for something that is no agent";
const OTHER_SERVICE = "it lets another AWS service use the key";
const ENCRYPT = "it lets Amazon Bedrock encrypt data with the key itself, in place of a data key";
const BEDROCK_ADMIN = "it lets Amazon Bedrock administer the key";
const ROLE_ADMIN = "it lets the agent's service role administer the key";
const GRANTS = "it lets Amazon Bedrock create grants that are not for resources of AWS services";
const SERVICE_GRANTS = "it lets another AWS service create grants on the key";
const ANY_ROLE = "it lets any role of the account use the key, whatever its IAM policies say";
const ANY_ROLE_ADMIN = "it lets any role of the account administer the key, whatever its IAM policies say";
const OTHER_ACCOUNTS = "it lets other AWS accounts use the key";
const OTHER_ACCOUNTS_ADMIN = "it lets other AWS accounts administer the key";

describe("broader than documented", () => {
  test("are none of the documented statements", () => {
    expect(said(DOCUMENTED)).toEqual([]);
  });

  test("are none of the guard's own statements", () => {
    const before = read([ADMIN]);
    const judgements = judgeKey(before, FACTS, AGENTS, ASKED);
    const plan = planPatch(before, FACTS, missingAccess(judgements), judgements);
    if (plan.kind !== "patch") throw new Error(`no patch: ${plan.kind}`);
    const parsed = parsePolicy(plan.patch.text);
    if (parsed.kind === "malformed") throw new Error(parsed.reason);
    expect(parsed.policy.statements).toHaveLength(4);
    expect(broaderStatements(parsed.policy, FACTS, AGENTS, ASKED)).toEqual([]);
  });

  test.each<[string, object, readonly string[]]>([
    ["Bedrock without a condition", allow(BEDROCK, SESSION), [OTHER_AGENT, OTHER_ACCOUNTS_AGENT, NO_AGENT]],
    [
      "Bedrock with the account as its source, for any agent",
      allow(BEDROCK, SESSION, { StringEquals: { "aws:SourceAccount": ACCOUNT } }),
      [OTHER_AGENT, NO_AGENT],
    ],
    [
      "Bedrock for every agent of the account",
      allow(BEDROCK, "kms:Decrypt", { StringLike: { [CONTEXT]: `arn:aws:bedrock:*:${ACCOUNT}:agent/*` } }),
      [OTHER_AGENT],
    ],
    [
      "Bedrock for every agent of every account",
      allow(BEDROCK, "kms:Decrypt", { ArnLike: { [CONTEXT]: "arn:aws:bedrock:*:*:agent/*" } }),
      [OTHER_AGENT, OTHER_ACCOUNTS_AGENT],
    ],
    [
      "Bedrock where the context may be left out",
      allow(BEDROCK, "kms:Decrypt", { StringEqualsIfExists: { [CONTEXT]: ONE } }),
      [NO_AGENT],
    ],
    [
      "Bedrock with every action for one agent",
      allow(BEDROCK, "kms:*", { StringEquals: { [CONTEXT]: ONE } }),
      [ENCRYPT],
    ],
    [
      "Bedrock with every action",
      allow(BEDROCK, "kms:*"),
      [OTHER_AGENT, OTHER_ACCOUNTS_AGENT, NO_AGENT, ENCRYPT, BEDROCK_ADMIN, GRANTS],
    ],
    ["grants for whatever it may be", allow(BEDROCK, ["kms:CreateGrant", "kms:ListGrants"]), [GRANTS]],
    ["everybody in the agent's context", allow("*", SESSION, { StringEquals: { [CONTEXT]: ONE } }), [OTHER_SERVICE]],
    [
      "every service, as far as grants go",
      allow("*", "kms:CreateGrant", {
        Bool: { "kms:GrantIsForAWSResource": "true", "aws:PrincipalIsAWSService": "true" },
      }),
      [SERVICE_GRANTS],
    ],
    ["the service role with every action", allow({ AWS: ROLE }, "kms:*"), [ROLE_ADMIN]],
    ["every principal of AWS that uses the key", allow({ AWS: "*" }, "kms:Decrypt"), [ANY_ROLE, OTHER_ACCOUNTS]],
    [
      "every principal of the account that administers the key",
      allow({ AWS: "*" }, "kms:PutKeyPolicy", { StringEquals: { "aws:PrincipalAccount": ACCOUNT } }),
      [ANY_ROLE_ADMIN, ROLE_ADMIN],
    ],
    [
      "everybody",
      allow("*", "kms:*"),
      [
        ANY_ROLE,
        ANY_ROLE_ADMIN,
        OTHER_ACCOUNTS,
        OTHER_ACCOUNTS_ADMIN,
        OTHER_AGENT,
        OTHER_ACCOUNTS_AGENT,
        NO_AGENT,
        OTHER_SERVICE,
        ENCRYPT,
        BEDROCK_ADMIN,
        ROLE_ADMIN,
        GRANTS,
        SERVICE_GRANTS,
      ],
    ],
  ])("is a statement for %s", (_who, statement, expected) => {
    expect(said([...DOCUMENTED, statement])).toEqual(expected.map((what) => `${DOCUMENTED.length} ${what}`));
  });

  test.each<[string, object]>([
    ["another team's role", allow({ AWS: `arn:aws:iam::${ACCOUNT}:role/Payroll` }, "kms:*")],
    ["another account by its number", allow({ AWS: "444455556666" }, SESSION)],
    ["another service by its name", allow({ Service: "lambda.amazonaws.com" }, SESSION)],
    [
      "prompts of Bedrock, in their own context",
      allow(BEDROCK, SESSION, {
        StringEquals: {
          "kms:EncryptionContext:aws:bedrock-prompts:arn": `arn:aws:bedrock:eu-west-1:${ACCOUNT}:prompt/P1`,
        },
      }),
    ],
    [
      "the memory of agents, as it is documented",
      allow(BEDROCK, ["kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"], {
        StringEquals: { "aws:SourceAccount": ACCOUNT },
        ArnLike: { "aws:SourceArn": `arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent-alias/*` },
      }),
    ],
    [
      "everybody of the account who comes through another service",
      allow({ AWS: "*" }, SESSION, {
        StringEquals: { "kms:CallerAccount": ACCOUNT, "kms:ViaService": "s3.eu-west-1.amazonaws.com" },
      }),
    ],
    ["everybody from one network", allow("*", SESSION, { StringEquals: { "aws:SourceVpce": "vpce-1" } })],
    [
      "another agent of the account by its ARN",
      allow(BEDROCK, SESSION, { StringEquals: { [CONTEXT]: ONE?.replace("AGENT00001", "AGENT00009") } }),
    ],
    ["nothing, for want of an Action", { Effect: "Allow", Principal: "*", Resource: "*" }],
    ["another key", { ...allow("*", "kms:*"), Resource: KEY.replace("0a1b", "ffff") }],
    ["a grammar that is not understood", { ...allow("*", "kms:*"), Whatever: true }],
  ])("is not a statement for %s", (_what, statement) => {
    expect(said([...DOCUMENTED, statement])).toEqual([]);
  });

  test("is not what a Deny refuses to strangers", () => {
    const deny = { ...allow("*", "kms:*", { StringNotEquals: { [CONTEXT]: [ONE, TWO] } }), Effect: "Deny" };
    expect(said([...DOCUMENTED, allow(BEDROCK, SESSION)])).not.toEqual([]);
    expect(said([...DOCUMENTED, allow(BEDROCK, SESSION), deny])).toEqual([]);
  });

  test("is told with a call that the policy does allow, and the statement as it stands in the policy", () => {
    const policy = read([...DOCUMENTED, allow({ AWS: [ROLE, "*"] }, "kms:*")]);
    const found = broaderStatements(policy, FACTS, AGENTS, ASKED);
    expect(found.length).toBeGreaterThan(3);
    for (const { statement, example } of found) {
      expect(decide(policy, example).kind).toBe("allowed");
      expect(policy.statements).toContain(statement);
    }
  });

  test("is nothing on a key without agents", () => {
    expect(broaderStatements(read([allow("*", "kms:*")]), FACTS, [], ASKED)).toEqual([]);
  });
});

function said(statements: readonly object[]): readonly string[] {
  const found: readonly BroaderStatement[] = broaderStatements(read(statements), FACTS, AGENTS, ASKED);
  return found.map(({ statement, what }) => `${statement.index} ${what}`);
}

function allow(Principal: unknown, Action: unknown, Condition?: object): object {
  return { Effect: "Allow", Principal, Action, Resource: "*", ...(Condition ? { Condition } : {}) };
}

function read(statements: readonly object[]): PolicyDocument {
  const parsed = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }));
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.policy;
}

function agent(id: string): Agent {
  return {
    id: sure(agentId(id)),
    arn: sure(agentArn(`arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent/${id}`)),
    name: "support",
    status: "PREPARED",
    roleArn: sure(roleArn(`arn:aws:iam::${ACCOUNT}:role/service-role/AgentRole`)),
    keyArn: KEY,
    createdAt: "2024-05-01T00:00:00Z",
    memoryEnabled: false,
    versions: [],
  };
}

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("this test names something that is not of its type");
  return value;
}
