/** A rollback that is ready, of a key's policy or a caller's: what the person is shown, and how it is carried out. */
import type { Holds } from "@bedrock-key-guard/core/ports.ts";

export interface Undo {
  readonly kind: "ready";
  readonly entry: { readonly action: string; readonly at: string; readonly by: string; readonly id: string };
  /** What it changes, in one line. */
  readonly what: string;
  /** From the policy as it is to the one before that entry. */
  readonly between: readonly string[];
  /** What it may do to others. */
  readonly warning: string;
  carryOut(by: By, tried: Tried): Promise<Undone>;
}

export interface By {
  /** The ARN of whoever asks for it. */
  readonly arn: string;
  readonly reason: string;
}

/** What was tried before a call failed: its answer may be lost, and it may have been carried out. */
export interface Tried {
  hold: boolean;
  put: boolean;
}

export interface Undone {
  readonly result:
    | "verified"
    | "unverified"
    | "written"
    | "changed-meanwhile"
    | "throttled"
    | "refused"
    | "gone"
    | "denied";
  /** What was written, where something was. */
  readonly entry?: string;
  readonly says: string;
}

export const CHANGED_MEANWHILE =
  "nothing was written: the policy was changed since it was shown; look at it, and run the command again";

/** The same holds, noting that one may have been set. */
export function tracedHolds(holds: Holds, tried: Tried): Holds {
  return {
    of: (subject) => holds.of(subject),
    set: (subject, hold) => {
      tried.hold = true;
      return holds.set(subject, hold);
    },
    lift: (subject) => holds.lift(subject),
  };
}
