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
      /** The id of the journal's entry that this PutKeyPolicy was: KMS took it. */
      readonly entry?: string | undefined;
    }
  /**
   * `at`: when the sweep began. `whole`: it had read every agent of the account when it asked for the look, so that who is
   * not in the inventory since then is gone.
   */
  | { readonly kind: "sweep"; readonly id: string; readonly at: string; readonly whole: boolean }
  /** Somebody with the command line. */
  | {
      readonly kind: "person";
      readonly id: string;
      /** An ARN. */
      readonly by: string;
      readonly reason: string;
      readonly at: string;
    };

/** "Look at this key": one message of the key queue. It is a hint; every decision is made from live state. */
export interface KeyJob {
  readonly key: KeyArn;
  /** The agents that the cause speaks of: read live. The inventory knows the others. */
  readonly agents: readonly AgentId[];
  readonly causes: readonly [Cause, ...Cause[]];
  /** How often this job was put again with a delay. */
  readonly attempt: number;
}

/** The sweeps among the causes that had read every agent before they asked for the look. */
export function wholeSweeps(causes: readonly Cause[]): readonly Extract<Cause, { kind: "sweep" }>[] {
  return causes.filter((cause) => cause.kind === "sweep").filter(({ whole }) => whole);
}
