/**
 * The four statements of the page "Encryption of agent resources" (agents created before 2025-01-22), with the page's
 * slips mended: no trailing comma, the role's ARN with its path, `Resource: "*"` (which in a key policy means this key);
 * and the one for Bedrock itself of the page on agents with memory.
 *
 * They are broad in places (`role-sessions` has no condition, `service-grants` names no source account); that is how
 * AWS documents them.
 */
import { FOR_THE_KEY, OF_GRANTS, OF_MEMORY, OF_SESSIONS, OF_THE_ROLE } from "./forbidden.ts";
import type { ContextFact, Requirement } from "./requirement.ts";

/** The page that these requirements come from. */
export const DOCUMENTED_PAGE = "https://docs.aws.amazon.com/bedrock/latest/userguide/encryption-agents.html";
/** The page for agents created from 2025-01-22 on: it asks for fewer of the same statements. */
export const CURRENT_PAGE = "https://docs.aws.amazon.com/bedrock/latest/userguide/cmk-agent-resources.html";
/** The page for agents with memory. What it asks for the callers is not the agent's need, and is not asked here. */
export const MEMORY_PAGE = "https://docs.aws.amazon.com/bedrock/latest/userguide/ltm-permissions.html";
const KEYS_PAGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html";

const SIGNED_OVER_TLS: ContextFact = { value: "true", because: "AWS service endpoints take calls over TLS only" };

/** A call that Bedrock makes as itself, with the service principal. */
const AS_SERVICE: Readonly<Record<string, ContextFact>> = {
  "aws:PrincipalIsAWSService": { value: "true", because: `${KEYS_PAGE}#condition-keys-principalisawsservice` },
  "aws:PrincipalServiceName": {
    value: "bedrock.amazonaws.com",
    because: `${KEYS_PAGE}#condition-keys-principalservicename`,
  },
  // No page says whether these are absent for a service principal or speak of AWS itself: they never name a customer.
  "aws:PrincipalArn": { absentOr: "arn:aws:iam::000000000000:role/aws-itself", because: "not of a customer's account" },
  "aws:PrincipalAccount": { absentOr: "000000000000", because: "not a customer's account" },
  "aws:PrincipalOrgID": { absentOr: "o-0000000000", because: "not a customer's organization" },
  "aws:SecureTransport": SIGNED_OVER_TLS,
  // Bedrock's pages do not say whether its calls carry these; where they do, they name this account and agent.
  "aws:SourceAccount": { absentOr: "${account}", because: "confused-deputy keys name the account of the resource" },
  "kms:CallerAccount": { absentOr: "${account}", because: "the account on whose behalf the service calls" },
  "kms:ViaService": {
    absentOr: "bedrock.${region}.amazonaws.com",
    because: "a request made through a service names that service",
  },
};

const AS_SERVICE_FOR_AGENT: Readonly<Record<string, ContextFact>> = {
  ...AS_SERVICE,
  "aws:SourceArn": { absentOr: "${agentArn}", because: "confused-deputy keys name the resource" },
};

/** A call made with credentials of the agent's service role. */
const AS_ROLE: Readonly<Record<string, ContextFact>> = {
  "aws:PrincipalIsAWSService": { value: "false", because: "a role's session is not a service principal" },
  "aws:PrincipalServiceName": { absent: true, because: "a role's session is not a service principal" },
  "aws:PrincipalArn": { value: "${roleArn}", because: "for a session of a role it is the role's ARN" },
  "aws:PrincipalAccount": { value: "${roleAccount}", because: "the account of the role" },
  "aws:PrincipalType": { value: "AssumedRole", because: `${KEYS_PAGE}#condition-keys-principaltype` },
  "aws:SecureTransport": SIGNED_OVER_TLS,
  "kms:CallerAccount": { value: "${roleAccount}", because: "the account of the role" },
  "kms:ViaService": {
    absentOr: "bedrock.${region}.amazonaws.com",
    because: "Bedrock assumes the role and calls for it; a request through a service names that service",
  },
};

