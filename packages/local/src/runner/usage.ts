/**
 * The record of a run: which permissions, patterns, variables and resource policies of the graph it used, and what
 * it asked for in vain. Held against `expected-usage.ts`, it shows what the graph lacks and what it has too much.
 */
import type { Authorization, AuthorizationAnswer, Authorizer, StatementUse } from "../contract.ts";
import { MANAGED_SOURCE } from "./managed-policies.ts";

/** Items by their text: each says what it is in words that a person can look up in the graph. */
export interface Usage {
  readonly used: ReadonlySet<string>;
  /** Refusals and failures: what the run needed and the graph does not give. */
  readonly missing: ReadonlySet<string>;
}

export interface UsageRecorder {
  /** The same authorizer, with every answer recorded. */
  watch(authorize: Authorizer): Authorizer;
  pattern(rule: string, leaves: readonly string[]): void;
  variables(functionName: string, names: readonly string[]): void;
  /** Something that the stack needed and did not get, other than by a policy. */
  lacking(text: string): void;
  usage(): Usage;
}

/** @param concernsStack whether a question is about what the graph gives: asked by its roles, or about its resources. */
export function usageRecorder(concernsStack: (question: Authorization) => boolean): UsageRecorder {
  const used = new Set<string>();
  const missing = new Set<string>();

  function record(authorize: Authorizer, question: Authorization): AuthorizationAnswer {
    const answer = authorize(question);
    for (const use of answer.by) if (!use.source.startsWith(MANAGED_SOURCE)) used.add(statementItem(use));
    if (answer.kind === "denied" && lacksSomething(authorize, question, answer.explicit)) {
      missing.add(`${nameOf(question)} needs ${question.action} on ${question.resource}`);
    }
    return answer;
  }

  function lacksSomething(authorize: Authorizer, question: Authorization, explicit: boolean): boolean {
    // A Deny that fires is the graph at work; what others may not do is no business of the stack.
    if (explicit || !concernsStack(question)) return false;
    // A key's own policy may refuse a role that has everything the graph can give it.
    const { resourcePolicy, ...identityOnly } = question;
    return resourcePolicy === undefined || authorize(identityOnly).kind === "denied";
  }

  return {
    watch: (authorize) => (question) => record(authorize, question),
    pattern(rule, leaves) {
      for (const leaf of leaves) used.add(patternItem(rule, leaf));
    },
    variables(functionName, names) {
      for (const name of names) used.add(variableItem(functionName, name));
    },
    lacking: (text) => void missing.add(text),
    usage: () => ({ used: new Set(used), missing: new Set(missing) }),
  };
}

function nameOf(question: Authorization): string {
  const { caller, context } = question;
  switch (caller.kind) {
    case "role":
      return caller.roleArn;
    case "user":
      return caller.arn;
    case "service": {
      const source = context["aws:sourcearn"]?.[0];
      return source === undefined ? caller.name : `${caller.name} for ${source}`;
    }
    default:
      return caller satisfies never;
  }
}

export function statementItem(use: StatementUse): string {
  return `${use.source}, statement ${use.statementIndex}: ${use.effect} ${use.action} on ${use.resource}`;
}

export function patternItem(rule: string, leaf: string): string {
  return `rule ${rule}: ${leaf}`;
}

export function variableItem(functionName: string, variable: string): string {
  return `function ${functionName}: variable ${variable}`;
}

export interface UsageDifference {
  /** Asked for, but not in the graph. */
  readonly missing: readonly string[];
  /** In the graph, but not used by the run. */
  readonly unused: readonly string[];
}

/** @param ignore drops refusals that a run provokes on purpose, such as a scene's refused caller. */
export function compareUsage(
  expected: ReadonlySet<string>,
  usage: Usage,
  ignore: (missing: string) => boolean = () => false,
): UsageDifference {
  return {
    missing: [...usage.missing].filter((item) => !ignore(item)).sort(),
    unused: [...expected].filter((item) => !usage.used.has(item)).sort(),
  };
}
