import type { Authorization, AuthorizationAnswer, WireRequest } from "../../contract.ts";
import type { Emulation } from "../emulation.ts";
import { ServiceError } from "./errors.ts";

type Question = Pick<Authorization, "action" | "resource"> & Partial<Pick<Authorization, "resourcePolicy" | "context">>;

/** Puts the question of one call to the evaluator, with the condition keys that every call carries. */
export function ask(emulation: Emulation, request: WireRequest, question: Question): AuthorizationAnswer {
  const context = { ...globalContext(emulation, request), ...question.context };
  return emulation.authorize({ ...question, caller: request.caller, context });
}

/** @param code what the service calls a refusal: `AccessDenied` in the query protocol */
export function mustBeAllowed(
  emulation: Emulation,
  request: WireRequest,
  question: Question,
  code = "AccessDeniedException",
): void {
  const answer = ask(emulation, request, question);
  if (answer.kind === "denied") throw new ServiceError(code, answer.message);
}

function globalContext(emulation: Emulation, request: WireRequest): Record<string, readonly string[]> {
  const now = emulation.clock.now();
  const sourceArn = request.headers["x-amz-source-arn"];
  const sourceAccount = request.headers["x-amz-source-account"];
  const byService = request.caller.kind === "service";
  return {
    // The emulation stands for endpoints that speak TLS only.
    "aws:securetransport": ["true"],
    "aws:requestedregion": [emulation.region],
    "aws:currenttime": [now.toISOString()],
    "aws:epochtime": [String(Math.floor(now.getTime() / 1000))],
    "aws:viaawsservice": ["false"],
    ...(byService ? {} : { "aws:sourceip": ["127.0.0.1"] }),
    // A service says on whose behalf it calls; anyone else's headers are only headers.
    ...(byService && sourceArn ? { "aws:sourcearn": [sourceArn] } : {}),
    ...(byService && sourceAccount ? { "aws:sourceaccount": [sourceAccount] } : {}),
  };
}
