import { randomUUID } from "node:crypto";
import type { WireRequest, WireResponse } from "../../contract.ts";
import { ServiceError } from "./errors.ts";

/** A value of an XML answer: a text, a structure, or a list of `member`s. */
export type Xml = string | readonly Xml[] | { readonly [name: string]: Xml | undefined };

/** The parameters of a query request: form-encoded in the body, or in the address. */
export function parameters(request: WireRequest): URLSearchParams {
  return request.body === "" ? request.query : new URLSearchParams(request.body);
}

/**
 * AWS Query: the answer of `Operation` is `<OperationResponse><OperationResult>…`.
 *
 * @param serve gives the result, or `undefined` for an operation that answers nothing
 */
export function queryAnswer(
  operation: string,
  namespace: string,
  serve: (requestId: string) => Xml | undefined,
): WireResponse {
  const requestId = randomUUID();
  const headers = { "content-type": "text/xml", "x-amzn-requestid": requestId };
  try {
    const result = serve(requestId);
    const metadata = element("ResponseMetadata", { RequestId: requestId });
    const inner = result === undefined ? metadata : element(`${operation}Result`, result) + metadata;
    const body = `<${operation}Response xmlns="${namespace}">${inner}</${operation}Response>`;
    return { status: 200, headers, body };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const status = error.status ?? STATUS[error.code] ?? 400;
    const detail = { Type: status < 500 ? "Sender" : "Receiver", Code: error.code, Message: error.message };
    const inner = element("Error", detail) + element("RequestId", requestId);
    return { status, headers, body: `<ErrorResponse xmlns="${namespace}">${inner}</ErrorResponse>` };
  }
}

const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  NoSuchEntity: 404,
  EntityAlreadyExists: 409,
  DeleteConflict: 409,
  LimitExceeded: 409,
  ServiceFailure: 500,
};

function element(name: string, value: Xml): string {
  return `<${name}>${content(value)}</${name}>`;
}

function content(value: Xml): string {
  if (typeof value === "string") return escaped(value);
  if (isList(value)) return value.map((member) => element("member", member)).join("");
  return Object.entries(value)
    .map(([name, member]) => (member === undefined ? "" : element(name, member)))
    .join("");
}

// `Array.isArray` alone does not narrow a read-only list.
function isList(value: Xml): value is readonly Xml[] {
  return Array.isArray(value);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
