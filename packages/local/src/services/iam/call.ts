import type { WireRequest } from "../../contract.ts";
import { accountOfCaller } from "../../evaluator/caller.ts";
import type { Emulation } from "../emulation.ts";
import { mustBeAllowed } from "../shared/access.ts";
import { ServiceError } from "../shared/errors.ts";
import type { Xml } from "../shared/query-protocol.ts";
import type { Identity } from "./identities.ts";

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

const NAME = /^[\w+=,.@-]{1,64}$/;

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

/** IAM works on the account of whoever calls. */
export function ownAccount({ emulation, request }: IamCall): string {
  return accountOfCaller(request.caller) ?? emulation.account;
}

export function allow({ emulation, request }: IamCall, action: string, resource: string): void {
  mustBeAllowed(emulation, request, { action, resource }, "AccessDenied");
}

/** The role of `RoleName`, once the caller is allowed to do this with it. */
export function requireRole(call: IamCall, action: string): Identity {
  const name = requiredName(call, "RoleName");
  const role = call.emulation.identities.byName("role", ownAccount(call), name);
  allow(call, action, role?.arn ?? `arn:aws:iam::${ownAccount(call)}:role/${name}`);
  if (!role) throw new ServiceError("NoSuchEntity", `The role with name ${name} cannot be found.`);
  return role;
}

export function invalid(message: string): ServiceError {
  return new ServiceError("ValidationError", message);
}

/** Throws where a policy document is not JSON with statements: IAM looks closer, the emulation's evaluator does later. */
export function policyDocument(call: IamCall, name: string): string {
  const text = required(call, name);
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === "object" && document !== null && "Statement" in document) return text;
  } catch {
    // Falls through to the same refusal.
  }
  throw new ServiceError("MalformedPolicyDocument", "Syntax errors in policy.");
}
