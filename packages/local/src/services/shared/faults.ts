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

/** Failures on demand: throttling and outages, and what happens in between, for the calls that come next. */
export class Faults {
  readonly #pending: { readonly fault: Fault; left: number }[] = [];
  readonly #acts: { readonly service: string; readonly operation: string; readonly act: () => void }[] = [];

  failNext(fault: Fault): void {
    this.#pending.push({ fault, left: fault.times });
  }

  beforeNext(service: string, operation: string, act: () => void): void {
    this.#acts.push({ service, operation, act });
  }

  /** Does and throws what was asked for, before the service has looked at the call. */
  raise(service: string, operation: string): void {
    const due = this.#acts.findIndex((one) => one.service === service && one.operation === operation);
    if (due >= 0) this.#acts.splice(due, 1)[0]?.act();
    const next = this.#pending.find(
      ({ fault, left }) => left > 0 && fault.service === service && fault.operation === operation,
    );
    if (!next) return;
    next.left -= 1;
    const { code, message, status } = next.fault.error;
    throw new ServiceError(code, message ?? (code.startsWith("Throttling") ? "Rate exceeded" : code), status);
  }
}
