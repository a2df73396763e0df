/** Key policies near the size that KMS allows, and agents to judge on them. */
import { agentArn, agentId, keyArn, type RoleArn, roleArn } from "../packages/core/src/arn.ts";
import { type PolicyDocument, parsePolicy } from "../packages/core/src/policy/document.ts";
import type { Agent } from "../packages/core/src/ports.ts";

const ACCOUNT = "111122223333";
export const KEY = sure(keyArn(`arn:aws:kms:eu-west-1:${ACCOUNT}:key/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d`));
export const FACTS = { arn: KEY, spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", origin: "AWS_KMS" };

const SESSION_KEY = "kms:EncryptionContext:aws:bedrock:arn";
const ADMIN = statement({ AWS: `arn:aws:iam::${ACCOUNT}:root` }, "kms:*");
const GRANTS = {
  ...statement({ Service: "bedrock.amazonaws.com" }, ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]),
  Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
};

/** A shape of policy: how it says the same for many agents. */
export interface Shape {
  readonly name: string;
  readonly text: string;
  /** Whether every agent has a role of its own; or else a few roles are shared. */
  readonly ownRoles: boolean;
}

/** The guard's own way: one list of agents. Nothing else would fit for 540. */
const ONE_LIST: Shape = {
  name: "one statement that lists 540 agents",
  text: JSON.stringify({
    Version: "2012-10-17",
    Statement: [ADMIN, sessions(numbers(540).map(agentArnOf)), roles([sharedRole(0)]), GRANTS],
  }),
  ownRoles: false,
};

/** As Terraform modules and people do it: a statement an agent, and one a role. */
const MANY_STATEMENTS: Shape = {
  name: "a statement for each of 78 agents and their roles",
  text: JSON.stringify({
    Version: "2012-10-17",
    Statement: [ADMIN, ...numbers(78).flatMap((n) => [sessions([agentArnOf(n)]), roles([ownRole(n)])]), GRANTS],
  }),
  ownRoles: true,
};

/** Nothing of what is needed: every agent has to be added. */
const FOREIGN_STATEMENTS: Shape = {
  name: "150 statements of other tenants, with nothing that the agents need",
  text: JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      ADMIN,
      ...numbers(150).map((n) => ({
        ...statement({ AWS: `arn:aws:iam::${ACCOUNT}:role/tenant/${n}` }, ["kms:Decrypt", "kms:Encrypt"]),
        Condition: { StringEquals: { "kms:EncryptionContext:tenant": [`tenant-${n}`] } },
      })),
    ],
  }),
  ownRoles: false,
};

export const SHAPES: readonly Shape[] = [ONE_LIST, MANY_STATEMENTS, FOREIGN_STATEMENTS];

export function read(text: string): PolicyDocument {
  const parsed = parsePolicy(text);
  if (parsed.kind === "malformed") throw new Error(parsed.reason);
  return parsed.policy;
}

export function agentsOf(shape: Shape, count: number): readonly Agent[] {
  return numbers(count).map((n) => ({
    id: sure(agentId(idOf(n))),
    arn: sure(agentArn(agentArnOf(n))),
    name: "support",
    status: "PREPARED",
    roleArn: shape.ownRoles ? ownRole(n) : sharedRole(0),
    keyArn: KEY,
    createdAt: "2024-05-01T00:00:00Z",
    memoryEnabled: false,
    versions: [],
  }));
}

function statement(Principal: object, Action: string | readonly string[]) {
  return { Effect: "Allow", Principal, Action, Resource: "*" };
}

function sessions(agents: readonly string[]) {
  const granted = statement({ Service: "bedrock.amazonaws.com" }, ["kms:GenerateDataKey", "kms:Decrypt"]);
  return { ...granted, Condition: { StringEquals: { [SESSION_KEY]: agents } } };
}

function roles(arns: readonly string[]) {
  return statement({ AWS: arns }, ["kms:GenerateDataKey*", "kms:Decrypt"]);
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}

function idOf(n: number): string {
  return `AGENT${String(n).padStart(5, "0")}`;
}

function agentArnOf(n: number): string {
  return `arn:aws:bedrock:eu-west-1:${ACCOUNT}:agent/${idOf(n)}`;
}

function ownRole(n: number): RoleArn {
  return sure(roleArn(`arn:aws:iam::${ACCOUNT}:role/${idOf(n)}`));
}

function sharedRole(n: number): RoleArn {
  return sure(roleArn(`arn:aws:iam::${ACCOUNT}:role/shared/${n}`));
}

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the benchmark names something that is not of its type");
  return value;
}
