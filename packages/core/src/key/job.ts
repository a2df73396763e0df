import type { AgentId, KeyArn } from "../arn.ts";

/** Who did something, as CloudTrail tells it. */
export interface Actor {
  /** The role's ARN with its path where CloudTrail gives it, else the identity's ARN, or a service name. */
  readonly arn: string;
  readonly sessionName: string | undefined;
  /** The service that called on someone's behalf, such as `cloudformation.amazonaws.com`. */
  readonly invokedBy: string | undefined;
}

/** Why the guard looks at a key. `id` is stable across redeliveries. */
export type Cause =
  | {
      readonly kind: "event";
      /** CloudTrail's eventID. */
      readonly id: string;
      readonly eventName: string;
      readonly actor: Actor;
      /** ISO 8601. */
      readonly at: string;
    }
  | { readonly kind: "sweep"; readonly id: string; readonly at: string };

/** "Look at this key": one message of the key queue. It is a hint; every decision is made from live state. */
export interface KeyJob {
  readonly key: KeyArn;
  /** The agents that the cause speaks of: read live. The inventory knows the others. */
  readonly agents: readonly AgentId[];
  readonly causes: readonly [Cause, ...Cause[]];
  /** How often this job was put again with a delay. */
  readonly attempt: number;
}
