/**
 * The golden decision cases of `tests/cases/decide`: a file a topic, a case a rule. A case gives the policy (as JSON, or
 * as text where the text itself is the point) and the request, and the decision that AWS's page (`source`) implies.
 */
import { readdirSync, readFileSync } from "node:fs";
import {
  ABSENT,
  type ContextValue,
  type Request,
  requesterOf,
  UNKNOWN,
  value,
} from "../../../packages/core/src/policy/request.ts";

export interface DecisionCase {
  /** One sentence; the test's name. */
  readonly rule: string;
  readonly source: string;
  /** The key's policy; left out where identity policies decide alone. */
  readonly policy?: unknown;
  /** With one of these, or without `policy`, the case asks for the whole decision; otherwise for the key policy's. */
  readonly identityPolicies?: readonly unknown[];
  readonly boundary?: unknown;
  /** Left out where the policy is malformed. */
  readonly request?: CaseRequest;
  readonly expect: {
    readonly kind: "allowed" | "denied" | "not-allowed" | "depends" | "malformed";
    readonly dependsOn?: readonly string[];
    /** The statements that decided: source, place of the policy among its source's, place of the statement in it. */
    readonly because?: readonly string[];
    /** Indexes of the statements that leave the question to IAM. */
    readonly delegatedBy?: readonly number[];
  };
}

export interface CaseRequest {
  /** The ARN of a root user, role, session, user or federated user; the name of a service; `*` for anonymous. */
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  readonly absent?: readonly string[];
  readonly unknown?: readonly string[];
  /** What holds for keys that are not listed. */
  readonly others: "absent" | "unknown";
}

const FOLDER = new URL("../../cases/decide/", import.meta.url);

export function decisionCases(): readonly (readonly [topic: string, cases: readonly DecisionCase[]])[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => [
      name.replace(".json", ""),
      JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as DecisionCase[],
    ]);
}

export function policyText(policy: unknown): string {
  return typeof policy === "string" ? policy : JSON.stringify(policy);
}

export function requestOf(given: CaseRequest): Request {
  const keys = new Map<string, ContextValue>();
  const set = (name: string, content: ContextValue) => keys.set(name.toLowerCase(), content);
  for (const [name, content] of Object.entries(given.context)) {
    set(name, typeof content === "string" ? value(content) : value(...content));
  }
  for (const name of given.absent ?? []) set(name, ABSENT);
  for (const name of given.unknown ?? []) set(name, UNKNOWN);
  const { action, resource, others } = given;
  const principal = requesterOf(given.principal);
  if (!principal) throw new Error(`nobody who can ask: \`${given.principal}\``);
  return { principal, action, resource, context: { keys, others } };
}
