/** Agents and keys of the account under siege, and the honest messages about them. */
import { type KeyArn, keyArn } from "../../../packages/core/src/arn.ts";
import type { Laptop } from "../../../packages/local/src/laptop.ts";

export interface House {
  readonly agentId: string;
  readonly agentArn: string;
  readonly key: KeyArn;
  readonly roleArn: string;
}

/** An agent on a key that lacks what it needs, of which no event tells: who repairs it has had a message about it. */
export function build({ world, account }: Laptop, name: string, policy?: string): House {
  const roleArn = `arn:aws:iam::${account}:role/service/${crypto.randomUUID()}`;
  world.plantRole(roleArn);
  const arn = world.plantKey(policy === undefined ? {} : { policy });
  const key = keyArn(arn);
  if (key === undefined) throw new Error(`not a key's arn: \`${arn}\``);
  return { ...world.plantAgent({ name, roleArn, keyArn: arn }), key, roleArn };
}

/** A key policy with the account's delegation and these statements behind it. */
export function policyWith(account: string, ...statements: readonly object[]): string {
  const root = { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: "kms:*", Resource: "*" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [root, ...statements] });
}

type Json = Readonly<Record<string, unknown>>;

/** A CloudTrail record of a call on an agent. */
export function agentRecord(agentId: unknown, change: Json = {}) {
  return { ...common("bedrock.amazonaws.com", "UpdateAgent"), requestParameters: { agentId }, ...change };
}

/** A CloudTrail record of a call on a key. */
export function keyRecord(key: string, change: Json = {}) {
  const resources = [{ accountId: "111122223333", type: "AWS::KMS::Key", ARN: key }];
  return {
    ...common("kms.amazonaws.com", "PutKeyPolicy"),
    requestParameters: { keyId: key, policyName: "default", policy: policyWith("111122223333") },
    resources,
    ...change,
  };
}

function common(eventSource: string, eventName: string) {
  return {
    eventVersion: "1.11",
    userIdentity: {
      type: "AssumedRole",
      arn: "arn:aws:sts::111122223333:assumed-role/Deployer/ann",
      accountId: "111122223333",
      sessionContext: { sessionIssuer: { type: "Role", arn: "arn:aws:iam::111122223333:role/team/Deployer" } },
    },
    eventTime: "2026-11-02T10:00:00Z",
    eventSource,
    eventName,
    awsRegion: "eu-west-1",
    sourceIPAddress: "203.0.113.7",
    requestParameters: {},
    responseElements: null,
    eventID: crypto.randomUUID(),
    readOnly: false,
    eventType: "AwsApiCall",
    recipientAccountId: "111122223333",
  };
}

/** A record as EventBridge puts it on the intake queue. */
export function event(record: Json, change: Json = {}): string {
  return JSON.stringify({
    version: "0",
    id: crypto.randomUUID(),
    "detail-type": "AWS API Call via CloudTrail",
    source: `aws.${String(record.eventSource).split(".")[0]}`,
    account: "111122223333",
    time: "2026-11-02T10:00:01Z",
    region: "eu-west-1",
    resources: [],
    detail: record,
    ...change,
  });
}

/** The guard's own messages, with anything in any place. */
export function keyJob(key: string, change: Json = {}): string {
  return JSON.stringify({ v: 1, kind: "key-job", ...job(key), ...change });
}

export function lookAgain(key: string, change: Json = {}, jobChange: Json = {}): string {
  return JSON.stringify({ v: 1, kind: "look-again", job: { ...job(key), ...jobChange }, ...change });
}

function job(key: string) {
  const cause = {
    kind: "event",
    id: crypto.randomUUID(),
    eventName: "UpdateAgent",
    actor: { arn: "arn:aws:iam::111122223333:role/team/Deployer", sessionName: "ann" },
    at: "2026-11-02T10:00:00Z",
  };
  return { key, agents: [], causes: [cause], attempt: 0 };
}

/** `[[[[…` and back, this many levels deep. */
export function nested(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}
