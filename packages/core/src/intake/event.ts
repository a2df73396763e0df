import type { AgentId, KeyArn } from "../arn.ts";
import type { Cause } from "../key/job.ts";

export type EventCause = Extract<Cause, { kind: "event" }>;

/** A CloudTrail record, read as a hint of what to look at. It proves nothing: every decision is made from live state. */
export type GuardEvent =
  | { readonly kind: "agent-changed"; readonly agent: AgentId; readonly cause: EventCause }
  | {
      readonly kind: "key-changed";
      readonly key: KeyArn;
      readonly cause: EventCause;
      /** The document of a PutKeyPolicy. */
      readonly policy: string | undefined;
    }
  /** Who may do what, as IAM has it, may have changed. */
  | { readonly kind: "callers-changed"; readonly cause: EventCause };
