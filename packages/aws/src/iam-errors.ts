import { errorCode } from "./errors.ts";

/**
 * IAM's own code for an error, such as `LimitExceeded`: the SDK names an error by its class where its model has one, which
 * is the code and `Exception`.
 */
export function iamErrorCode(error: unknown): string {
  return errorCode(error).replace(/Exception$/, "");
}

export function isNoSuchEntity(error: unknown): boolean {
  return iamErrorCode(error) === "NoSuchEntity";
}

const THROTTLED: ReadonlySet<string> = new Set([
  "Throttling",
  "Throttled",
  "RequestLimitExceeded",
  "TooManyRequests",
  // Several calls changed the same role or user at once; this one did not.
  "ConcurrentModification",
]);

/** Nothing was done, and another call at another time may do it. */
export function isIamThrottling(error: unknown): boolean {
  return THROTTLED.has(iamErrorCode(error));
}
