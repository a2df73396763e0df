/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
import { ServiceError } from "../shared/errors.ts";
import type { HolderKind, PolicyHolder } from "./holders.ts";
import { policySize } from "./policy-grammar.ts";

/** Characters of all inline policies together, without white space. */
const INLINE = { role: 10_240, user: 2_048, group: 5_120 } as const satisfies Record<HolderKind, number>;
const MANAGED = 6_144;
const ATTACHED = 10;
const VERSIONS = 5;

/** Throws where a holder's inline policies would pass the limit with this one. */
export function inlineMustFit(holder: PolicyHolder, name: string, text: string): void {
  const others = [...holder.policies].filter(([other]) => other !== name).map(([, other]) => policySize(other));
  const most = INLINE[holder.kind];
  if (others.reduce((sum, size) => sum + size, policySize(text)) <= most) return;
  throw exceeded(`Maximum policy size of ${most} bytes exceeded for ${holder.kind} ${holder.name}`);
}

export function managedMustFit(text: string): void {
  if (policySize(text) > MANAGED) throw exceeded(`Cannot exceed quota for PolicySize: ${MANAGED}`);
}

export function oneMoreMayBeAttached({ kind, attached }: PolicyHolder): void {
  const quota = { role: "PoliciesPerRole", user: "PoliciesPerUser", group: "PoliciesPerGroup" }[kind];
  if (attached.size >= ATTACHED) throw exceeded(`Cannot exceed quota for ${quota}: ${ATTACHED}`);
}

export function oneMoreVersion(versions: ReadonlyMap<string, unknown>): void {
  if (versions.size < VERSIONS) return;
  throw exceeded(
    `A managed policy can have up to ${VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
  );
}

function exceeded(message: string): ServiceError {
  return new ServiceError("LimitExceeded", message);
}
