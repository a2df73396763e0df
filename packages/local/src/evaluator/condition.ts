import { OPERATORS, type Operator } from "./operators.ts";
import type { Context } from "./pattern.ts";
import { texts } from "./texts.ts";

/**
 * Whether a statement's `Condition` holds for a request of which everything is known. All operators and all keys
 * of a condition must hold; of the values of one key, any.
 *
 * Throws for an operator that it does not know: a guess either way would let a policy pass for what it is not.
 */
export function conditionHolds(condition: unknown, context: Context, variables: Context | undefined): boolean {
  if (condition === undefined) return true;
  for (const [operator, keys] of entries(condition, "Condition")) {
    for (const [key, value] of entries(keys, operator)) {
      const wanted = texts(value, key) ?? [];
      if (!holds(operator, context[key.toLowerCase()], wanted, variables)) return false;
    }
  }
  return true;
}

type Quantifier = "none" | "ForAnyValue" | "ForAllValues";

function holds(
  name: string,
  actual: readonly string[] | undefined,
  wanted: readonly string[],
  variables: Context | undefined,
): boolean {
  if (name === "Null") return wanted.some((value) => (value.toLowerCase() === "true") === (actual === undefined));

  const { quantifier, operator, ifExists } = read(name);
  if (actual === undefined && ifExists) return true;

  const fits = (value: string) => wanted.some((want) => operator.test(want, value, variables)) !== operator.negated;
  switch (quantifier) {
    case "ForAnyValue":
      return (actual ?? []).some(fits);
    case "ForAllValues":
      // True of no values at all, which is why AWS warns of it in an Allow.
      return (actual ?? []).every(fits);
    case "none":
      if (actual === undefined) return operator.negated;
      return operator.negated ? actual.every(fits) : actual.some(fits);
    default:
      return quantifier satisfies never;
  }
}

function read(name: string): { quantifier: Quantifier; operator: Operator; ifExists: boolean } {
  const parts = /^(?:(ForAnyValue|ForAllValues):)?([A-Za-z]+?)(IfExists)?$/.exec(name);
  const operator = OPERATORS.get(parts?.[2] ?? "");
  if (!parts || !operator) throw new Error(`a condition operator that is not known: \`${name}\``);
  const quantifier = parts[1] === "ForAnyValue" || parts[1] === "ForAllValues" ? parts[1] : "none";
  return { quantifier, operator, ifExists: parts[3] !== undefined };
}

/** Whether IAM's grammar has an operator of this name. */
export function isConditionOperator(name: string): boolean {
  if (name === "Null") return true;
  const parts = /^(?:(?:ForAnyValue|ForAllValues):)?([A-Za-z]+?)(?:IfExists)?$/.exec(name);
  return OPERATORS.has(parts?.[1] ?? "");
}

function entries(value: unknown, element: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`\`${element}\` must be an object, it is \`${JSON.stringify(value)}\``);
  }
  return Object.entries(value);
}
