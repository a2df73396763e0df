import { expect, test } from "vitest";
import { boolean, positiveInteger, roleArns, share } from "../../packages/functions/src/lib/values.ts";

type Case<T> = readonly [string, T | undefined];

function none(...texts: readonly string[]): readonly Case<never>[] {
  return texts.map((text) => [text, undefined]);
}

test.each<Case<number>>([
  ["1", 1],
  ["20", 20],
  ["999999999", 999_999_999],
  ...none("", "0", "-1", "+1", "01", "1.5", "1e3", " 1", "1 ", "0x10", "twenty", "9999999999"),
])("a positive whole number is written in digits, and nothing else: `%s`", (text, value) => {
  expect(positiveInteger(text)).toBe(value);
});

test.each<Case<number>>([
  ["1", 1],
  ["0.5", 0.5],
  [String(1 / 3), 1 / 3],
  [String(1e-7), 1e-7],
  ...none("", "0", "0.0", "1.01", "2", "-0.5", "1/3", "Infinity", "NaN", ".5", "1e5"),
])("a share is above 0 and at most 1: `%s`", (text, value) => {
  expect(share(text)).toBe(value);
});

test.each<Case<boolean>>([
  ["true", true],
  ["false", false],
  ["", undefined],
  ["True", undefined],
  ["0", undefined],
])("a switch is `true` or `false`, and nothing else: `%s`", (text, value) => {
  expect(boolean(text)).toBe(value);
});

test("roles are arns with commas between them, each of them a role's", () => {
  const [a, b] = ["arn:aws:iam::111122223333:role/guard-intake", "arn:aws:iam::111122223333:role/path/guard-callers"];
  expect(roleArns(`${a},${b}`)).toEqual(new Set([a, b]));
  expect(roleArns(a)).toEqual(new Set([a]));
  const wrong = ["", ",", `${a},`, `${a}, ${b}`, `${a},arn:aws:iam::111122223333:user/ann`, "guard-intake"];
  for (const text of wrong) expect(roleArns(text)).toBeUndefined();
});
