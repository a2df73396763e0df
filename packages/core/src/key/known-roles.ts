/** What is missing, less the roles that IAM does not know: KMS refuses a policy that names one. */
import { accountOf, type KeyArn, type RoleArn } from "../arn.ts";
import type { Finding } from "../finding/finding.ts";
import type { Roles } from "../ports.ts";
import type { Judgement } from "./judge.ts";
import type { OwnAccess } from "./own-access.ts";
import { missingAccess } from "./plan.ts";
import { roleUnknown } from "./problems.ts";

export interface KnownAccess {
  readonly access: OwnAccess;
  /** Roles that may yet appear: a role and its agent are often made in one go. */
  readonly waitingFor: readonly RoleArn[];
  readonly findings: readonly Finding[];
}

/** @param patient - whether a role that IAM does not know may still be waited for */
export async function withKnownRoles(
  key: KeyArn,
  judgements: readonly Judgement[],
  patient: boolean,
  ports: { readonly roles: Roles },
): Promise<KnownAccess> {
  const access = missingAccess(judgements);
  const roles: RoleArn[] = [];
  const waitingFor: RoleArn[] = [];
  const findings: Finding[] = [];
  for (const role of access.roles) {
    const needing = judgements.find((j) => j.subject.role === role)?.agents ?? [];
    if (accountOf(role) !== accountOf(key)) {
      findings.push(roleUnknown(key, needing, role, "It belongs to another account than the key"));
      continue;
    }
    const known = await ports.roles.lookUp(role);
    if (known.kind === "known") roles.push(role);
    else if (known.kind === "unknown" && patient) waitingFor.push(role);
    else {
      const why =
        known.kind === "denied"
          ? `IAM refused the question: ${known.message}`
          : "IAM knows no role of this name and path";
      findings.push(roleUnknown(key, needing, role, why));
    }
  }
  return { access: { ...access, roles }, waitingFor, findings };
}
