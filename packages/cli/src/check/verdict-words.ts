/** A verdict and its reasons, in one line each. */
import { partsOf } from "@bedrock-key-guard/core/arn.ts";
import type { Judgement, Verdict } from "@bedrock-key-guard/core/key/judge.ts";
import type { Statement } from "@bedrock-key-guard/core/policy/document.ts";
import type { Requester } from "@bedrock-key-guard/core/policy/request.ts";

/** Whom it is about, where that is not the key as a whole. */
export function subjectOf({ subject }: Judgement): string {
  if (subject.role) return partsOf(subject.role).resource;
  return subject.agent ? partsOf(subject.agent).resource : "";
}

export function reasonsOf(verdict: Verdict): readonly string[] {
  switch (verdict.kind) {
    case "met":
      return [
        `by ${statementNames(verdict.by)}`,
        ...(verdict.tighter ? ["tighter than documented: it also names this account or agent as the source"] : []),
        ...verdict.notes,
      ];
    case "missing":
      return [
        `no statement allows ${verdict.actions.join(", ")}`,
        ...(verdict.delegatedBy.length > 0
          ? [`${statementNames(verdict.delegatedBy)} leaves it to IAM policies, which does not meet it`]
          : []),
      ];
    case "blocked":
      return [`${statementNames(verdict.by)} refuses ${verdict.actions.join(", ")}`];
    case "depends":
      return [
        `whether ${verdict.actions.join(", ")} is allowed depends on ${verdict.on.join(", ")}, by ${statementNames(verdict.by)}`,
      ];
    default:
      return verdict satisfies never;
  }
}

/** As `simulate` takes it. */
export function requesterName(requester: Requester): string {
  switch (requester.kind) {
    case "service":
      return requester.name;
    case "root":
      return `arn:${requester.partition}:iam::${requester.account}:root`;
    case "anonymous":
      return "*";
    case "role":
    case "session":
    case "user":
    case "federated":
      return requester.arn;
    default:
      return requester satisfies never;
  }
}

export function statementNames(statements: readonly Statement[]): string {
  return statements.map(({ index, sid }) => `statement ${index + 1}${sid === undefined ? "" : ` "${sid}"`}`).join(", ");
}
