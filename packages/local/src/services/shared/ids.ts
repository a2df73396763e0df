import { createHash, randomInt } from "node:crypto";

const CAPITALS_AND_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function random(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
}

/** Ten characters, as Bedrock gives to agents and aliases. */
export function newBedrockId(): string {
  return random(10, CAPITALS_AND_DIGITS);
}

/** A unique id as IAM gives it, which a deleted role's successor of the same name does not share. */
export function newUniqueId(prefix: "AROA" | "AIDA" | "AGPA" | "ANPA"): string {
  return prefix + random(17, BASE32);
}

/** The id of a caller that IAM has never heard of, the same each time. */
export function madeUniqueId(prefix: "AROA" | "AIDA", arn: string): string {
  const digest = createHash("sha256").update(arn).digest();
  return prefix + Array.from(digest.subarray(0, 17), (byte) => BASE32.charAt(byte % BASE32.length)).join("");
}
