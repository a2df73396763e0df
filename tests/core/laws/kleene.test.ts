import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { all, any, NO, not, type Truth, unknown, YES } from "../../../packages/core/src/policy/kleene.ts";

const truth: fc.Arbitrary<Truth> = fc.oneof(
  fc.constantFrom(YES, NO),
  fc.array(fc.constantFrom("a", "b"), { maxLength: 2 }).map((on) => unknown(...on)),
);
const truths = fc.array(truth, { maxLength: 4 });

describe("three-valued logic", () => {
  test("`all` is no where one is no, else unknown where one is unknown, else yes", () => {
    fc.assert(
      fc.property(truths, (given) => {
        const kinds = given.map((t) => t.kind);
        const wanted = kinds.includes("no") ? "no" : kinds.includes("unknown") ? "unknown" : "yes";
        expect(all(given).kind).toBe(wanted);
      }),
    );
  });

  test("`any` is the negation of `all` negated", () => {
    fc.assert(
      fc.property(truths, (given) => {
        expect(same(any(given))).toEqual(same(not(all(given.map(not)))));
      }),
    );
  });

  test("negating twice changes nothing", () => {
    fc.assert(
      fc.property(truth, (given) => {
        expect(not(not(given))).toEqual(given);
      }),
    );
  });

  test("order does not matter", () => {
    fc.assert(
      fc.property(truths, (given) => {
        expect(same(all(given))).toEqual(same(all([...given].reverse())));
      }),
    );
  });

  test("grouping does not matter", () => {
    fc.assert(
      fc.property(truths, truths, (a, b) => {
        expect(same(all([all(a), all(b)]))).toEqual(same(all([...a, ...b])));
      }),
    );
  });

  test("what was decided stays decided when an unknown becomes known", () => {
    fc.assert(
      fc.property(truths, fc.constantFrom(YES, NO), (given, answer) => {
        for (const combine of [all, any]) {
          const before = combine(given);
          const after = combine(given.map((t) => (t.kind === "unknown" ? answer : t)));
          if (before.kind !== "unknown") expect(after).toEqual(before);
        }
      }),
    );
  });

  test("an unknown names what it was made of, each once", () => {
    fc.assert(
      fc.property(truths, (given) => {
        const result = all(given);
        if (result.kind !== "unknown") return;
        const names = new Set(given.flatMap((t) => (t.kind === "unknown" ? t.on : [])));
        expect([...result.on].sort()).toEqual([...names].sort());
      }),
    );
  });
});

function same(t: Truth): unknown {
  return t.kind === "unknown" ? { kind: t.kind, on: [...new Set(t.on)].sort() } : t;
}
