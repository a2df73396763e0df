/** What goes wrong with the calls of one invocation. */
import type { Random } from "./random.ts";

export type Fault =
  | { readonly kind: "none" }
  | { readonly kind: "crash-before" | "crash-after" }
  | { readonly kind: "error-before" | "error-after"; readonly error: Error }
  | { readonly kind: "slow-answer"; readonly milliseconds: number };

/** How often things go wrong; each at least 0 and at most 1. */
export interface FaultRates {
  /** That an invocation crashes at one of its calls. */
  readonly crash: number;
  /** That a call is throttled or fails for now. */
  readonly error: number;
  /** That a call takes seconds. */
  readonly slow: number;
}

export const NO_FAULTS: FaultRates = { crash: 0, error: 0, slow: 0 };

/** A message of which this many deliveries failed is not harmed any more: five make it a dead letter. */
export const MOST_HARMED_DELIVERIES = 3;

const NONE: Fault = { kind: "none" };

export class Faults {
  readonly #random: Random;
  readonly #rates: FaultRates;
  readonly #crashAt: number;

  /** @param harmless - whether nothing may go wrong any more, but that answers come late */
  constructor(random: Random, rates: FaultRates, harmless: boolean) {
    this.#random = random;
    this.#rates = harmless ? { ...NO_FAULTS, slow: rates.slow } : rates;
    this.#crashAt = random.chance(this.#rates.crash) ? random.between(1, random.pick([6, 20, 45])) : 0;
  }

  forCall(name: string, call: number): Fault {
    const random = this.#random;
    if (call === this.#crashAt) return { kind: random.chance(0.5) ? "crash-before" : "crash-after" };
    if (random.chance(this.#rates.error)) {
      // A call that timed out may have been done: who reads can't tell the difference, who writes finds out.
      const done = random.chance(0.4);
      return { kind: done ? "error-after" : "error-before", error: transient(name, random, done) };
    }
    if (random.chance(this.#rates.slow)) return { kind: "slow-answer", milliseconds: random.between(200, 3_000) };
    return NONE;
  }

  /** Milliseconds. */
  latency(): number {
    return this.#random.chance(this.#rates.slow) ? this.#random.between(200, 2_500) : this.#random.between(3, 60);
  }
}

/** The SDK's name for "too many calls". */
export const THROTTLED = "ThrottlingException";

/** As the SDK throws them: throttled, a connection that broke, or something that time alone is not known to mend. */
function transient(call: string, random: Random, done: boolean): Error {
  const names = done ? ["TimeoutError"] : [THROTTLED, THROTTLED, "TimeoutError", "SomethingUnknown"];
  const error = new Error(`${call} failed for now`);
  error.name = random.pick(names);
  return error;
}
