/**
 * The golden decision cases of `tests/cases/decide`: a file a topic, a case a rule. A case gives the policy (as JSON, or
 * as text where the text itself is the point) and the request, and the decision that AWS's page (`source`) implies.
 */
import { readdirSync, readFileSync } from "node:fs";
import {
  ABSENT,
  type ContextValue,
  type Request,
  type Requester,
  UNKNOWN,
  value,
} from "../../../packages/core/src/policy/request.ts";

export interface DecisionCase {
  /** One sentence; the test's name. */
  readonly rule: string;
  readonly source: string;
  readonly policy: unknown;
  /** Left out where the policy is malformed. */
  readonly request?: CaseRequest;
  readonly expect: {
    readonly kind: "allowed" | "denied" | "not-allowed" | "depends" | "malformed";
    readonly dependsOn?: readonly string[];
    /** Indexes of the statements that leave the question to IAM. */
    readonly delegatedBy?: readonly number[];
  };
}

export interface CaseRequest {
  /** A role's, a user's or the root user's ARN, or the name of a service. */
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
  return { principal: requesterOf(given.principal), action, resource, context: { keys, others } };
}

export function requesterOf(principal: string): Requester {
  const [arn, partition = "", , , account = "", resource = ""] = principal.split(":");
  if (arn !== "arn") return { kind: "service", name: principal };
  if (resource === "root") return { kind: "root", partition, account };
  return { kind: resource.startsWith("role/") ? "role" : "user", arn: principal, account };
}
