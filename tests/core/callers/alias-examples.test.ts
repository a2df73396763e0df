/** Alias ids that stand for all. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { aliasExamples } from "../../../packages/core/src/callers/alias-examples.ts";
import { globMatches } from "../../../packages/core/src/policy/glob.ts";
import { runs } from "../laws/runs.ts";

const letter = fc.constantFrom("A", "B", "0");
const id = fc.array(letter, { minLength: 10, maxLength: 10 }).map((letters) => letters.join(""));
const pattern = fc.oneof(
  fc.array(fc.oneof(letter, fc.constantFrom("*", "*", "?")), { minLength: 1, maxLength: 8 }).map((all) => all.join("")),
  id,
  fc.tuple(id, fc.nat(9)).map(([text, at]) => `${text.slice(0, at)}*`),
);
const fitOf = (patterns: readonly string[], text: string) => patterns.map((one) => globMatches(one, text)).join();

test("whichever of the patterns an alias fits, an example fits the same ones", () => {
  fc.assert(
    fc.property(fc.array(pattern, { minLength: 1, maxLength: 4 }), id, (patterns, alias) => {
      const examples = aliasExamples(patterns);
      if (examples.length > 0) expect(examples.map((one) => fitOf(patterns, one))).toContain(fitOf(patterns, alias));
      else for (const one of patterns) expect(globMatches(one, alias)).toBe(false);
    }),
    runs(1000),
  );
});

test("each example is an alias's id, and fits others of the patterns than the next", () => {
  fc.assert(
    fc.property(fc.array(pattern, { minLength: 1, maxLength: 4 }), (patterns) => {
      const examples = aliasExamples(patterns);
      for (const one of examples) expect(one).toMatch(/^[0-9a-zA-Z]{10}$/);
      const fits = examples.map((one) => fitOf(patterns, one));
      expect(new Set(fits).size).toBe(fits.length);
    }),
    runs(500),
  );
});

test("patterns that would take too long together have an example each", () => {
  const many = Array.from({ length: 12 }, (_, i) => `*${"ABCDEFGHIJKL"[i]}*${"MNOPQRSTUVWX"[i]}*`);
  const start = performance.now();
  const examples = aliasExamples(many);
  expect(performance.now() - start).toBeLessThan(5000);
  for (const one of many) expect(examples.some((example) => globMatches(one, example))).toBe(true);
});

test("what is no pattern of an id is passed over", () => {
  expect(aliasExamples(["", "a-b", "${aws:username}", "ABCDEFGHIJK"])).toEqual([]);
  expect(aliasExamples(["ABCDEFGHIJ"])).toContain("ABCDEFGHIJ");
});
