/**
 * A small world for the laws: few principals, actions, resources and values, so that statements and requests meet often.
 */
import { agentArn, agentId, keyArn, roleArn } from "../../../packages/core/src/arn.ts";
import type { Agent } from "../../../packages/core/src/ports.ts";

export const ACCOUNT = "111122223333";
export const OTHER_ACCOUNT = "444455556666";
export const KEY = sure(keyArn(`arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`));
export const OTHER_KEY = sure(keyArn(KEY.replace("0a1b", "ffff")));
export const FACTS = { arn: KEY, spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", origin: "AWS_KMS" };

export const BEDROCK = "bedrock.amazonaws.com";
export const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
export const USER = `arn:aws:iam::${ACCOUNT}:user/Ana`;
export const ROLES = ["service-role/SupportBot", "OtherBot", "Unrelated"].map((name) =>
  sure(roleArn(`arn:aws:iam::${ACCOUNT}:role/${name}`)),
);
/** A session's ARN leaves its role's path out: the first role has one. */
export const SESSIONS = ["SupportBot", "OtherBot"].map((name) => `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/s1`);
export const FOREIGN_ROLE = `arn:aws:iam::${OTHER_ACCOUNT}:role/OtherBot`;
export const AGENT_IDS = ["AGENT00001", "AGENT00002", "AGENT00003"];
export const AGENT_ARNS = AGENT_IDS.map((id) => sure(agentArn(`arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent/${id}`)));

/** The aliases of each agent as a pattern, and one alias of each. */
export const ALIAS_PATTERNS = AGENT_ARNS.map((arn) => `${arn.replace(":agent/", ":agent-alias/")}/*`);
export const ALIASES = ALIAS_PATTERNS.map((pattern) => pattern.replace("*", "TSTALIASID"));
export const EVERY_ALIAS = `arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent-alias/*`;

export const AGENT_KEY = "kms:EncryptionContext:aws:bedrock:arn";
export const GRANT_KEY = "kms:GrantIsForAWSResource";
export const CONTEXT_KEYS = "kms:EncryptionContextKeys";
export const BOOL_KEYS = [GRANT_KEY, "aws:PrincipalIsAWSService", "aws:SecureTransport"];

export const ACTIONS = [
  "kms:Decrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyPair",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
  "kms:CreateGrant",
  "kms:ListGrants",
  "kms:RevokeGrant",
  "kms:PutKeyPolicy",
  "kms:Encrypt",
];

export function agentOf(id: string, role: Agent["roleArn"]): Agent {
  return {
    id: sure(agentId(id)),
    arn: sure(agentArn(`arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent/${id}`)),
    name: "support",
    status: "PREPARED",
    roleArn: role,
    keyArn: KEY,
    createdAt: "2024-05-01T00:00:00Z",
    memoryEnabled: false,
    versions: [],
  };
}

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the universe names something that is not of its type");
  return value;
}
