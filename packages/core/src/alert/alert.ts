/** What people and machines are told: one message about one cause, in a form that every channel renders by itself. */
import type { AccountId, AgentId, CallerArn, KeyArn } from "../arn.ts";
import type { FindingKind, Severity } from "../finding/finding.ts";
import type { Cause } from "../key/job.ts";
import type { Mode } from "../key/rails.ts";

/**
 * - `problem`: a person has to act
 * - `proposed`: the guard knows the change, and did not make it
 * - `repaired`: the guard changed a policy
 * - `rolled-back`: a person put a former policy back
 * - `resolved`: what was told is over
 * - `reminder`: critical problems that still stand; once a day
 * - `digest`: what else there is, once a day at most
 *
 * One that holds several of the first five is named by the first of them.
 */
export const ALERT_KINDS = [
  "problem",
  "proposed",
  "repaired",
  "rolled-back",
  "resolved",
  "reminder",
  "digest",
] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

/**
 * What became of a finding:
 * - `opened`, `worsened`, `resolved`
 * - `reopened`: it was resolved a while ago, and told so
 * - `happened`: it is over already, such as a repair
 * - `recurring`: the same repair again and again, undone by the same actor over weeks
 * - `stands`: nothing new; in reminders and digests
 */
export const CHANGES = ["opened", "worsened", "resolved", "reopened", "happened", "recurring", "stands"] as const;
export type Change = (typeof CHANGES)[number];

export interface Alert {
  readonly v: 2;
  /** The same alert, delivered again, has the same id. */
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  readonly kind: AlertKind;
  readonly severity: Severity;
  /** The mode of what it is about: keys, or callers. */
  readonly mode: Mode;
  /** What is wrong or was done, in short: for a subject line. No sentence, no more than about 70 characters. */
  readonly subject: string;
  /** What is wrong or was done: one sentence. */
  readonly headline: string;
  readonly account: { readonly id: AccountId; readonly alias: string | undefined };
  readonly region: string;
  /** `aliases`: such as `alias/agents`; empty where there are none, or they could not be read. */
  readonly keys: readonly { readonly arn: KeyArn; readonly aliases: readonly string[] }[];
  /** The roles and users that it is about. */
  readonly callers: readonly CallerArn[];
  readonly agents: readonly { readonly id: AgentId; readonly name: string }[];
  /** Who did what, oldest first. Empty in digests and reminders. */
  readonly causes: readonly Cause[];
  /** Worst first. Those in full come first; where there are many, the rest have neither evidence, diff nor remedy. */
  readonly findings: readonly AlertFinding[];
  /** A reminder's or digest's own sections: plain text, a line each. */
  readonly sections: readonly { readonly title: string; readonly lines: readonly string[] }[];
  /** What to do next, one step each; a command, a snippet or an address stands on a line of its own. */
  readonly nextSteps: readonly string[];
  /** How to roll back what was done, or to hear no more of it: text, and commands on lines of their own. */
  readonly wayBack: readonly string[];
  /** What belongs together in a channel that has threads. */
  readonly thread: string;
  /**
   * Whether an earlier try to deliver it ended without an answer: it may have been told before. Whoever reads it is told so.
   */
  readonly perhapsAgain: boolean;
}

/** Findings that one write is about are one. */
export interface AlertFinding {
  /** The names by which people silence it, such as `0f3a9c1d22b4`; one, but for findings that are told as one. */
  readonly refs: readonly string[];
  readonly kind: FindingKind;
  readonly severity: Severity;
  readonly change: Change;
  /** What is wrong or was done: in short up to the colon. */
  readonly title: string;
  /** What fails for whom, and how the guard knows. */
  readonly detail: string;
  readonly key: KeyArn | undefined;
  readonly caller: CallerArn | undefined;
  readonly agents: readonly AgentId[];
  /** ISO 8601. */
  readonly since: string;
  readonly resolved: { readonly at: string; readonly by: "guard" | "others" } | undefined;
  /** How often it was seen to begin. */
  readonly times: number;
  /** The statements that decide, or those to add: JSON, one each. */
  readonly evidence: readonly string[];
  /** What was, or would be, written: lines of a diff. */
  readonly diff: readonly string[];
  readonly remedy: readonly string[];
}
