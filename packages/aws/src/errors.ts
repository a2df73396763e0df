import { isServerError, isThrottlingError, isTransientError } from "@smithy/core/retry";

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

/** Another try may mend these, though the SDK's own list has them not. */
const ALSO_TRANSIENT: ReadonlySet<string> = new Set([
  // Another transaction holds the item.
  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
  "TransactionConflictException",
  // A queue or a topic under a KMS key, whose calls to KMS are throttled.
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
  "KmsThrottled",
  // https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
  "KMSThrottlingException",
  "KMSThrottling",
]);

/**
 * The SDK's list takes this one for throttling, which it is with some services. To KMS it is a policy that is too long:
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
 */
const NO_THROTTLING = "LimitExceededException";

const DEEPEST_CAUSE = 10;

type SdkError = Parameters<typeof isTransientError>[0];

/**
 * Whether another try may mend a failure: throttling, an outage of the service, a timeout, a network that breaks.
 * Looks into the causes, so that an `AwsCallError` is as transient as what the SDK threw. False for all else, such as
 * refusals, items and answers that can't be read, failed conditions and bugs.
 */
export function isTransient(error: unknown): boolean {
  let link = error;
  for (let depth = 0; depth <= DEEPEST_CAUSE && link instanceof Error; depth += 1) {
    // Ended on purpose, whatever is behind it.
    if (link.name === "AbortError") return false;
    if (isTransientByItself(link)) return true;
    link = link.cause;
  }
  return false;
}

function isTransientByItself(error: Error): boolean {
  const sdk = error as SdkError;
  if (error.name === NO_THROTTLING && sdk.$metadata?.httpStatusCode !== 429) return false;
  return (
    ALSO_TRANSIENT.has(error.name) ||
    sdk.$fault === "server" ||
    isServerError(sdk) ||
    isThrottlingError(sdk) ||
    // One deeper than it goes by itself: the causes are looked at above.
    isTransientError(sdk, DEEPEST_CAUSE + 1)
  );
}
