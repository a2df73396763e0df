import type { NamedPolicy, WireRequest } from "../../contract.ts";
import { accountOfCaller } from "../../evaluator/caller.ts";
import type { Emulation } from "../emulation.ts";
import { ask, mustBeAllowed } from "../shared/access.ts";
import { ServiceError } from "../shared/errors.ts";
import { requiredText } from "../shared/input.ts";
import type { JsonObject } from "../shared/json.ts";
import type { Trail } from "../shared/trail.ts";
import { grantAllows } from "./grant-use.ts";
import { type KmsKey, keyArn } from "./keys.ts";
import { statements } from "./policy-grammar.ts";
import { withArns } from "./policy-principals.ts";

export interface KmsCall {
  readonly emulation: Emulation;
  readonly request: WireRequest;
  readonly input: JsonObject;
  readonly trail: Trail;
}

export interface KmsOperation {
  /** Whether CloudTrail counts it as a write: encrypting and decrypting are reads to it. */
  readonly writes: boolean;
  run(call: KmsCall): JsonObject;
}

interface Access {
  readonly action: string;
  /** DescribeKey, the cryptographic operations and grants reach other accounts' keys; the rest does not. */
  readonly crossAccount?: boolean;
  readonly context?: Readonly<Record<string, readonly string[]>>;
  /** The encryption context of a cryptographic operation, by which a grant may allow it. */
  readonly encryptionContext?: ReadonlyMap<string, string>;
}

/**
 * The key of the call's `KeyId`, once the caller is allowed to do this with it.
 *
 * Throws what KMS answers: a missing key of the own account is not found, one of another account is refused as if
 * it were there.
 */
export function requireKey(call: KmsCall, access: Access, id = requiredText(call.input, "KeyId")): KmsKey {
  const { emulation, request, trail } = call;
  const arn = resolve(call, id);
  const account = arn.split(":")[4] ?? "";
  const key = emulation.keys.byArn(arn);
  trail.resources = [{ accountId: account, type: "AWS::KMS::Key", ARN: arn }];

  const caller = accountOfCaller(request.caller);
  const foreign = caller !== undefined && caller !== account;
  if (foreign && !access.crossAccount) {
    throw new ServiceError(
      "AccessDeniedException",
      `The operation ${access.action.replace("kms:", "")} cannot be used on a KMS key of another account: ${arn}`,
    );
  }
  allow(call, arn, key, access);
  if (!key) throw new ServiceError("NotFoundException", `Key '${arn}' does not exist`);
  return key;
}

function allow(call: KmsCall, arn: string, key: KmsKey | undefined, access: Access): void {
  const question = {
    action: access.action,
    resource: arn,
    context: { ...(key ? keyContext(call, key) : {}), ...access.context },
    ...(key ? { resourcePolicy: keyPolicy(call.emulation, key) } : {}),
  };
  const answer = ask(call.emulation, call.request, question);
  if (answer.kind === "allowed") return;
  // A grant allows on its own, but never against a Deny.
  if (!answer.explicit && key && grantAllows(key, call.request.caller, access)) return;
  throw new ServiceError("AccessDeniedException", answer.message);
}

/** For operations that concern no key. */
export function requirePermission(call: KmsCall, action: string, context: Access["context"] = {}): void {
  mustBeAllowed(call.emulation, call.request, {
    action,
    resource: "*",
    context: { ...callerContext(call), ...context },
  });
}

/** The key's policy as the evaluator reads it, dead principals as their bare ids, which match nobody. */
export function keyPolicy(emulation: Emulation, key: KmsKey): NamedPolicy {
  const document = withArns(key.policy, emulation.identities);
  const version = document.Version;
  return {
    source: key.arn,
    document: { ...(typeof version === "string" ? { Version: version } : {}), Statement: [...statements(document)] },
  };
}

function callerContext({ request }: KmsCall): Record<string, readonly string[]> {
  const account = accountOfCaller(request.caller);
  return account === undefined ? {} : { "kms:calleraccount": [account] };
}

/** The condition keys that follow from the key and the caller. */
export function keyContext(call: KmsCall, key: KmsKey): Record<string, readonly string[]> {
  const tags = [...key.tags].map(([name, value]) => [`aws:resourcetag/${name.toLowerCase()}`, [value]] as const);
  return {
    ...callerContext(call),
    "kms:keyspec": [key.spec],
    "kms:keyusage": [key.usage],
    "kms:keyorigin": [key.origin],
    "kms:multiregion": [String(key.multiRegion)],
    "aws:resourceaccount": [key.account],
    ...Object.fromEntries(tags),
  };
}

const KEY_ARN = /^arn:aws(?:-[a-z]+)*:kms:([a-z0-9-]+):(\d{12}):key\/([a-zA-Z0-9-]+)$/;
const KEY_ID = /^[a-zA-Z0-9-]+$/;

/** A key's ARN for an id or an ARN. Aliases are not emulated; the policy operations refuse them on AWS too. */
function resolve({ emulation, request }: KmsCall, id: string): string {
  if (KEY_ID.test(id)) return keyArn(emulation.region, accountOfCaller(request.caller) ?? emulation.account, id);
  if (id.startsWith("arn:")) {
    const region = KEY_ARN.exec(id)?.[1];
    if (region === undefined) throw new ServiceError("InvalidArnException", `Invalid arn ${id}`);
    if (region !== emulation.region) throw new ServiceError("NotFoundException", `Invalid arn ${region}`);
    return id;
  }
  throw new ServiceError("NotFoundException", `Invalid keyId '${id}'`);
}

/** KMS keeps its hands on the keys that it manages for AWS services. */
export function mustBeCustomerManaged(key: KmsKey | undefined): void {
  if (key?.manager === "AWS") {
    throw new ServiceError("UnsupportedOperationException", `${key.arn} is an AWS managed key: it cannot be changed.`);
  }
}

/** Looks at the key before any permission does. */
export function peek(call: KmsCall): KmsKey | undefined {
  return call.emulation.keys.byArn(resolve(call, requiredText(call.input, "KeyId")));
}
