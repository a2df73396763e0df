import { BlockList, isIP } from "node:net";
import { arnParts, type Context, isExactly, isLike } from "./pattern.ts";

/** Whether one value of the policy fits one value of the request. */
type Test = (wanted: string, actual: string, variables: Context | undefined) => boolean;

/** A negated operator holds where no value of the policy fits. */
export interface Operator {
  readonly test: Test;
  readonly negated: boolean;
}

const equals: Test = (wanted, actual, variables) => isExactly(wanted, actual, variables);
const equalsIgnoringCase: Test = (wanted, actual, variables) =>
  isExactly(wanted.toLowerCase(), actual.toLowerCase(), variables);
const like: Test = (wanted, actual, variables) => isLike(wanted, actual, variables);

/** Part by part, in `ArnEquals` and `ArnLike` alike: a wildcard never reaches over a colon of the first five. */
const arnLike: Test = (wanted, actual, variables) => {
  const want = arnParts(wanted);
  const have = arnParts(actual);
  if (want.length !== 6 || have.length !== 6) return false;
  return want.every((part, index) => isLike(part, have[index] ?? "", variables));
};

/** Both sides are Base64; what counts is the bytes. */
const binary: Test = (wanted, actual) => Buffer.from(wanted, "base64").equals(Buffer.from(actual, "base64"));

const bool: Test = (wanted, actual) => wanted.toLowerCase() === actual.toLowerCase();

function numeric(compare: (actual: number, wanted: number) => boolean): Test {
  return (wanted, actual) => {
    if (wanted.trim() === "" || actual.trim() === "") return false;
    // A text that is no number gives NaN, which compares as false with everything, itself too.
    return compare(Number(actual), Number(wanted));
  };
}

/** ISO 8601, or seconds since 1970. */
function instant(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function date(compare: (actual: number, wanted: number) => boolean): Test {
  return (wanted, actual) => compare(instant(actual), instant(wanted));
}

const ipAddress: Test = (wanted, actual) => {
  const family = isIP(actual) === 6 ? "ipv6" : isIP(actual) === 4 ? "ipv4" : undefined;
  const [network = "", bits] = wanted.split("/");
  const networkFamily = isIP(network) === 6 ? "ipv6" : isIP(network) === 4 ? "ipv4" : undefined;
  if (!family || family !== networkFamily) return false;
  const range = new BlockList();
  range.addSubnet(network, bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family);
  return range.check(actual, family);
};

const same = (actual: number, wanted: number) => actual === wanted;
const less = (actual: number, wanted: number) => actual < wanted;
const lessOrSame = (actual: number, wanted: number) => actual <= wanted;
const more = (actual: number, wanted: number) => actual > wanted;
const moreOrSame = (actual: number, wanted: number) => actual >= wanted;

const is = (test: Test): Operator => ({ test, negated: false });
const isNot = (test: Test): Operator => ({ test, negated: true });

/** Every condition operator but `Null`, which asks for a key's presence and not for its value. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["StringEquals", is(equals)],
  ["StringNotEquals", isNot(equals)],
  ["StringEqualsIgnoreCase", is(equalsIgnoringCase)],
  ["StringNotEqualsIgnoreCase", isNot(equalsIgnoringCase)],
  ["StringLike", is(like)],
  ["StringNotLike", isNot(like)],
  ["ArnEquals", is(arnLike)],
  ["ArnLike", is(arnLike)],
  ["ArnNotEquals", isNot(arnLike)],
  ["ArnNotLike", isNot(arnLike)],
  ["Bool", is(bool)],
  ["BinaryEquals", is(binary)],
  ["NumericEquals", is(numeric(same))],
  ["NumericNotEquals", isNot(numeric(same))],
  ["NumericLessThan", is(numeric(less))],
  ["NumericLessThanEquals", is(numeric(lessOrSame))],
  ["NumericGreaterThan", is(numeric(more))],
  ["NumericGreaterThanEquals", is(numeric(moreOrSame))],
  ["DateEquals", is(date(same))],
  ["DateNotEquals", isNot(date(same))],
  ["DateLessThan", is(date(less))],
  ["DateLessThanEquals", is(date(lessOrSame))],
  ["DateGreaterThan", is(date(more))],
  ["DateGreaterThanEquals", is(date(moreOrSame))],
  ["IpAddress", is(ipAddress)],
  ["NotIpAddress", isNot(ipAddress)],
]);
