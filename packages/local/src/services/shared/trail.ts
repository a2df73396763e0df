import { randomUUID } from "node:crypto";
import type { Caller, CloudTrailRecord, WireRequest } from "../../contract.ts";
import { callerArn, isRootUser } from "../../evaluator/caller.ts";
import type { Emulation } from "../emulation.ts";
import { ServiceError, trailErrorCode } from "./errors.ts";
import { compact, type Json, type JsonObject } from "./json.ts";

/** What CloudTrail is to say of one call; the operation fills it in while it runs. */
export interface Trail {
  requestParameters: JsonObject | null;
  responseElements: JsonObject | null;
  /** Keys only: Bedrock's records have no such member. */
  resources: readonly { readonly accountId: string; readonly type: string; readonly ARN: string }[] | undefined;
}

export interface TrailedCall {
  /** Such as `kms.amazonaws.com`. */
  readonly eventSource: string;
  readonly eventName: string;
  readonly request: WireRequest;
  /** IAM's calls are recorded in us-east-1 whatever the Region of the caller is. */
  readonly region: string;
  readonly requestId: string;
  readonly trail: Trail;
  /** Bedrock tells a failure in `responseElements`, other services in `errorMessage`. */
  readonly failure: "in-response-elements" | "in-error-message";
}

/** Runs a write, and records it whether it succeeds or is refused. Throws what `run` throws. */
export function trailed<Output>(emulation: Emulation, call: TrailedCall, run: () => Output): Output {
  try {
    const output = run();
    emit(emulation, call, undefined);
    return output;
  } catch (error) {
    if (error instanceof ServiceError) emit(emulation, call, error);
    throw error;
  }
}

function emit(emulation: Emulation, call: TrailedCall, error: ServiceError | undefined): void {
  const { trail, request } = call;
  // What happens to another account's key is recorded there.
  if (trail.resources?.every(({ accountId }) => accountId !== emulation.account)) return;

  const record: CloudTrailRecord = {
    eventVersion: "1.11",
    userIdentity: userIdentity(emulation, request),
    eventTime: emulation.clock
      .now()
      .toISOString()
      .replace(/\.\d+Z$/, "Z"),
    eventSource: call.eventSource,
    eventName: call.eventName,
    awsRegion: call.region,
    sourceIPAddress: request.caller.kind === "service" ? request.caller.name : "127.0.0.1",
    userAgent: request.caller.kind === "service" ? request.caller.name : (request.headers["user-agent"] ?? "unknown"),
    ...(error ? { errorCode: trailErrorCode(error) } : {}),
    ...(error && call.failure === "in-error-message" ? { errorMessage: error.message } : {}),
    requestParameters: trail.requestParameters,
    responseElements: error ? failureElements(call, error) : trail.responseElements,
    requestID: call.requestId,
    eventID: randomUUID(),
    readOnly: false,
    ...(trail.resources ? { resources: trail.resources } : {}),
    eventType: "AwsApiCall",
    managementEvent: true,
    recipientAccountId: emulation.account,
    eventCategory: "Management",
    tlsDetails: { tlsVersion: "TLSv1.3", cipherSuite: "TLS_AES_128_GCM_SHA256" },
  };
  emulation.emit(record);
}

function failureElements(call: TrailedCall, error: ServiceError): JsonObject | null {
  if (call.failure === "in-error-message") return null;
  return {
    "Access-Control-Expose-Headers": "x-amzn-errortype,x-amzn-requestid,x-amzn-trace-id",
    message: error.message,
  };
}

function userIdentity(emulation: Emulation, request: WireRequest): JsonObject {
  const { caller } = request;
  switch (caller.kind) {
    case "role":
      return assumedRole(emulation, caller, accessKeyId(request));
    case "user":
      if (isRootUser(caller)) {
        return { type: "Root", principalId: caller.account, arn: caller.arn, accountId: caller.account };
      }
      return compact({
        type: "IAMUser",
        principalId: emulation.identities.uniqueIdOf("user", caller.arn),
        arn: caller.arn,
        accountId: caller.account,
        accessKeyId: accessKeyId(request),
        userName: lastPart(caller.arn),
      });
    case "service":
      return { type: "AWSService", invokedBy: caller.name };
    default:
      return caller satisfies never;
  }
}

function assumedRole(
  emulation: Emulation,
  caller: Extract<Caller, { kind: "role" }>,
  accessKey: string | undefined,
): JsonObject {
  const roleId = emulation.identities.uniqueIdOf("role", caller.roleArn);
  return compact({
    type: "AssumedRole",
    principalId: `${roleId}:${caller.sessionName}`,
    arn: callerArn(caller),
    accountId: caller.account,
    accessKeyId: accessKey,
    sessionContext: {
      sessionIssuer: {
        type: "Role",
        principalId: roleId,
        // With its path, which the session's ARN lacks.
        arn: caller.roleArn,
        accountId: caller.account,
        userName: lastPart(caller.roleArn),
      },
      attributes: { creationDate: emulation.clock.now().toISOString(), mfaAuthenticated: "false" },
    },
  });
}

function lastPart(arn: string): string {
  return arn.split("/").at(-1) ?? "";
}

function accessKeyId(request: WireRequest): string | undefined {
  return /Credential=([^/,\s]+)/.exec(request.headers.authorization ?? "")?.[1];
}

/** CloudTrail's spelling of a request's or response's members: the API's names with a small first letter. */
export function camelCased(value: Json): Json {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name.charAt(0).toLowerCase() + name.slice(1),
      member === undefined ? member : camelCased(member),
    ]),
  );
}
