/** Who and what there is in every simulation. */
import type { AccountId, AgentArn, AgentId, KeyArn, RoleArn } from "../../packages/core/src/arn.ts";

export const ACCOUNT = "111122223333" as AccountId;
export const REGION = "eu-west-1";
export const GUARD_ROLE = `arn:aws:iam::${ACCOUNT}:role/bedrock-key-guard/reconcile` as RoleArn;
export const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
export const MODE_TAG = "bedrock-key-guard";

/** @param number - 1 to 9 */
export function keyNumber(number: number): KeyArn {
  return `arn:aws:kms:${REGION}:${ACCOUNT}:key/${String(number).repeat(8)}-2222-3333-4444-555555555555` as KeyArn;
}

export function agentNumber(number: number): AgentId {
  return `AGENT${String(number).padStart(5, "0")}` as AgentId;
}

export function agentArnOf(id: AgentId): AgentArn {
  return `arn:aws:bedrock:${REGION}:${ACCOUNT}:agent/${id}` as AgentArn;
}

export function roleNumber(number: number): RoleArn {
  return `arn:aws:iam::${ACCOUNT}:role/service/Bot${number}` as RoleArn;
}

export function writerNumber(number: number): string {
  return `arn:aws:iam::${ACCOUNT}:role/deploy/writer-${number}`;
}

export const ADMIN_STATEMENT = {
  Sid: "Enable IAM User Permissions",
  Effect: "Allow",
  Principal: { AWS: ROOT },
  Action: "kms:*",
  Resource: "*",
};
