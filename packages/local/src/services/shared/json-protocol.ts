import { randomUUID } from "node:crypto";
import type { WireRequest, WireResponse } from "../../contract.ts";
import { ServiceError } from "./errors.ts";
import type { JsonObject } from "./json.ts";

/** The operation's name out of `X-Amz-Target`, such as `TrentService.PutKeyPolicy`. */
export function targetOperation(request: WireRequest, prefix: string): string {
  const [service, operation] = (request.headers["x-amz-target"] ?? "").split(".");
  if (service !== prefix || !operation) {
    throw new ServiceError("UnknownOperationException", `the target \`${service ?? ""}\` is not \`${prefix}\``);
  }
  return operation;
}

const JSON_1_1 = "application/x-amz-json-1.1";

/** AWS JSON 1.1: every operation is a POST to `/`, and an error's name stands in `__type`. */
export function jsonAnswer(serve: (requestId: string) => JsonObject): WireResponse {
  const requestId = randomUUID();
  const headers = { "content-type": JSON_1_1, "x-amzn-requestid": requestId };
  try {
    return { status: 200, headers, body: JSON.stringify(serve(requestId)) };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const status = error.status ?? (error.code.includes("Internal") ? 500 : 400);
    return { status, headers, body: JSON.stringify({ __type: error.code, message: error.message }) };
  }
}
