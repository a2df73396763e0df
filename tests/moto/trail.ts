/** What CloudTrail would record of a call on moto, which records none. */
import { randomUUID } from "node:crypto";
import { BedrockAgentClient } from "@aws-sdk/client-bedrock-agent";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import type { Caller, CloudTrailRecord } from "../../packages/local/src/contract.ts";
import { sessionArn } from "../../packages/local/src/evaluator/caller.ts";
import type { Clients } from "../../packages/local/src/laptop.ts";
import { masked } from "../../packages/local/src/services/bedrock/call.ts";
import { IAM_REGION } from "../../packages/local/src/services/iam/call.ts";
import type { JsonObject } from "../../packages/local/src/services/shared/json.ts";
import { camelCased } from "../../packages/local/src/services/shared/trail.ts";
import type { ClientConfig } from "./create-stack.ts";

export type Session = Extract<Caller, { kind: "role" }>;

export interface TrailedCall {
  readonly by: Session;
  /** Of the guard; what is done at IAM is recorded in a Region of IAM's own. */
  readonly region: string;
  readonly eventSource: "kms.amazonaws.com" | "bedrock.amazonaws.com" | "iam.amazonaws.com";
  readonly eventName: string;
  /** The request's and the answer's members, as JSON of the API. */
  readonly request: JsonObject;
  readonly answer: JsonObject;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** The record of a write that succeeded. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
export function trailRecord({
  by,
  region,
  eventSource,
  eventName,
  request,
  answer,
  at,
}: TrailedCall): CloudTrailRecord {
  const kms = eventSource === "kms.amazonaws.com";
  const bedrock = eventSource === "bedrock.amazonaws.com";
  const key = request.KeyId;
  return {
    eventVersion: "1.11",
    userIdentity: {
      type: "AssumedRole",
      principalId: `AROAEXAMPLE:${by.sessionName}`,
      arn: sessionArn(by),
      accountId: by.account,
      sessionContext: {
        sessionIssuer: { type: "Role", principalId: "AROAEXAMPLE", arn: by.roleArn, accountId: by.account },
      },
    },
    eventTime: new Date(at).toISOString().replace(/\.\d+Z$/, "Z"),
    eventSource,
    eventName,
    awsRegion: eventSource === "iam.amazonaws.com" ? IAM_REGION : region,
    sourceIPAddress: "127.0.0.1",
    userAgent: "aws-sdk-js",
    requestParameters: bedrock ? masked(request) : camelCased(request),
    responseElements: bedrock ? masked(answer) : null,
    requestID: randomUUID(),
    eventID: randomUUID(),
    readOnly: false,
    ...(kms && key ? { resources: [{ accountId: by.account, type: "AWS::KMS::Key", ARN: key }] } : {}),
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: by.account,
    eventCategory: "Management",
  };
}

/** Clients of one caller on moto. What they change is recorded, and published before they go on. */
export function trailedClients(
  by: Session,
  config: ClientConfig,
  publish: (record: CloudTrailRecord) => Promise<void>,
  now: () => number,
): Clients {
  const { region } = config;
  async function record(eventSource: TrailedCall["eventSource"], command: string, input: object, output: object) {
    const eventName = command.replace(/Command$/, "");
    if (/^(Get|List|Describe|Generate)/.test(eventName)) return;
    const { $metadata, ...answer } = json(output);
    await publish(trailRecord({ by, region, eventSource, eventName, request: json(input), answer, at: now() }));
  }
  const kms = new KMSClient(config);
  kms.middlewareStack.add(
    (next, context) => async (call) => {
      const result = await next(call);
      await record("kms.amazonaws.com", context.commandName ?? "", call.input, result.output);
      return result;
    },
    { step: "initialize" },
  );
  const agents = new BedrockAgentClient(config);
  agents.middlewareStack.add(
    (next, context) => async (call) => {
      const result = await next(call);
      await record("bedrock.amazonaws.com", context.commandName ?? "", call.input, result.output);
      return result;
    },
    { step: "initialize" },
  );
  const iam = new IAMClient(config);
  iam.middlewareStack.add(
    (next, context) => async (call) => {
      const result = await next(call);
      await record("iam.amazonaws.com", context.commandName ?? "", call.input, result.output);
      return result;
    },
    { step: "initialize" },
  );
  return { caller: by, credentials: config.credentials, kms, agents, iam };
}

function json(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
