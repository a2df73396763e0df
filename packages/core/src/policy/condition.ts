/**
 * Condition operators, each a row of one table; three-valued throughout.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import type { Condition, PolicyDocument } from "./document.ts";
import { globMatches, variablesIn } from "./glob.ts";
import { all, any, known, NO, not, type Truth, unknown, YES } from "./kleene.ts";
import { type ContextValue, lookUp, type RequestContext } from "./request.ts";

interface Operator {
  /** Whether one value of the request matches one value of the policy; undefined: the policy's value is unreadable. */
  readonly matches: (policyValue: string, requestValue: string) => boolean | undefined;
  /** `StringNotEquals` and the like: true where no value matches, and where the key is absent. */
  readonly negated: boolean;
}

const equals = (a: string, b: string) => a === b;
const equalsIgnoringCase = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["stringequals", { matches: equals, negated: false }],
  ["stringnotequals", { matches: equals, negated: true }],
  ["stringequalsignorecase", { matches: equalsIgnoringCase, negated: false }],
  ["stringnotequalsignorecase", { matches: equalsIgnoringCase, negated: true }],
  ["stringlike", { matches: globMatches, negated: false }],
  ["stringnotlike", { matches: globMatches, negated: true }],
  // ArnEquals and ArnLike behave identically.
  ["arnequals", { matches: arnMatches, negated: false }],
  ["arnlike", { matches: arnMatches, negated: false }],
  ["arnnotequals", { matches: arnMatches, negated: true }],
  ["arnnotlike", { matches: arnMatches, negated: true }],
  ["bool", { matches: boolMatches, negated: false }],
]);

/** Whether one line of a Condition block holds. */
export function conditionHolds(
  condition: Condition,
  context: RequestContext,
  version: PolicyDocument["version"],
): Truth {
  const { quantifier, name, ifExists } = readOperator(condition.operator);
  const present = lookUp(context, condition.key);
  const { values } = condition;
  if (values === undefined) return unknown(condition.key);
  if (name === "null")
    return quantifier || ifExists ? unknown(condition.key) : nullHolds(values, present, condition.key);
  const operator = OPERATORS.get(name);
  if (!operator) return unknown(condition.key);
  const variables = values.flatMap((v) => variablesIn(v, version));
  return forEachPossible(present, condition.key, (state) => {
    if (state.kind === "absent")
      return known(ifExists || (quantifier ? quantifier === "forallvalues" : operator.negated));
    if (variables.length > 0) return unknown(condition.key, ...variables);
    return holdsForValues(operator, quantifier, values, state.values, condition.key);
  });
}

function readOperator(text: string): { quantifier: string | undefined; name: string; ifExists: boolean } {
  const lower = text.toLowerCase();
  const colon = lower.indexOf(":");
  const quantifier = colon < 0 ? undefined : lower.slice(0, colon);
  const rest = colon < 0 ? lower : lower.slice(colon + 1);
  const ifExists = rest.endsWith("ifexists");
  return { quantifier, name: ifExists ? rest.slice(0, -"ifexists".length) : rest, ifExists };
}

type Present = Exclude<ContextValue, { kind: "oneOf" } | { kind: "unknown" }>;

/** Decided only where every possibility decides alike. */
function forEachPossible(present: ContextValue, key: string, test: (state: Present) => Truth): Truth {
  if (present.kind === "unknown") return unknown(key);
  if (present.kind !== "oneOf") return test(present);
  const truths = present.values.map((possible) => forEachPossible(possible, key, test));
  const first = truths[0];
  return first && truths.every((truth) => truth.kind === first.kind) && first.kind !== "unknown" ? first : unknown(key);
}

function holdsForValues(
  operator: Operator,
  quantifier: string | undefined,
  policyValues: readonly string[],
  requestValues: readonly string[],
  key: string,
): Truth {
  const matchesOne = (requestValue: string): Truth => {
    const matched = any(
      policyValues.map((policyValue) => {
        const matches = operator.matches(policyValue, requestValue);
        return matches === undefined ? unknown(key) : known(matches);
      }),
    );
    return operator.negated ? not(matched) : matched;
  };
  const truths = requestValues.map(matchesOne);
  switch (quantifier) {
    case "foranyvalue":
      return any(truths);
    case "forallvalues":
      return all(truths);
    case undefined:
      // Without a quantifier AWS documents single-valued keys only.
      return truths.length === 1 ? (truths[0] ?? NO) : unknown(key);
    default:
      return unknown(key);
  }
}

function nullHolds(values: readonly string[], present: ContextValue, key: string): Truth {
  return any(
    values.map((text) => {
      const wanted = readBool(text);
      if (wanted === undefined) return unknown(key);
      return forEachPossible(present, key, (state) => ((state.kind === "absent") === wanted ? YES : NO));
    }),
  );
}

function readBool(text: string): boolean | undefined {
  const lower = text.toLowerCase();
  return lower === "true" ? true : lower === "false" ? false : undefined;
}

function boolMatches(policyValue: string, requestValue: string): boolean | undefined {
  const wanted = readBool(policyValue);
  return wanted === undefined ? undefined : wanted === readBool(requestValue);
}

/** Each of an ARN's six parts is matched by itself: a `*` does not reach over a colon into the next part. */
function arnMatches(pattern: string, text: string): boolean | undefined {
  const patternParts = sixParts(pattern);
  const textParts = sixParts(text);
  if (!patternParts) return pattern === "*" ? true : undefined;
  if (!textParts) return false;
  return patternParts.every((part, i) => globMatches(part, textParts[i] ?? ""));
}

function sixParts(text: string): readonly string[] | undefined {
  const parts = text.split(":");
  return parts.length < 6 ? undefined : [...parts.slice(0, 5), parts.slice(5).join(":")];
}
