/**
 * What looking after callers needs from outside, beside what keys need (../ports.ts). Each port names the IAM actions that it
 * costs; a test holds these lists against the permissions of the stack, both ways.
 */
import type { CallerArn } from "../arn.ts";
import type { IamAccount } from "./account.ts";
import type { CallersJob } from "./job.ts";
import type { CallerJournalEntry, CallerJournalState } from "./journal.ts";

export type AccountReading =
  | { readonly kind: "read"; readonly account: IamAccount }
  | { readonly kind: "denied"; readonly message: string };

export interface AccountDirectory {
  /**
   * `iam:GetAccountAuthorizationDetails`, all pages: who there is, and every policy. Roles, users and groups without a
   * readable ARN are an error, not left out; a document that is not understood is kept as unreadable.
   */
  read(): Promise<AccountReading>;
}

/** A caller as it is right now, as far as a write to it asks. */
export type CallerReading =
  | {
      readonly kind: "found";
      /** As in the account's reading. */
      readonly uniqueId?: string | undefined;
      readonly tags: ReadonlyMap<string, string>;
      /** The inline policy `BedrockKeyGuard`, decoded; absent where there is none. */
      readonly ownPolicy: string | undefined;
    }
  /** IAM has no role or user of this name, or has it under another ARN. */
  | { readonly kind: "gone" }
  | { readonly kind: "denied"; readonly message: string };

export interface CallerIdentities {
  /** `iam:GetRole` and `iam:GetRolePolicy`, or `iam:GetUser` and `iam:GetUserPolicy`. */
  read(caller: CallerArn): Promise<CallerReading>;
}

export type CallerWrite =
  | { readonly kind: "written" }
  /** Too many calls at once; nothing was written. */
  | { readonly kind: "throttled" }
  /** The role or user does not exist any more. */
  | { readonly kind: "gone" }
  /** IAM refused for good; `code` is the error's name, such as `LimitExceeded`. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string };

/** The one inline policy `BedrockKeyGuard`, and no other. */
export interface CallerWriter {
  /** `iam:PutRolePolicy` or `iam:PutUserPolicy`. */
  put(caller: CallerArn, text: string): Promise<CallerWrite>;
  /** `iam:DeleteRolePolicy` or `iam:DeleteUserPolicy`. One that is not there is `written`. */
  remove(caller: CallerArn): Promise<CallerWrite>;
}

export interface CallerJournal {
  /** `dynamodb:Query`, consistent. The newest entry of a caller. */
  latest(caller: CallerArn): Promise<CallerJournalEntry | undefined>;
  /** `dynamodb:PutItem`; throws when the entry exists: an entry is never overwritten. */
  open(entry: CallerJournalEntry): Promise<void>;
  /** `dynamodb:UpdateItem` */
  advance(entry: CallerJournalEntry, state: CallerJournalState): Promise<void>;
  /** `dynamodb:Query`, consistent. The entries of a caller since then (ISO 8601), oldest first. */
  since(caller: CallerArn, since: string): Promise<readonly CallerJournalEntry[]>;
}

/** Callers that are being written to: after a crash, the next review looks at their journal. */
export interface WritingNotes {
  /** `dynamodb:GetItem`, consistent. */
  of(): Promise<readonly string[]>;
  /** `dynamodb:PutItem` */
  set(callers: readonly string[], at: string): Promise<void>;
}

/** What a person reads and undoes a caller's journal with, by the command line. */
export interface CallerHistory {
  /** `dynamodb:Query`, consistent. The newest entries of a caller, newest first. */
  newest(caller: CallerArn, limit: number): Promise<readonly CallerJournalEntry[]>;
}

/** One review at a time, and few readings of the whole account's IAM. */
export interface ReviewLog {
  /**
   * `dynamodb:UpdateItem`, conditional: takes the right to review, unless another one has it until later than `at`. The
   * same review may take it again.
   *
   * @param at - ISO 8601, now
   * @param until - ISO 8601: when it is free again even if `end` is never called
   */
  begin(review: string, at: string, until: string): Promise<"begun" | "busy">;
  /** `dynamodb:UpdateItem`. Does nothing where another review has the right. */
  end(review: string): Promise<void>;
  /**
   * `dynamodb:UpdateItem`, conditional: notes a reading at `at`, unless there was one after `before` (both ISO 8601).
   *
   * @returns when the latest reading was, where it is too soon for another
   */
  reserveReading(
    at: string,
    before: string,
  ): Promise<{ readonly kind: "reserved" } | { readonly kind: "too-soon"; readonly readAt: string }>;
}

export interface CallersQueue {
  /** `sqs:SendMessage` on the callers queue, with a delay of at most 900 seconds. */
  review(job: CallersJob, delaySeconds: number): Promise<void>;
}

/** The commands that an alert about a caller tells a person to run: text for a shell, no call is made. */
export interface CallerCommands {
  rollback(entry: Pick<CallerJournalEntry, "caller" | "id">): string;
  history(caller: CallerArn): string;
  /** Lifts the hold on one caller. */
  resume(caller: CallerArn): string;
}
