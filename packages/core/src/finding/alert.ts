import type { AccountId, AgentId, CallerArn, KeyArn } from "../arn.ts";
import type { Cause } from "../key/job.ts";
import type { Finding, Severity } from "./finding.ts";

/** What a person is told: one message about one key, or about callers. Machines read these fields, people read `text`. */
export interface Alert {
  readonly v: 1;
  readonly id: string;
  /** ISO 8601. */
  readonly at: string;
  /**
   * `repaired`: the guard changed a policy. `rolled-back`: a person put a former one back. `proposed`: it would have been
   * changed. `problem`: a person has to act.
   */
  readonly kind: "repaired" | "rolled-back" | "proposed" | "problem";
  readonly severity: Severity;
  /** For an email's subject line; made safe for SNS where it is published. */
  readonly subject: string;
  /** One sentence: what is wrong or was done. */
  readonly headline: string;
  readonly account: AccountId;
  readonly region: string;
  /** Absent where it is about callers. */
  readonly key: KeyArn | undefined;
  /** The roles and users that it is about. */
  readonly callers: readonly CallerArn[];
  readonly agents: readonly { readonly id: AgentId; readonly name: string }[];
  readonly causes: readonly Cause[];
  /** What was, or would be, added: lines of a diff. */
  readonly diff: readonly string[];
  readonly findings: readonly Finding[];
  /** What to do next; a command stands on a line of its own. */
  readonly nextSteps: readonly string[];
  /** The whole alert as an email: plain text. */
  readonly text: string;
}
