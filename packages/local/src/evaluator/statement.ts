import type { Caller, NamedPolicy, StatementUse } from "../contract.ts";
import { conditionHolds } from "./condition.ts";
import { arnParts, type Context, isLike } from "./pattern.ts";
import { type Reach, reach } from "./principal.ts";
import { texts } from "./texts.ts";

export interface Request {
  readonly caller: Caller;
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
  /** Whether the caller has a permissions boundary. */
  readonly bounded?: boolean;
}

/** A statement that speaks of the request. */
export interface Match {
  readonly effect: "Allow" | "Deny";
  readonly reach: Exclude<Reach, "none">;
  readonly uses: readonly StatementUse[];
}

/** The statements of an identity policy or of a resource's policy that match the request, in their order. */
export function matches(policy: NamedPolicy, kind: "identity" | "resource", request: Request): readonly Match[] {
  const found: Match[] = [];
  // Variables came with this version; in an older policy their text stands for itself.
  const variables = policy.document.Version === "2012-10-17" ? request.context : undefined;
  for (const [index, statement] of policy.document.Statement.entries()) {
    const reached = kind === "identity" ? "direct" : reach(statement, request.caller, request.bounded);
    if (reached === "none") continue;
    const actions = matchingActions(statement, request.action);
    if (actions.length === 0) continue;
    const resources = matchingResources(statement, request.resource, variables);
    if (resources.length === 0) continue;
    if (!conditionHolds(statement.Condition, request.context, variables)) continue;
    const effect = effectOf(statement);
    const uses = actions.flatMap((action) =>
      resources.map((resource) => ({ source: policy.source, statementIndex: index, effect, action, resource })),
    );
    found.push({ effect, reach: reached, uses });
  }
  return found;
}

function effectOf(statement: Readonly<Record<string, unknown>>): "Allow" | "Deny" {
  if (statement.Effect === "Allow" || statement.Effect === "Deny") return statement.Effect;
  throw new Error(`an effect that is not known: \`${JSON.stringify(statement.Effect)}\``);
}

/** The members of `Action` that match; `NotAction` itself where it matches; none where the statement has neither. */
function matchingActions(statement: Readonly<Record<string, unknown>>, action: string): readonly string[] {
  const fits = (member: string) => isLike(member.toLowerCase(), action.toLowerCase());
  const actions = texts(statement.Action, "Action");
  if (actions) return actions.filter(fits);
  const others = texts(statement.NotAction, "NotAction");
  return others && !others.some(fits) ? ["NotAction"] : [];
}

/** As for actions. KMS takes a statement without a resource, and it does nothing. */
function matchingResources(
  statement: Readonly<Record<string, unknown>>,
  resource: string,
  variables: Context | undefined,
): readonly string[] {
  const fits = (member: string) => resourceFits(member, resource, variables);
  const resources = texts(statement.Resource, "Resource");
  if (resources) return resources.filter(fits);
  const others = texts(statement.NotResource, "NotResource");
  return others && !others.some(fits) ? ["NotResource"] : [];
}

/** Part by part; the parts that a short ARN leaves out stand for anything. */
function resourceFits(member: string, resource: string, variables: Context | undefined): boolean {
  if (member === "*") return true;
  const want = arnParts(member);
  const have = arnParts(resource);
  if (want[0] !== "arn") return false;
  return have.length === 6 && have.every((part, index) => isLike(want[index] ?? "*", part, variables));
}
