/**
 * Statements that allow more than what AWS documents for the agents of a key: found by calls of strangers, which must not
 * be allowed. They are told, never narrowed: whether they are meant so is for a person to say.
 */
import { decide } from "../policy/decide.ts";
import type { PolicyDocument, Statement } from "../policy/document.ts";
import type { Request } from "../policy/request.ts";
import type { Agent } from "../ports.ts";
import { forbiddenRequestsFor, type KeyFacts, requirementsOf } from "../requirements/instance.ts";
import type { Profile } from "../requirements/profiles.ts";
import type { RequirementId } from "../requirements/requirement.ts";

export interface BroaderStatement {
  readonly statement: Statement;
  /** What it allows beyond what is documented, as a sentence. */
  readonly what: string;
  /** A call that the policy allows and that no agent of the key needs. */
  readonly example: Request;
}

/**
 * Each statement once for each thing that it allows too much, in the policy's order. Only what is proved allowed counts:
 * what a Deny refuses, or what depends on conditions that a stranger's call may not meet, is not told.
 *
 * The documented statements give none, though they are broad in places: the service role is allowed without a condition,
 * grants without a source account.
 */
export function broaderStatements(
  policy: PolicyDocument,
  key: KeyFacts,
  agents: readonly Agent[],
  profile: Profile,
): readonly BroaderStatement[] {
  const found = new Map<string, BroaderStatement>();
  const asked = new Set<RequirementId>();
  for (const { requirement, subject } of requirementsOf(key.arn, agents, profile)) {
    const general = !asked.has(requirement.id);
    asked.add(requirement.id);
    for (const { what, request } of forbiddenRequestsFor(requirement, subject, key, general)) {
      const decision = decide(policy, request);
      if (decision.kind !== "allowed") continue;
      for (const statement of decision.because) {
        const id = `${statement.index} ${what}`;
        if (!found.has(id)) found.set(id, { statement, what: `it lets ${what}`, example: request });
      }
    }
  }
  return [...found.values()].sort((a, b) => a.statement.index - b.statement.index);
}
