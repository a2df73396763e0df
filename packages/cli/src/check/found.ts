import type { Warning } from "@bedrock-key-guard/core/key/warnings.ts";
import type { Examined } from "./examine.ts";

/** All that `check` has to tell, in words or as JSON. */
export interface Found {
  readonly examined: Examined;
  /** What was taken for granted. */
  readonly notes: readonly string[];
  /** What KMS would say to `next`, or to the policy as it is. */
  readonly warnings: readonly Warning[];
  /** The policy with what is missing added; undefined where the guard would write none. */
  readonly next: string | undefined;
  /** The file that holds it now. */
  readonly stored: string | undefined;
}
