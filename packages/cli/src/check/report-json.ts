/** What was found, for programs. */
import type { Finding } from "@bedrock-key-guard/core/finding/finding.ts";
import type { BroaderStatement } from "@bedrock-key-guard/core/key/broader.ts";
import type { Judgement, Verdict } from "@bedrock-key-guard/core/key/judge.ts";
import { placeInWords, type Warning } from "@bedrock-key-guard/core/key/warnings.ts";
import type { Statement } from "@bedrock-key-guard/core/policy/document.ts";
import type { Json, JsonObject } from "@bedrock-key-guard/core/policy/json.ts";
import type { Examined } from "./examine.ts";
import type { Found } from "./found.ts";
import { reasonsOf, requesterName } from "./verdict-words.ts";

export interface Report {
  readonly compliant: boolean;
  readonly key: string;
  readonly agents: readonly string[];
  /** Which requirements an agent has. */
  readonly profile: string;
  readonly notes: readonly string[];
  readonly verdicts: readonly VerdictReport[];
  readonly findings: readonly Pick<
    Finding,
    "id" | "kind" | "severity" | "agents" | "title" | "detail" | "evidence" | "remedy"
  >[];
  readonly broader: readonly BroaderReport[];
  /** About the policy with what is missing added, or as it is where nothing would be written. */
  readonly warnings: readonly (Pick<Warning, "kind" | "refused" | "what" | "remedy"> & { readonly place: string })[];
  readonly plan: {
    readonly kind: Examined["plan"]["kind"];
    readonly reason?: string;
    readonly diff?: readonly string[];
  };
  /** The policy with what is missing added; null where the guard would write none. */
  readonly policy: Json;
}

export interface VerdictReport {
  readonly requirement: string;
  readonly title: string;
  readonly source: string;
  readonly agents: readonly string[];
  /** The agent's or role's ARN, where it is not about the key as a whole. */
  readonly subject?: string;
  readonly verdict: Verdict["kind"];
  readonly tighter?: boolean;
  readonly reasons: readonly string[];
  /** What is not allowed, or not certainly. */
  readonly actions: readonly string[];
  readonly because: readonly JsonObject[];
  readonly dependsOn: readonly string[];
}

export interface BroaderReport {
  readonly what: string;
  readonly statement: JsonObject;
  /** A call that is allowed, and should not need to be. */
  readonly example: { readonly principal: string; readonly action: string };
}

export function reportJson({ examined, notes, warnings, next }: Found): Report {
  const { compliant, key, agents, profile, judgements, findings, broader, plan } = examined;
  return {
    compliant,
    key: key.arn,
    agents: agents.map(({ id }) => id),
    profile: profile.id,
    notes: ["whether the roles exist was not asked of IAM", ...notes],
    verdicts: judgements.map(verdictReport),
    findings: findings.map(({ key: _, ...finding }) => finding),
    broader: broader.map(broaderReport),
    warnings: warnings.map((warning) => ({ ...warning, place: placeInWords(warning.place) })),
    plan: {
      kind: plan.kind,
      ...("reason" in plan ? { reason: plan.reason } : {}),
      ...("patch" in plan ? { diff: plan.patch.diff } : {}),
    },
    policy: next === undefined ? null : (JSON.parse(next) as Json),
  };
}

function broaderReport({ what, statement, example }: BroaderStatement): BroaderReport {
  return {
    what,
    statement: statement.raw,
    example: { principal: requesterName(example.principal), action: example.action },
  };
}

function verdictReport({ requirement, subject, agents, verdict }: Judgement): VerdictReport {
  const about = subject.role ?? subject.agent;
  return {
    requirement: requirement.id,
    title: requirement.title,
    source: requirement.source,
    agents,
    ...(about === undefined ? {} : { subject: about }),
    verdict: verdict.kind,
    ...(verdict.kind === "met" ? { tighter: verdict.tighter } : {}),
    reasons: reasonsOf(verdict),
    actions: verdict.kind === "met" ? [] : verdict.actions,
    because: decidingStatements(verdict).map(({ raw }) => raw),
    dependsOn: verdict.kind === "depends" ? verdict.on : [],
  };
}

/** For `missing`: those that leave it to IAM. */
function decidingStatements(verdict: Verdict): readonly Statement[] {
  return verdict.kind === "missing" ? verdict.delegatedBy : verdict.by;
}
