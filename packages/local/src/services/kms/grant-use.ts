import type { Caller } from "../../contract.ts";
import { isJsonObject } from "../shared/json.ts";
import type { KmsKey } from "./keys.ts";

/** Whether a grant on the key lets the caller do this. */
export function grantAllows(
  key: KmsKey,
  caller: Caller,
  access: { readonly action: string; readonly encryptionContext?: ReadonlyMap<string, string> },
): boolean {
  const name = caller.kind === "role" ? caller.roleArn : caller.kind === "user" ? caller.arn : caller.name;
  const operation = access.action.replace("kms:", "");
  return [...key.grants.values()].some((grant) => {
    if (grant.granteePrincipal !== name || !grant.operations.includes(operation)) return false;
    const given = access.encryptionContext ?? new Map<string, string>();
    const exact = grant.constraints?.EncryptionContextEquals;
    const part = grant.constraints?.EncryptionContextSubset;
    if (isJsonObject(exact) && Object.keys(exact).length !== given.size) return false;
    const wanted = { ...(isJsonObject(exact) ? exact : {}), ...(isJsonObject(part) ? part : {}) };
    return Object.entries(wanted).every(([context, value]) => given.get(context) === value);
  });
}
