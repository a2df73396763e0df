import type { Finding } from "../finding/finding.ts";
import type { JournalEntry } from "./journal.ts";

/** What happened to a key. */
export type Outcome =
  | { readonly kind: "compliant" }
  | { readonly kind: "repaired"; readonly entry: JournalEntry; readonly findings: readonly Finding[] }
  /** An addition is needed, and mode, tag or kill switch kept the guard from making it. */
  | { readonly kind: "proposed"; readonly reason: string; readonly findings: readonly Finding[] }
  | { readonly kind: "alerted"; readonly findings: readonly Finding[] }
  /** Looked at again later; `reason` says what is waited for. */
  | { readonly kind: "deferred"; readonly reason: string }
  /** The deployment's mode is `off`: nothing was read. */
  | { readonly kind: "skipped"; readonly reason: string };
