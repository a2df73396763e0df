/** An error that an emulated service answers with: the protocols turn it into their wire form. */
export class ServiceError extends Error {
  /** The name that the SDK's exception gets, such as `NotFoundException`. */
  readonly code: string;
  /** Instead of the protocol's usual status for the code. */
  readonly status: number | undefined;

  constructor(code: string, message: string, status?: number) {
    super(message);
    this.name = "ServiceError";
    this.code = code;
    this.status = status;
  }
}

/** CloudTrail writes refusals of IAM without the suffix, whatever the service calls them. */
export function trailErrorCode(error: ServiceError): string {
  return error.code === "AccessDeniedException" ? "AccessDenied" : error.code;
}
