/** A finding as the guard remembers it: since when it stands, how often it began, and what people were told of it. */
import type { AgentId, CallerArn, KeyArn } from "../arn.ts";
import type { Cause } from "../key/job.ts";
import { digest, type Finding, type FindingKind, type Severity } from "./finding.ts";

/** What a look looks at as a whole: a key, all callers, or the guard itself. */
export type Subject = KeyArn | "callers" | "guard";

export type Causes = readonly [Cause, ...Cause[]];

/** Something that became of a finding, and that was not told yet: `Change` of the alerts, but for `stands`. */
export interface News {
  /** Counts what became of the finding, from 1. */
  readonly sequence: number;
  readonly change: "opened" | "worsened" | "resolved" | "reopened" | "happened" | "recurring";
  /** ISO 8601. */
  readonly at: string;
  readonly causes: Causes;
  readonly severity: Severity;
  /** It happened before, and people know: a line of the digest is enough. */
  readonly again: boolean;
}

/** What people were told within this spell of the finding: from its beginning until it has been over for a while. */
export interface Told {
  /** ISO 8601, one for each alert that was about it; digests and reminders not counted. */
  readonly at: readonly string[];
  /** Whether they know that it began. */
  readonly beginning: boolean;
  /** Whether they know that somebody keeps undoing it. */
  readonly recurring: boolean;
  /** The thread of the first alert. */
  readonly thread: string | undefined;
}

export interface FindingRecord extends Finding {
  readonly subject: Subject;
  /** A short name of it for people. */
  readonly ref: string;
  readonly state: "open" | "resolved";
  /** ISO 8601; of the latest beginning. */
  readonly openedAt: string;
  /** ISO 8601; to the hour or so while nothing changes. */
  readonly lastSeenAt: string;
  /** ISO 8601; when it last grew worse since it began. */
  readonly worsenedAt: string | undefined;
  readonly resolved: { readonly at: string; readonly by: "guard" | "others" } | undefined;
  /** Of what became of it last. */
  readonly causes: Causes;
  /** Its agents' names, as far as they are known. */
  readonly names: readonly { readonly id: AgentId; readonly name: string }[];
  /** ISO 8601; when it began, oldest first; the latest of them. */
  readonly begun: readonly string[];
  /** Who brought it about again and again, with the times (ISO 8601). */
  readonly actors: readonly { readonly actor: string; readonly at: readonly string[] }[];
  /** What it was seen in that happened once, such as a write's entry in the journal: seen again, it counts no more. */
  readonly occurrences: readonly string[];
  /** The worst that it was in this spell. */
  readonly worst: Severity;
  /** How many news there were in all. */
  readonly sequence: number;
  readonly news: readonly News[];
  /** How much of the news was passed on as the guard's own events. */
  readonly emitted: number;
  readonly told: Told;
  /** Counts writes of the record: one that was made from an older one is refused. 0: not stored yet. */
  readonly revision: number;
}

/** Stable, and short enough for a command. */
export function refOf(id: string): string {
  return digest(id).slice(0, 12);
}

/** What happened, rather than stands. Those that a write is about are over as soon as they are seen. */
const HAPPENINGS: Readonly<Partial<Record<FindingKind, "over" | "until-acknowledged">>> = {
  "access-missing": "over",
  "access-removed": "over",
  "access-unneeded": "over",
  "policy-restored": "over",
  "policy-rolled-back": "over",
  "caller-access-changed": "over",
  "caller-access-removed": "over",
  "update-overwritten": "until-acknowledged",
  "own-write-unexplained": "until-acknowledged",
};

export function happeningOf(kind: FindingKind): "over" | "until-acknowledged" | undefined {
  return HAPPENINGS[kind];
}

/** Where a finding's record belongs. */
export function subjectOf({
  key,
  caller,
}: {
  readonly key?: KeyArn | undefined;
  readonly caller?: CallerArn | undefined;
}): Subject {
  return key ?? (caller ? "callers" : "guard");
}
