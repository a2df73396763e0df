import { randomUUID } from "node:crypto";
import type { EmulatedService, WireRequest, WireResponse } from "../../contract.ts";
import type { Emulation } from "../emulation.ts";
import { ServiceError } from "../shared/errors.ts";
import { isJsonObject, type Json, type JsonObject, parseBody } from "../shared/json.ts";
import { type Trail, trailed } from "../shared/trail.ts";
import { agentOperations } from "./agent-operations.ts";
import { aliasOperations } from "./alias-operations.ts";
import { type BedrockOperation, masked } from "./call.ts";
import { versionOperations } from "./version-operations.ts";

const OPERATIONS: readonly BedrockOperation[] = [...agentOperations, ...aliasOperations, ...versionOperations];

const STATUS: Readonly<Record<string, number>> = {
  AccessDeniedException: 403,
  ConflictException: 409,
  InternalServerException: 500,
  ResourceNotFoundException: 404,
  ServiceQuotaExceededException: 402,
  ThrottlingException: 429,
  UnknownOperationException: 404,
  ValidationException: 400,
};

/** Amazon Bedrock Agents (build time) on its wire protocol, REST with JSON. */
export function bedrockService(emulation: Emulation): EmulatedService {
  return {
    signingName: "bedrock",
    async handle(request) {
      const requestId = randomUUID();
      const headers = { "content-type": "application/json", "x-amzn-requestid": requestId };
      try {
        const { status, body } = serve(emulation, request, requestId);
        return { status, headers, body: JSON.stringify(body) };
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
        return refusal(error, headers);
      }
    },
  };
}

function refusal(error: ServiceError, headers: Readonly<Record<string, string>>): WireResponse {
  return {
    status: error.status ?? STATUS[error.code] ?? 400,
    headers: { ...headers, "x-amzn-errortype": error.code },
    body: JSON.stringify({ message: error.message }),
  };
}

function serve(emulation: Emulation, request: WireRequest, requestId: string): { status: number; body: JsonObject } {
  const { operation, path } = route(request);
  const input = parseBody(request.body);
  const eventName = operation.name;
  const trail: Trail = {
    requestParameters: parameters({ ...input, ...path }),
    responseElements: null,
    resources: undefined,
  };
  const run = (): JsonObject => {
    emulation.faults.raise("bedrock", eventName);
    const output = operation.run({ emulation, request, input, path });
    trail.responseElements = parameters(output);
    return output;
  };
  if (!operation.writes) return { status: operation.status, body: run() };
  const eventSource = "bedrock.amazonaws.com";
  const failure = "in-response-elements";
  const call = { eventSource, eventName, request, region: emulation.region, requestId, trail, failure } as const;
  return { status: operation.status, body: trailed(emulation, call, run) };
}

function parameters(value: Json): JsonObject | null {
  const shown = masked(value);
  return isJsonObject(shown) && Object.keys(shown).length > 0 ? shown : null;
}

/** A path may come with or without its last slash. */
function route(request: WireRequest): { operation: BedrockOperation; path: Readonly<Record<string, string>> } {
  const parts = segments(request.path);
  for (const operation of OPERATIONS) {
    if (operation.method !== request.method) continue;
    const wanted = segments(operation.route);
    if (wanted.length !== parts.length) continue;
    const path: Record<string, string> = {};
    const fits = wanted.every((segment, index) => {
      const part = parts[index] ?? "";
      const name = /^\{(.+)\}$/.exec(segment)?.[1];
      if (name !== undefined) path[name] = decodeURIComponent(part);
      return name !== undefined || segment === part;
    });
    if (fits) return { operation, path };
  }
  throw new ServiceError("UnknownOperationException", `\`${request.method} ${request.path}\` is not emulated`);
}

function segments(path: string): readonly string[] {
  return path.split("/").filter((segment) => segment !== "");
}
