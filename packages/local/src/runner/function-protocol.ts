/** What the runner and a function's process say to each other. */
import type { StackClock } from "./time.ts";

export type ToFunction = {
  readonly kind: "invoke";
  readonly id: string;
  readonly event: unknown;
  readonly context: InvocationContext;
  /** The clock, which may have been put forward since the process started. */
  readonly clock: StackClock;
};

/** The plain part of Lambda's context object. */
export interface InvocationContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** Milliseconds since 1970. */
  readonly deadline: number;
}

export type FromFunction =
  | { readonly kind: "ready" }
  | { readonly kind: "failed-to-start"; readonly error: FunctionError }
  | { readonly kind: "returned"; readonly id: string; readonly value: unknown }
  | { readonly kind: "threw"; readonly id: string; readonly error: FunctionError }
  /** Variables of the graph that the code read for the first time. */
  | { readonly kind: "read"; readonly names: readonly string[] };

export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: string;
}

/** How the host learns which bundle to load, and which variables are the graph's: its own arguments. */
export interface HostArguments {
  readonly bundle: string;
  readonly handler: string;
  readonly watched: readonly string[];
  readonly clock: StackClock;
}
