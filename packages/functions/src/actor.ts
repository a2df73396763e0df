import type { Actor } from "@bedrock-key-guard/core/key/job.ts";
import * as z from "zod";

const text = z.string().max(2_048).nullish();

/** CloudTrail's `userIdentity`: which of its members are there depends on its type. */
export const userIdentity = z.object({
  type: text,
  arn: text,
  accountId: text,
  principalId: text,
  invokedBy: text,
  sessionContext: z.object({ sessionIssuer: z.object({ arn: text }).nullish() }).nullish(),
});

/**
 * Who acted. The role behind a session comes from the session's issuer, which has its path; the session's own ARN
 * drops it, and gives the session's name.
 *
 * @param sourceAddress - a service's host name where a service called on someone's behalf.
 */
export function readActor(identity: z.infer<typeof userIdentity>, sourceAddress: string | undefined): Actor {
  const service = identity.invokedBy ?? (sourceAddress?.endsWith(".amazonaws.com") ? sourceAddress : undefined);
  const issuer = identity.sessionContext?.sessionIssuer?.arn;
  return {
    arn: issuer || identity.arn || service || identity.principalId || identity.accountId || "unknown",
    sessionName: sessionName(identity.arn ?? ""),
    invokedBy: service || undefined,
  };
}

/** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
function sessionName(arn: string): string | undefined {
  return /^arn:[^:]+:sts::\d*:assumed-role\/[^/]+\/(.+)$/.exec(arn)?.[1];
}
