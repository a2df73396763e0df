import { ask } from "../shared/access.ts";
import { ServiceError } from "../shared/errors.ts";
import { optionalBoolean, optionalText, requiredText } from "../shared/input.ts";
import type { JsonObject } from "../shared/json.ts";
import {
  type KmsCall,
  type KmsOperation,
  keyContext,
  keyPolicy,
  mustBeCustomerManaged,
  peek,
  requireKey,
} from "./call.ts";
import type { KmsKey } from "./keys.ts";
import { malformed, readPolicy } from "./policy-grammar.ts";
import { withArns, withUniqueIds } from "./policy-principals.ts";
import { print } from "./print.ts";

const LOCKOUT = "The new key policy will not allow you to update the key policy in the future.";

export const getKeyPolicy: KmsOperation = {
  writes: false,
  run(call) {
    const key = requireKey(call, { action: "kms:GetKeyPolicy" });
    mustBeDefault(call);
    return { Policy: printedPolicy(call, key), PolicyName: "default" };
  },
};

export const listKeyPolicies: KmsOperation = {
  writes: false,
  run(call) {
    requireKey(call, { action: "kms:ListKeyPolicies" });
    return { PolicyNames: ["default"], Truncated: false };
  },
};

export const putKeyPolicy: KmsOperation = {
  writes: true,
  run(call) {
    mustBeCustomerManaged(peek(call));
    const bypass = optionalBoolean(call.input, "BypassPolicyLockoutSafetyCheck") ?? false;
    const context = { "kms:bypasspolicylockoutsafetycheck": [String(bypass)] };
    const key = requireKey(call, { action: "kms:PutKeyPolicy", context });
    mustBeDefault(call);
    const policy = acceptPolicy(call, requiredText(call.input, "Policy"));
    if (!bypass) mustNotLockOut(call, { ...key, policy });
    replacePolicy(key, policy);
    return {};
  },
};

/** The document as KMS would keep it, or the error that it answers with. */
export function acceptPolicy({ emulation }: Pick<KmsCall, "emulation">, text: string): JsonObject {
  const directory = { identities: emulation.identities, now: emulation.clock.now(), delays: emulation.delays };
  return withUniqueIds(readPolicy(text), directory);
}

/**
 * The caller must be able to put the policy again under the new one, as KMS puts it: "allow the principal that is
 * making the PutKeyPolicy request to make a subsequent PutKeyPolicy request".
 */
export function mustNotLockOut(call: KmsCall, future: KmsKey): void {
  const answer = ask(call.emulation, call.request, {
    action: "kms:PutKeyPolicy",
    resource: future.arn,
    context: { ...keyContext(call, future), "kms:bypasspolicylockoutsafetycheck": ["false"] },
    resourcePolicy: keyPolicy(call.emulation, future),
  });
  if (answer.kind === "denied") throw malformed(LOCKOUT);
}

export function replacePolicy(key: KmsKey, policy: JsonObject): void {
  if (key.stalePlanned > 0) key.stale = { policy: key.policy, left: key.stalePlanned };
  key.stalePlanned = 0;
  key.policy = policy;
  key.printedInstead = undefined;
}

function printedPolicy({ emulation }: KmsCall, key: KmsKey): string {
  if (key.printedInstead !== undefined) return key.printedInstead;
  let { policy } = key;
  if (key.stale && key.stale.left > 0) {
    key.stale.left -= 1;
    policy = key.stale.policy;
  }
  return print(withArns(policy, emulation.identities));
}

function mustBeDefault(call: KmsCall): void {
  const name = optionalText(call.input, "PolicyName") ?? "default";
  if (name !== "default") throw new ServiceError("NotFoundException", `No such policy exists: ${name}`);
}
