import {
  type AgentArn,
  type AgentId,
  agentArn,
  agentId,
  type CallerArn,
  callerArn,
  type KeyArn,
  keyArn,
  type RoleArn,
  roleArn,
} from "../../packages/core/src/arn.ts";
import type { CallersJob } from "../../packages/core/src/callers/job.ts";
import type { CallerJournalEntry } from "../../packages/core/src/callers/journal.ts";
import type { Cause, KeyJob } from "../../packages/core/src/key/job.ts";
import type { JournalEntry } from "../../packages/core/src/key/journal.ts";
import type { Agent, AgentVersion } from "../../packages/core/src/ports.ts";

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a sample is wrong");
  return value;
}

export function sampleKey(n = 1): KeyArn {
  return must(keyArn(`arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-${String(n).padStart(12, "0")}`));
}

export function sampleAgentId(n = 1): AgentId {
  return must(agentId(`AGENT${String(n).padStart(5, "0")}`));
}

export function sampleAgentArn(n = 1): AgentArn {
  return must(agentArn(`arn:aws:bedrock:eu-west-1:111122223333:agent/${sampleAgentId(n)}`));
}

export function sampleRole(name = "service-role/AgentRole"): RoleArn {
  return must(roleArn(`arn:aws:iam::111122223333:role/${name}`));
}

export function sampleCaller(resource = "role/apps/App"): CallerArn {
  return must(callerArn(`arn:aws:iam::111122223333:${resource}`));
}

export function sampleAgent(n = 1, key: KeyArn | undefined = sampleKey()): Agent {
  return {
    id: sampleAgentId(n),
    arn: sampleAgentArn(n),
    name: `agent-${n}`,
    status: "PREPARED",
    roleArn: sampleRole(),
    keyArn: key,
    createdAt: "2026-11-01T10:00:00.000Z",
    memoryEnabled: false,
    versions: [],
  };
}

export function sampleVersion(version: string, key: KeyArn | undefined = sampleKey()): AgentVersion {
  return { version, roleArn: sampleRole(), keyArn: key, memoryEnabled: false };
}

export const sampleCause: Cause = {
  kind: "event",
  id: "8f3c1c54-7a3e-4c3c-9a53-000000000001",
  eventName: "UpdateAgent",
  actor: { arn: sampleRole("Deployer"), sessionName: "ci", invokedBy: undefined },
  at: "2026-11-02T10:00:00Z",
};

export function sampleJob(change: Partial<KeyJob> = {}): KeyJob {
  return { key: sampleKey(), agents: [sampleAgentId()], causes: [sampleCause], attempt: 0, ...change };
}

export function sampleCallersJob(change: Partial<CallersJob> = {}): CallersJob {
  return { scope: { kind: "everything" }, causes: [sampleCause], iamSince: undefined, attempt: 0, ...change };
}

export function sampleCallerEntry(entryId: string, change: Partial<CallerJournalEntry> = {}): CallerJournalEntry {
  return {
    caller: sampleCaller(),
    id: entryId,
    action: "give",
    by: "guard",
    at: "2026-11-02T10:00:01.000Z",
    state: "opened",
    before: undefined,
    after: '{"Version":"2012-10-17","Statement":[{}]}',
    causes: [sampleCause],
    diff: ["+ agent-1 on the key"],
    ...change,
  };
}

export function sampleEntry(entryId: string, change: Partial<JournalEntry> = {}): JournalEntry {
  return {
    key: sampleKey(),
    id: entryId,
    action: "repair",
    by: "guard",
    at: "2026-11-02T10:00:01.000Z",
    state: "opened",
    putAt: undefined,
    before: '{"Version":"2012-10-17","Statement":[]}',
    beforeDigest: "b".repeat(64),
    after: '{"Version":"2012-10-17","Statement":[{}]}',
    afterDigest: "d".repeat(64),
    causes: [sampleCause],
    diff: ["+ BedrockKeyGuardServiceSessions"],
    regains: [],
    ...change,
  };
}
