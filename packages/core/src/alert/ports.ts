/**
 * What telling people needs from outside, beside the life of findings (../ports.ts). Each port names the IAM actions that it
 * costs; a test holds these lists against the permissions of the stack, both ways.
 */
import type { KeyArn } from "../arn.ts";
import type { Causes } from "../finding/record.ts";
import type { Alert, AlertFinding } from "./alert.ts";

/** That a person wants to hear no more of a finding for a while. */
export interface Silence {
  /** The finding's short name. */
  readonly ref: string;
  /** ISO 8601. */
  readonly until: string;
  /** An ARN. */
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface Silences {
  /** `dynamodb:Query`, consistent. Those that have ended may still be among them. */
  all(): Promise<readonly Silence[]>;
}

/** People silence findings, by the command line; the guard's own roles can't. */
export interface SilenceLever {
  /** `dynamodb:PutItem` */
  set(silence: Silence): Promise<void>;
  /** `dynamodb:DeleteItem` */
  lift(ref: string): Promise<void>;
}

/** An alert on its way: it is stored before any channel gets it, and goes when all have. */
export interface Dispatch {
  readonly alert: Alert;
  /** What it tells of, by the findings' ids: the news up to that number. */
  readonly tells: readonly { readonly id: string; readonly sequence: number }[];
  /** Channels that are still to get it, by name. */
  readonly left: readonly string[];
  /** The channel that is getting it right now: after a crash, nobody knows whether it did. */
  readonly trying: { readonly channel: string; readonly at: string } | undefined;
  /** Channels that answered with an error, or in time not at all: they may have taken it all the same. */
  readonly failed: readonly string[];
}

export interface Outbox {
  /** `dynamodb:Query`, consistent. Oldest first. */
  pending(): Promise<readonly Dispatch[]>;
  /** `dynamodb:PutItem`. Of an alert that is there already, it takes the place. */
  save(dispatch: Dispatch): Promise<void>;
  /** `dynamodb:DeleteItem` */
  remove(dispatch: Dispatch): Promise<void>;
}

/** What is remembered of what was told, beside the findings. */
export interface AnnouncerMemory {
  /** When each actor's doings were told lately: ISO 8601, oldest first. */
  readonly paces: Readonly<Record<string, readonly string[]>>;
  /** ISO 8601; when the last digest was due. */
  readonly digestAt: string | undefined;
  /** Headlines of alerts of which nobody knows whether they arrived. */
  readonly doubtful: readonly string[];
}

/** One at a time tells people: two would tell the same twice. */
export interface AnnouncerState {
  /**
   * `dynamodb:UpdateItem`, conditional: takes the right to announce, unless another one has it until later than `at`.
   *
   * @param until - ISO 8601: when it is free again even if `end` is never called
   */
  begin(
    announcement: string,
    at: string,
    until: string,
  ): Promise<{ readonly kind: "begun"; readonly memory: AnnouncerMemory } | { readonly kind: "busy" }>;
  /** `dynamodb:UpdateItem`, conditional: throws where another one has the right meanwhile. */
  remember(announcement: string, memory: AnnouncerMemory): Promise<void>;
  /** `dynamodb:UpdateItem`. Does nothing where another one has the right. */
  end(announcement: string): Promise<void>;
}

/** What people call things. Whatever can't be read is left out: an alert is not held up for a name. */
export interface Names {
  /** `iam:ListAccountAliases` */
  accountAlias(): Promise<string | undefined>;
  /** `kms:ListAliases` */
  keyAliases(key: KeyArn): Promise<readonly string[]>;
}

/** One thing that became of one finding, for programs: told at once, whatever people are told. */
export interface FindingEvent {
  /** The same event, emitted again, has the same id. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly finding: AlertFinding;
  readonly causes: Causes;
  readonly account: Alert["account"]["id"];
  readonly region: string;
  readonly mode: Alert["mode"];
}

export interface Events {
  /** `events:PutEvents`. @throws where not all of them were taken */
  emit(events: readonly FindingEvent[]): Promise<void>;
}
