/** Files as a user has them. */
export const ACCOUNT = "111122223333";
export const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`;
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/service-role/AgentRole`;

export const ADMIN = {
  Sid: "Enable IAM User Permissions",
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: "kms:*",
  Resource: "*",
};

export const DENY_DECRYPT = { Sid: "NoDecrypt", Effect: "Deny", Principal: "*", Action: "kms:Decrypt", Resource: "*" };

export function policy(...statements: readonly object[]) {
  return { Version: "2012-10-17", Id: "key-policy", Statement: statements };
}

export function agentArn(id: string) {
  return `arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent/${id}`;
}

/** What AWS documents for these agents. */
export function documented(...ids: readonly string[]) {
  return policy(
    ADMIN,
    {
      Sid: "Sessions",
      Effect: "Allow",
      Principal: { Service: "bedrock.amazonaws.com" },
      Action: ["kms:GenerateDataKey", "kms:Decrypt"],
      Resource: KEY,
      Condition: { StringEquals: { "kms:EncryptionContext:aws:bedrock:arn": ids.map(agentArn) } },
    },
    {
      Sid: "Role",
      Effect: "Allow",
      Principal: { AWS: ROLE },
      Action: ["kms:GenerateDataKey*", "kms:Decrypt"],
      Resource: KEY,
    },
    {
      Sid: "Grants",
      Effect: "Allow",
      Principal: { Service: "bedrock.amazonaws.com" },
      Action: ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
      Resource: "*",
      Condition: { Bool: { "kms:GrantIsForAWSResource": true } },
    },
  );
}

/** As `aws bedrock-agent get-agent` prints it. */
export function getAgent(id: string, change: object = {}) {
  return {
    agent: {
      agentId: id,
      agentName: `agent-${id}`,
      agentArn: agentArn(id),
      agentVersion: "DRAFT",
      clientToken: "0b1c2d3e-0000-4000-8000-000000000000",
      agentStatus: "PREPARED",
      foundationModel: "amazon.nova-lite-v1:0",
      idleSessionTTLInSeconds: 600,
      agentResourceRoleArn: ROLE,
      customerEncryptionKeyArn: KEY,
      createdAt: "2024-05-01T10:00:00.123456+00:00",
      updatedAt: "2024-05-02T10:00:00.123456+00:00",
      ...change,
    },
  };
}

/** As `aws bedrock-agent get-agent-version` prints it. */
export function getAgentVersion(id: string, version: string, change: object = {}) {
  return {
    agentVersion: {
      agentId: id,
      agentName: `agent-${id}`,
      agentArn: agentArn(id),
      version,
      agentStatus: "PREPARED",
      foundationModel: "amazon.nova-lite-v1:0",
      idleSessionTTLInSeconds: 600,
      agentResourceRoleArn: ROLE,
      customerEncryptionKeyArn: KEY,
      createdAt: "2025-09-01T10:00:00.123456+00:00",
      updatedAt: "2025-09-01T10:00:00.123456+00:00",
      ...change,
    },
  };
}

/** Memory as GetAgent and GetAgentVersion print it where it is on. */
export const MEMORY = { memoryConfiguration: { enabledMemoryTypes: ["SESSION_SUMMARY"], storageDays: 30 } };

/** As `aws kms describe-key` prints it. */
export function describeKey(change: object = {}) {
  return {
    KeyMetadata: {
      AWSAccountId: ACCOUNT,
      KeyId: "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
      Arn: KEY,
      CreationDate: "2024-04-01T10:00:00+00:00",
      Enabled: true,
      Description: "",
      KeyUsage: "ENCRYPT_DECRYPT",
      KeyState: "Enabled",
      Origin: "AWS_KMS",
      KeyManager: "CUSTOMER",
      CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
      KeySpec: "SYMMETRIC_DEFAULT",
      EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
      MultiRegion: false,
      ...change,
    },
  };
}

/** A request for `simulate`: the role decrypts, and nothing is known of the call. */
export function request(change: object = {}) {
  return { principal: ROLE, action: "kms:Decrypt", resource: KEY, ...change };
}
