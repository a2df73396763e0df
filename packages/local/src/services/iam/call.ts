import type { WireRequest } from "../../contract.ts";
import { accountOfCaller } from "../../evaluator/caller.ts";
import type { Emulation } from "../emulation.ts";
import { mustBeAllowed } from "../shared/access.ts";
import { ServiceError } from "../shared/errors.ts";
import type { Xml } from "../shared/query-protocol.ts";

export interface IamCall {
  readonly emulation: Emulation;
  readonly request: WireRequest;
  readonly input: URLSearchParams;
}

export interface IamOperation {
  readonly writes: boolean;
  /** `undefined` where the operation answers nothing. */
  run(call: IamCall): Xml | undefined;
}

export type NamedOperation = readonly [string, IamOperation];

/** IAM is one for all Regions, and lives in this one: its events arrive here only. */
export const IAM_REGION = "us-east-1";

const NAME = /^[\w+=,.@-]{1,128}$/;

export function required({ input }: IamCall, name: string): string {
  const value = input.get(name);
  if (value === null || value === "") throw invalid(`The request must contain the parameter ${name}.`);
  return value;
}

export function requiredName(call: IamCall, name: string): string {
  const value = required(call, name);
  if (!NAME.test(value)) throw invalid(`The specified value for ${name} is invalid: \`${value}\``);
  return value;
}

/** A whole number of at least 1. */
export function optionalCount({ input }: IamCall, name: string, most: number): number | undefined {
  const text = input.get(name);
  if (text === null) return undefined;
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > most) throw invalid(`The specified value for ${name} is invalid: \`${text}\``);
  return count;
}

/** IAM works on the account of whoever calls. */
export function ownAccount({ emulation, request }: IamCall): string {
  return accountOfCaller(request.caller) ?? emulation.account;
}

/** @param context the condition keys of this operation, beside those of every call */
export function allow(
  { emulation, request }: IamCall,
  action: string,
  resource: string,
  context: Readonly<Record<string, readonly string[]>> = {},
): void {
  const known = { "aws:requestedregion": [IAM_REGION], ...context };
  mustBeAllowed(emulation, request, { action, resource, context: known }, "AccessDenied");
}

export function invalid(message: string): ServiceError {
  return new ServiceError("ValidationError", message);
}

export function noSuch(message: string): ServiceError {
  return new ServiceError("NoSuchEntity", message);
}

const PATH = /^\/([\u0021-\u007e]+\/)?$/;

/** The ARN that a new resource of the request's `Path` gets. */
export function newArn(call: IamCall, kind: "role" | "user" | "group" | "policy", name: string): string {
  const path = call.input.get("Path") ?? "/";
  if (!PATH.test(path)) throw invalid(`The specified value for Path is invalid: \`${path}\``);
  return `arn:aws:iam::${ownAccount(call)}:${kind}${path}${name}`;
}
