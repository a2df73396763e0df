/** How a person gives a caller what it lacks: text, and commands for a POSIX shell on lines of their own. */
import type { JsonObject } from "../policy/json.ts";
import { DOCUMENTED_PAGE } from "../requirements/documented.ts";
import type { Identity } from "./account.ts";
import { OWN_POLICY } from "./own-policy.ts";
import type { CallerPlan } from "./plan.ts";
import { NOT_VISIBLE } from "./review.ts";
import { callerSnippets, deleteCommand, putCommand } from "./snippets.ts";

/** The path is told with the ARN; names are unique without it. */
export function shortName({ kind, name }: Pick<Identity, "kind" | "name">): string {
  return `${kind} ${name}`;
}

/** Why the guard does not write. */
export interface Reason {
  readonly why: string;
  /** What a person can run about it. */
  readonly way?: { readonly to: string; readonly command: string } | undefined;
}

export function heldBack(not: "Not written" | "Not taken away", reasons: readonly Reason[]): readonly string[] {
  const ways = new Map(reasons.flatMap(({ way }) => (way ? [[way.command, way.to] as const] : [])));
  const why = [...new Set(reasons.map((one) => one.why))].join("; ");
  return [`${not} by the guard: ${why}.`, ...[...ways].flatMap(([command, to]) => [`To ${to}:`, command])];
}

export const DOCUMENTED = `What AWS documents: ${DOCUMENTED_PAGE}`;

const INVISIBLE = NOT_VISIBLE.map(({ what }) => what.replace("-", " ")).join(", ");
export const NOT_SEEN = `Not visible from here: ${INVISIBLE}. They may refuse what is said to be allowed above, or allow what is not.`;

/** Whether a policy to attach helps: a role of AWS's or of the guard's can't be given one, or shouldn't. */
export function showsPolicy(plan: CallerPlan): boolean {
  return plan.kind !== "withheld" || !["service-linked", "reserved", "guard"].includes(plan.why.kind);
}

/** @param document - the whole policy as it should be */
export function remedyOfLacking(
  identity: Identity,
  plan: CallerPlan,
  document: JsonObject | undefined,
): readonly string[] {
  if (!document || !showsPolicy(plan)) return [DOCUMENTED];
  const why = plan.kind === "withheld" ? plan.why.kind : undefined;
  if (why === "permission-set") {
    return [
      `Add the statements above to the inline policy of ${permissionSet(identity)}, in the account that manages IAM Identity Center. The call replaces the whole policy:`,
      "https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PutInlinePolicyToPermissionSet.html",
      DOCUMENTED,
    ];
  }
  if (why === "edited") {
    return [
      `Add the statements above to the ${identity.kind}'s inline policy ${OWN_POLICY}. Or give that policy another name: the guard then makes its own again.`,
      DOCUMENTED,
    ];
  }
  return [
    `To give ${shortName(identity)} the policy above:`,
    putCommand(identity, document),
    `If ${shortName(identity)} is not meant to invoke the agent, take bedrock:InvokeAgent from it instead.`,
    DOCUMENTED,
  ];
}

/** The same for where the role or user is defined. */
export function snippetsFor(identity: Identity, document: JsonObject | undefined): readonly string[] {
  if (!document) return [];
  return [
    `Or, where ${shortName(identity)} is defined, in one of these forms:`,
    ...callerSnippets(identity, document).flatMap(({ tool, where, text }) => [`${tool}, ${where}:`, text]),
  ];
}

/** Whether a person can put the guard's policy on the identity as the guard would. */
export function takesPolicy(plan: CallerPlan): boolean {
  return plan.kind !== "withheld" || plan.why.kind === "tagged" || plan.why.kind === "not-opted-in";
}

/** IAM Identity Center names its roles after the set. */
function permissionSet({ name }: Identity): string {
  const [, set] = /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(name) ?? [];
  return set === undefined ? "its permission set" : `its permission set \`${set}\``;
}

/** The guard's policy without what is not needed. */
export function trimCommand(identity: Identity, document: JsonObject | undefined): string {
  return document ? putCommand(identity, document) : deleteCommand(identity);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MANAGED_LIMIT = 6_144;

/** A managed policy beside the inline ones, which are full. */
export function managedPolicyRemedy({ kind, name, arn }: Identity, document: JsonObject): readonly string[] {
  const policy = `${OWN_POLICY}-${kind}-${name}`;
  const text = JSON.stringify(document);
  const [, partition, , , account] = arn.split(":");
  if (text.length > MANAGED_LIMIT) {
    return [
      `Make managed policies of the statements above, each of at most ${MANAGED_LIMIT} characters, and attach them to the ${kind}.`,
    ];
  }
  return [
    "Make a managed policy of the document above, and attach it:",
    `aws iam create-policy --policy-name ${policy} --policy-document '${text}'`,
    `aws iam attach-${kind}-policy --${kind}-name ${name} --policy-arn arn:${partition}:iam::${account}:policy/${policy}`,
  ];
}
