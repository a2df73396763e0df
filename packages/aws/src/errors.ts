/**
 * A call to AWS that failed in a way the caller can't decide about: throttled, timed out, refused without a port
 * that knows the refusal. Thrown, so that the queue delivers the message again; the SDK's error stays as `cause`.
 */
export class AwsCallError extends Error {
  override readonly name = "AwsCallError";
  /** The IAM action, such as `kms:GetKeyPolicy`. */
  readonly action: string;
  /** The name of the service's error, such as `ThrottlingException`. */
  readonly code: string;

  constructor(action: string, subject: string, cause: unknown) {
    super(`\`${action}\` on \`${subject}\` failed with \`${errorCode(cause)}\`: ${errorMessage(cause)}`, { cause });
    this.action = action;
    this.code = errorCode(cause);
  }
}

/** The SDK gives the service's error code as the error's name. */
export function errorCode(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** KMS and Bedrock say `AccessDeniedException`; IAM, whose protocol is older, says `AccessDenied`. */
export function isAccessDenied(error: unknown): boolean {
  const code = errorCode(error);
  return code === "AccessDeniedException" || code === "AccessDenied";
}
