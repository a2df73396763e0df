/**
 * Condition operators, a row each.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { rangeHolds } from "./address.ts";
import { known, type Truth } from "./kleene.ts";
import { readBinary, readBool, readInstant, readNumber } from "./values.ts";
import { type Pattern, patternMatches } from "./variables.ts";

/** Whether one value of the request matches one value of the policy. */
export type Comparison =
  /** Texts, the policy's with its variables put in. */
  | { readonly kind: "text"; readonly matches: (wanted: Pattern, actual: string) => Truth }
  /** ARNs, part by part. */
  | { readonly kind: "arn" }
  /** Values that have no variables; undefined: one of them can't be read. */
  | { readonly kind: "value"; readonly matches: (wanted: string, actual: string) => boolean | undefined };

export interface Operator {
  readonly comparison: Comparison;
  /** `StringNotEquals` and the like: true where no value matches, and where the key is absent. */
  readonly negated: boolean;
}

function is(comparison: Comparison): Operator {
  return { comparison, negated: false };
}

function isNot(comparison: Comparison): Operator {
  return { comparison, negated: true };
}

const equals: Comparison = { kind: "text", matches: (wanted, actual) => known(wanted.text === actual) };
const equalsIgnoringCase: Comparison = {
  kind: "text",
  matches: (wanted, actual) => known(wanted.text.toLowerCase() === actual.toLowerCase()),
};
const like: Comparison = { kind: "text", matches: patternMatches };
const arn: Comparison = { kind: "arn" };

function read<T>(
  reader: (text: string) => T | undefined,
  compare: (actual: T, wanted: T) => boolean,
): Extract<Comparison, { kind: "value" }> {
  return {
    kind: "value",
    matches: (wanted, actual) => {
      const [a, w] = [reader(actual), reader(wanted)];
      return a === undefined || w === undefined ? undefined : compare(a, w);
    },
  };
}

const same = <T>(actual: T, wanted: T) => actual === wanted;
const less = (actual: number, wanted: number) => actual < wanted;
const lessOrSame = (actual: number, wanted: number) => actual <= wanted;
const more = (actual: number, wanted: number) => actual > wanted;
const moreOrSame = (actual: number, wanted: number) => actual >= wanted;

const number = (compare: (actual: number, wanted: number) => boolean) => read(readNumber, compare);
const date = (compare: (actual: number, wanted: number) => boolean) => read(readInstant, compare);

const bool: Comparison = {
  kind: "value",
  matches: (wanted, actual) => {
    const truth = readBool(wanted);
    return truth === undefined ? undefined : truth === readBool(actual);
  },
};

const address: Comparison = { kind: "value", matches: rangeHolds };

/** Every operator but `Null`, which asks for a key's presence and not for its value. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["StringEquals", is(equals)],
  ["StringNotEquals", isNot(equals)],
  ["StringEqualsIgnoreCase", is(equalsIgnoringCase)],
  ["StringNotEqualsIgnoreCase", isNot(equalsIgnoringCase)],
  ["StringLike", is(like)],
  ["StringNotLike", isNot(like)],
  // ArnEquals and ArnLike behave identically.
  ["ArnEquals", is(arn)],
  ["ArnLike", is(arn)],
  ["ArnNotEquals", isNot(arn)],
  ["ArnNotLike", isNot(arn)],
  ["NumericEquals", is(number(same))],
  ["NumericNotEquals", isNot(number(same))],
  ["NumericLessThan", is(number(less))],
  ["NumericLessThanEquals", is(number(lessOrSame))],
  ["NumericGreaterThan", is(number(more))],
  ["NumericGreaterThanEquals", is(number(moreOrSame))],
  ["DateEquals", is(date(same))],
  ["DateNotEquals", isNot(date(same))],
  ["DateLessThan", is(date(less))],
  ["DateLessThanEquals", is(date(lessOrSame))],
  ["DateGreaterThan", is(date(more))],
  ["DateGreaterThanEquals", is(date(moreOrSame))],
  ["Bool", is(bool)],
  ["BinaryEquals", is(read(readBinary, same))],
  ["IpAddress", is(address)],
  ["NotIpAddress", isNot(address)],
]);
