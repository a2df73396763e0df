/** Callers, for programs. */
import type { Deciding } from "@bedrock-key-guard/core/callers/ask.ts";
import type { CallerVerdict } from "@bedrock-key-guard/core/callers/judge.ts";
import type { CallerJudgement, CallerPlan, Need } from "@bedrock-key-guard/core/callers/plan.ts";
import type { CallerReview, NotVisible } from "@bedrock-key-guard/core/callers/review.ts";
import { callerSnippets, deleteCommand, putCommand } from "@bedrock-key-guard/core/callers/snippets.ts";
import { hindranceOf, invocationInWords, reasonOf } from "@bedrock-key-guard/core/callers/words.ts";
import type { Snippet } from "@bedrock-key-guard/core/finding/snippets.ts";
import type { JsonObject } from "@bedrock-key-guard/core/policy/json.ts";
import { type FoundCallers, isShort } from "./found.ts";

export interface CallersReport {
  /** Every caller that is no administrator can use the key. */
  readonly able: boolean;
  readonly key: string;
  readonly agents: readonly string[];
  readonly notes: readonly string[];
  readonly callers: readonly CallerReport[];
  /** What may decide otherwise, and can't be seen from files. */
  readonly notVisible: readonly NotVisible[];
}

export interface CallerReport {
  readonly arn: string;
  readonly administrator: boolean;
  readonly agents: readonly {
    readonly agent: string;
    readonly invokes: "may" | "perhaps";
    readonly invokesBecause: string;
    readonly verdict: CallerVerdict["kind"];
    readonly reason: string;
    readonly actions: readonly string[];
    readonly because: readonly { readonly policy: Deciding["origin"]; readonly statement: JsonObject }[];
    readonly dependsOn: readonly string[];
  }[];
  readonly plan: {
    readonly kind: CallerPlan["kind"];
    readonly reason?: string;
    readonly adds?: readonly Need[];
    readonly removes?: readonly Need[];
    readonly leftOut?: readonly Need[];
    /** The whole inline policy. */
    readonly policy?: JsonObject;
    readonly command?: string;
    readonly snippets?: readonly Snippet[];
  };
}

export function callersJson({ key, agents, notes, review }: FoundCallers): CallersReport {
  return {
    able: !review.callers.some(isShort),
    key: key.arn,
    agents: agents.map(({ id }) => id),
    notes,
    callers: review.callers.map(callerReport),
    notVisible: review.notVisible,
  };
}

function callerReport(caller: CallerReview): CallerReport {
  const { identity, administrator, judgements } = caller;
  return { arn: identity.arn, administrator, agents: judgements.map(judgementReport), plan: planReport(caller) };
}

function judgementReport({ agent, invocation, verdict }: CallerJudgement): CallerReport["agents"][number] {
  return {
    agent,
    invokes: invocation.kind,
    invokesBecause: invocationInWords(invocation),
    verdict: verdict.kind,
    reason: reasonOf(verdict),
    actions: verdict.kind === "able" ? [] : verdict.actions,
    because: decidingIn(verdict).map(({ origin, statement }) => ({ policy: origin, statement: statement.raw })),
    dependsOn: verdict.kind === "depends" ? verdict.on : [],
  };
}

function decidingIn(verdict: CallerVerdict): readonly Deciding[] {
  switch (verdict.kind) {
    case "able":
    case "depends":
      return verdict.by;
    case "denied":
      return verdict.by.kind === "statements" ? verdict.by.statements : [];
    case "lacks":
    case "stopped":
      return [];
    default:
      return verdict satisfies never;
  }
}

function planReport({ identity, plan }: CallerReview): CallerReport["plan"] {
  const reason = hindranceOf(plan, identity);
  const document = "document" in plan ? plan.document : undefined;
  return {
    kind: plan.kind,
    ...(reason === undefined ? {} : { reason }),
    ...("adds" in plan ? { adds: plan.adds } : {}),
    ...("removes" in plan ? { removes: plan.removes } : {}),
    ...("leftOut" in plan ? { leftOut: plan.leftOut } : {}),
    ...(document ? { policy: document } : {}),
    ...(plan.kind === "put"
      ? { command: putCommand(identity, plan.document), snippets: callerSnippets(identity, plan.document) }
      : {}),
    ...(plan.kind === "remove" ? { command: deleteCommand(identity) } : {}),
  };
}
