/**
 * Condition operators, each a row of one table; three-valued throughout.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import type { Condition, PolicyDocument } from "./document.ts";
import { arnGlobMatches, arnParts, globMatches, variablesIn } from "./glob.ts";
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
  ["StringEquals", { matches: equals, negated: false }],
  ["StringNotEquals", { matches: equals, negated: true }],
  ["StringEqualsIgnoreCase", { matches: equalsIgnoringCase, negated: false }],
  ["StringNotEqualsIgnoreCase", { matches: equalsIgnoringCase, negated: true }],
  ["StringLike", { matches: globMatches, negated: false }],
  ["StringNotLike", { matches: globMatches, negated: true }],
  // ArnEquals and ArnLike behave identically.
  ["ArnEquals", { matches: arnMatches, negated: false }],
  ["ArnLike", { matches: arnMatches, negated: false }],
  ["ArnNotEquals", { matches: arnMatches, negated: true }],
  ["ArnNotLike", { matches: arnMatches, negated: true }],
  ["Bool", { matches: boolMatches, negated: false }],
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
  if (name === "Null") {
    return quantifier || ifExists ? unknown(condition.key) : nullHolds(values, present, condition.key);
  }
  const operator = OPERATORS.get(name);
  if (!operator || (quantifier !== undefined && !QUANTIFIERS.has(quantifier))) return unknown(condition.key);
  const variables = values.flatMap((v) => variablesIn(v, version));
  return forEachPossible(present, condition.key, (state) => {
    if (state.kind === "absent" && ifExists) return YES;
    // Whether a key without values "exists" is said nowhere.
    if (state.kind === "known" && state.values.length === 0 && ifExists) return unknown(condition.key);
    // A variable that can't be resolved may void the whole statement, so it counts for an absent key too.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    if (variables.length > 0) return unknown(condition.key, ...variables);
    if (state.kind === "absent") return known(quantifier ? quantifier === "ForAllValues" : operator.negated);
    return holdsForValues(operator, quantifier, values, state.values, condition.key);
  });
}

const QUANTIFIERS = new Set(["ForAnyValue", "ForAllValues"]);

/** AWS does not say that operators may be written in other letters: one that is, is not understood. */
function readOperator(text: string): { quantifier: string | undefined; name: string; ifExists: boolean } {
  const colon = text.indexOf(":");
  const quantifier = colon < 0 ? undefined : text.slice(0, colon);
  const rest = text.slice(colon + 1);
  const ifExists = rest.endsWith("IfExists");
  return { quantifier, name: ifExists ? rest.slice(0, -"IfExists".length) : rest, ifExists };
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
    // With a quantifier AWS counts an empty text as no value, at least in places.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    if (quantifier && requestValue === "") return unknown(key);
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
    case "ForAnyValue":
      return any(truths);
    case "ForAllValues":
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
      return forEachPossible(present, key, (state) => {
        if (state.kind === "absent") return known(wanted);
        return state.values.every((text) => text === "") ? unknown(key) : known(!wanted);
      });
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

function arnMatches(pattern: string, text: string): boolean | undefined {
  return arnParts(pattern).length === 6 ? arnGlobMatches(pattern, text) : undefined;
}
