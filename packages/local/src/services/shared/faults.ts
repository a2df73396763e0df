import { ServiceError } from "./errors.ts";

export interface Fault {
  /** The signing name: `kms`, `bedrock`, `iam`, `sts`, `events`. */
  readonly service: string;
  /** Such as `PutKeyPolicy`. */
  readonly operation: string;
  /** How many calls fail before the next is served again. */
  readonly times: number;
  readonly error: { readonly code: string; readonly message?: string; readonly status?: number };
}

/** Failures on demand: throttling and outages, for the calls that come next. */
export class Faults {
  readonly #pending: { readonly fault: Fault; left: number }[] = [];

  failNext(fault: Fault): void {
    this.#pending.push({ fault, left: fault.times });
  }

  /** Throws what was asked for, before the service has looked at the call. */
  raise(service: string, operation: string): void {
    const next = this.#pending.find(
      ({ fault, left }) => left > 0 && fault.service === service && fault.operation === operation,
    );
    if (!next) return;
    next.left -= 1;
    const { code, message, status } = next.fault.error;
    throw new ServiceError(code, message ?? (code === "ThrottlingException" ? "Rate exceeded" : code), status);
  }
}
