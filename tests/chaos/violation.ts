/** The rules that hold whatever happens. During a schedule watch.ts judges them, at its end verdict.ts. */
export const INVARIANTS = {
  convergence: "every key that may be repaired is compliant, and names nobody who needs nothing",
  promptness: "what an event tells of is repaired without a sweep",
  "foreign-statements": "no foreign statement is lost or changed, but where KMS leaves no choice",
  "lost-update-told": "a foreign policy that was overwritten unseen is told, or put back",
  journal: "every write has a journal entry made before it, with the policies before and after",
  writes: "there are no more writes than times at which one was needed",
  pause: "nothing is written while the guard is paused, the key on hold or disabled, or its mode lowered",
  budget: "no more policies are put within an hour than the budgets allow",
  contest: "nothing is given again after the third removal within a day",
  prune: "nothing is taken out that is needed, or that was needed less than five minutes ago",
  told: "every write is told, and is done with in the journal",
  "at-once": "no finding is told of at once more than three times within a spell, and no day has two digests",
  events: "programs are told of everything that becomes of a finding",
  "told-once": "nobody is told the same twice without being told that it may be so",
  "dead-letters": "no message ends as a dead letter",
  "false-alarm": "the guard never calls a write of its own unexplained",
  rest: "a second sweep writes nothing",
} as const;

export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  readonly invariant: Invariant;
  readonly message: string;
  /** ISO 8601, simulated. */
  readonly at: string;
}
