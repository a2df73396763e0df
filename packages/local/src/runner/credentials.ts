import { randomBytes } from "node:crypto";
import type { Caller } from "../contract.ts";

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Who calls, by access key id. A key says who signs; the secret is given because clients need one, and the
 * signature itself is not checked: nothing but this machine can reach the front door.
 */
export interface CredentialRegistry {
  register(caller: Caller): Credentials;
  find(accessKeyId: string): Caller | undefined;
}

export function credentialRegistry(): CredentialRegistry {
  const callers = new Map<string, Caller>();
  return {
    register(caller) {
      const prefix = caller.kind === "user" ? "AKIA" : "ASIA";
      const accessKeyId = prefix + randomBytes(8).toString("hex").toUpperCase();
      callers.set(accessKeyId, caller);
      return { accessKeyId, secretAccessKey: randomBytes(20).toString("hex") };
    },
    find: (accessKeyId) => callers.get(accessKeyId),
  };
}
