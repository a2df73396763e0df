/**
 * Condition operators, each a row of one table; three-valued throughout.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import type { Condition } from "./document.ts";
import { all, any, known, not, type Truth, unknown, YES } from "./kleene.ts";
import { OPERATORS, type Operator } from "./operators.ts";
import { type ContextValue, lookUp, type RequestContext } from "./request.ts";
import { readBool } from "./values.ts";
import { arnPatternMatches, matchesResolved, splitTemplate, stands, type Variables } from "./variables.ts";

/** Whether one line of a Condition block holds. */
export function conditionHolds(condition: Condition, context: RequestContext, variables: Variables): Truth {
  const { quantifier, name, ifExists } = readOperator(condition.operator);
  const { key, values } = condition;
  // AWS has variables in values, not in the names of keys.
  if (values === undefined || key.includes("${")) return unknown(key);
  const present = lookUp(context, key);
  if (name === "Null") return quantifier || ifExists ? unknown(key) : nullHolds(values, present, key);
  const operator = OPERATORS.get(name);
  if (!operator || (quantifier !== undefined && !QUANTIFIERS.has(quantifier))) return unknown(key);
  const valid = stands(values, variables);
  const matchesAny = matcher(operator, values, key, variables);
  return forEachPossible(present, key, (state) => {
    // AWS names IfExists as the way to keep a variable without a value from making the statement invalid.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
    if (state.kind === "absent" && ifExists) return YES;
    // Whether a key without values "exists" is said nowhere.
    if (state.kind === "known" && state.values.length === 0 && ifExists) return unknown(key);
    const holds =
      state.kind === "absent"
        ? known(quantifier ? quantifier === "ForAllValues" : operator.negated)
        : holdsForValues(matchesAny, quantifier, state.values, key);
    return all([holds, valid]);
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
  const [first] = truths;
  return first && truths.every((truth) => truth.kind === first.kind) ? first : unknown(key);
}

/** Whether the operator holds for one value of the request: for one of the policy's, or, negated, for none of them. */
function matcher(
  { comparison, negated }: Operator,
  policyValues: readonly string[],
  key: string,
  variables: Variables,
): (requestValue: string) => Truth {
  const matchesOne = (policyValue: string, requestValue: string): Truth => {
    switch (comparison.kind) {
      case "text":
        return matchesResolved(variables(policyValue), (pattern) => comparison.matches(pattern, requestValue));
      case "arn":
        return isArnTemplate(policyValue) ? arnPatternMatches(policyValue, requestValue, variables) : unknown(key);
      case "value": {
        const matches = comparison.matches(policyValue, requestValue);
        return matches === undefined ? unknown(key) : known(matches);
      }
      default:
        return comparison satisfies never;
    }
  };
  return (requestValue) => {
    const matched = any(eachOf(policyValues, (policyValue) => matchesOne(policyValue, requestValue)));
    return negated ? not(matched) : matched;
  };
}

/** One by one: a long list is read no further than to the value that settles it. */
function* eachOf(texts: readonly string[], test: (text: string) => Truth): Generator<Truth> {
  for (const text of texts) yield test(text);
}

function isArnTemplate(text: string): boolean {
  return splitTemplate(text).length === 6;
}

function holdsForValues(
  matches: (requestValue: string) => Truth,
  quantifier: string | undefined,
  requestValues: readonly string[],
  key: string,
): Truth {
  // With a quantifier AWS counts an empty text as no value, at least in places.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
  const truths = requestValues.map((value) => (quantifier && value === "" ? unknown(key) : matches(value)));
  if (quantifier === "ForAnyValue") return any(truths);
  if (quantifier === "ForAllValues") return all(truths);
  // Without a quantifier AWS documents single-valued keys only.
  const [only, ...more] = truths;
  return only && more.length === 0 ? only : unknown(key);
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
