import type { AccessDecision, AccessQuestion } from "@bedrock-key-guard/core/policy/access.ts";
import type { JsonObject } from "@bedrock-key-guard/core/policy/json.ts";

/** What a program reads: the statements stand in it as they stand in their policies. */
export interface Answer {
  readonly decision: AccessDecision["kind"];
  readonly because: readonly JsonObject[];
  readonly dependsOn: readonly string[];
}

export function answerOf({ kind, because, dependsOn }: AccessDecision): Answer {
  return { decision: kind, because: because.map(({ statement }) => statement.raw), dependsOn };
}

const SAYS: Readonly<Record<AccessDecision["kind"], string>> = {
  allowed: "allowed: an Allow certainly matches, and no Deny does",
  denied: "denied: a Deny certainly matches",
  "not-allowed": "not allowed: no policy that counts here allows it",
  depends: "depends: on what the request does not say",
};

/** What a person reads; not made harmless yet. */
export function inWords(question: AccessQuestion, decision: AccessDecision): string {
  const { because, dependsOn } = decision;
  return [
    SAYS[decision.kind],
    ...(dependsOn.length > 0 ? ["", `on ${dependsOn.join(", ")}`] : []),
    ...because.flatMap(({ source, policy, statement }) => {
      const several = source === "identity-policy" && question.identityPolicies.length > 1;
      const sid = statement.sid === undefined ? "" : ` "${statement.sid}"`;
      const where = `${source.replaceAll("-", " ")}${several ? ` ${policy + 1}` : ""}, statement ${statement.index + 1}${sid}`;
      return [
        "",
        `${where}:`,
        ...JSON.stringify(statement.raw, null, 2)
          .split("\n")
          .map((line) => `  ${line}`),
      ];
    }),
  ].join("\n");
}