export const DOCUMENTED: readonly Requirement[] = [
  {
    id: "key-admin",
    title: "the account administers the key through IAM (not used by Amazon Bedrock)",
    source: DOCUMENTED_PAGE,
    per: "key",
    appearances: "all",
    repair: "tell",
    neededByAgents: false,
    statement: { Principal: { AWS: "arn:${partition}:iam::${account}:root" }, Action: ["kms:*"] },
    knownContext: {
      "aws:PrincipalIsAWSService": { value: "false", because: "the root user is not a service principal" },
      "aws:PrincipalArn": { value: "arn:${partition}:iam::${account}:root", because: "the root user's ARN" },
      "aws:PrincipalAccount": { value: "${account}", because: "the key's own account" },
      "aws:PrincipalType": { value: "Account", because: `${KEYS_PAGE}#condition-keys-principaltype` },
      "aws:SecureTransport": SIGNED_OVER_TLS,
      "kms:CallerAccount": { value: "${account}", because: "the key's own account" },
    },
    forbidden: FOR_THE_KEY,
  },
  {
    id: "service-sessions",
    title: "Amazon Bedrock encrypts and decrypts the agent's sessions",
    source: DOCUMENTED_PAGE,
    per: "agent",
    appearances: "all",
    repair: "add",
    neededByAgents: true,
    statement: {
      Principal: { Service: "bedrock.amazonaws.com" },
      Action: ["kms:GenerateDataKey", "kms:Decrypt"],
      Condition: { StringEquals: { "kms:EncryptionContext:aws:bedrock:arn": "${agentArn}" } },
    },
    knownContext: {
      ...AS_SERVICE_FOR_AGENT,
      "kms:EncryptionContext:aws:bedrock:arn": { value: "${agentArn}", because: DOCUMENTED_PAGE },
    },
    forbidden: OF_SESSIONS,
  },
  {
    id: "role-sessions",
    title: "the agent's service role encrypts and decrypts agent resources",
    source: DOCUMENTED_PAGE,
    per: "role",
    appearances: "all",
    repair: "add",
    neededByAgents: true,
    statement: { Principal: { AWS: "${roleArn}" }, Action: ["kms:GenerateDataKey*", "kms:Decrypt"] },
    knownContext: AS_ROLE,
    forbidden: OF_THE_ROLE,
  },
  {
    id: "service-grants",
    title: "Amazon Bedrock attaches persistent resources by grants",
    source: DOCUMENTED_PAGE,
    per: "key",
    appearances: "all",
    repair: "add",
    neededByAgents: true,
    statement: {
      Principal: { Service: "bedrock.amazonaws.com" },
      Action: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
      Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
    },
    knownContext: {
      ...AS_SERVICE,
      "kms:GrantIsForAWSResource": { value: "true", because: DOCUMENTED_PAGE },
    },
    forbidden: OF_GRANTS,
  },
  {
    id: "service-memory",
    title: "Amazon Bedrock encrypts the agent's memory, and re-encrypts its data keys",
    source: MEMORY_PAGE,
    per: "agent",
    appearances: "with-memory",
    repair: "add",
    neededByAgents: true,
    statement: {
      Principal: { Service: "bedrock.amazonaws.com" },
      // The page spells the first one with `PlainText`: KMS has no such action, though IAM reads names in any case.
      Action: ["kms:GenerateDataKeyWithoutPlaintext", "kms:ReEncrypt*"],
      Condition: {
        StringEquals: { "aws:SourceAccount": "${account}" },
        // The page lets in the aliases of all agents (`agent-alias/*`): this is the part of it that one agent needs.
        ArnLike: { "aws:SourceArn": "${agentAliases}" },
      },
    },
    knownContext: {
      ...AS_SERVICE,
      // Unlike in the other statements, the page's own statement asks for these: the calls carry them.
      "aws:SourceAccount": { value: "${account}", because: MEMORY_PAGE },
      "aws:SourceArn": { value: "${agentAlias}", because: MEMORY_PAGE },
    },
    forbidden: OF_MEMORY,
  },
];

export function requirement(id: Requirement["id"]): Requirement {
  const found = DOCUMENTED.find((r) => r.id === id);
  if (!found) throw new Error(`no requirement is called \`${id}\``);
  return found;
}
