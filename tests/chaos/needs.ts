/**
 * What the agents that exist need of a key, and whether its policy gives it: by the documented requests, put to the naive
 * evaluator of the local AWS, which shares no code with the guard's judge.
 *
 * https://docs.aws.amazon.com/bedrock/latest/userguide/encryption-agents.html
 * https://docs.aws.amazon.com/bedrock/latest/userguide/ltm-permissions.html
 */
import type { KeyArn } from "../../packages/core/src/arn.ts";
import type { Agent } from "../../packages/core/src/ports.ts";
import type { Caller } from "../../packages/local/src/contract.ts";
import { authorize } from "../../packages/local/src/evaluator/authorize.ts";
import type { Document } from "./models/document.ts";
import { ACCOUNT } from "./names.ts";

/** By subject, as `givenBy` names them. */
export function neededOn(key: KeyArn, agents: readonly Agent[]): ReadonlySet<string> {
  const needed = new Set<string>();
  for (const agent of agents) {
    for (const { keyArn, roleArn, memoryEnabled } of [agent, ...agent.versions]) {
      if (keyArn !== key) continue;
      needed.add(agent.arn).add("grants");
      if (roleArn) needed.add(roleArn);
      if (memoryEnabled) needed.add(`memory:${agent.arn}`);
    }
  }
  return needed;
}

interface Question {
  readonly caller: Caller;
  readonly action: string;
  readonly context: Readonly<Record<string, readonly string[]>>;
}

const BEDROCK: Caller = { kind: "service", name: "bedrock.amazonaws.com" };

function questionsFor(subject: string): readonly Question[] {
  if (subject === "grants") {
    const context = { "kms:grantisforawsresource": ["true"] };
    return ["CreateGrant", "ListGrants", "RevokeGrant"].map((name) => ({
      caller: BEDROCK,
      action: `kms:${name}`,
      context,
    }));
  }
  if (subject.startsWith("memory:")) {
    const agent = subject.slice("memory:".length);
    const alias = `${agent.replace(":agent/", ":agent-alias/")}/TSTALIASID`;
    const context = { "aws:sourceaccount": [ACCOUNT], "aws:sourcearn": [alias] };
    return ["GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"].map((name) => ({
      caller: BEDROCK,
      action: `kms:${name}`,
      context,
    }));
  }
  if (subject.includes(":role/")) {
    const caller: Caller = { kind: "role", roleArn: subject, sessionName: "agent", account: ACCOUNT, policies: [] };
    return ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "Decrypt"].map((name) => ({
      caller,
      action: `kms:${name}`,
      context: {},
    }));
  }
  const context = { "kms:encryptioncontext:aws:bedrock:arn": [subject] };
  return ["GenerateDataKey", "Decrypt"].map((name) => ({ caller: BEDROCK, action: `kms:${name}`, context }));
}

/** Whether all the documented requests of a subject are allowed. */
export function isAllowed(key: KeyArn, policy: Document, subject: string): boolean {
  const resourcePolicy = { source: "the key's policy", document: policy };
  return questionsFor(subject).every(
    (question) => authorize({ ...question, resource: key, resourcePolicy }).kind === "allowed",
  );
}
