import { describe, expect, it } from "vitest";
import { eventPattern } from "../../../packages/local/src/runner/event-pattern.ts";
import cases from "./event-pattern-cases.json" with { type: "json" };

describe("an event pattern", () => {
  for (const { rule, pattern, event, matches, used } of cases) {
    it(rule, () => {
      const match = eventPattern(pattern).match(event);
      expect(match.matched).toBe(matches);
      if (used) expect(match.used).toEqual(used);
    });
  }

  it("lists every leaf, also those that an event does not touch", () => {
    const pattern = eventPattern({ a: ["x", "y"], $or: [{ b: ["z"] }, { c: { d: [{ exists: false }] } }] });
    expect(pattern.leaves).toEqual(['a = "x"', 'a = "y"', 'b = "z"', 'c.d = {"exists":false}']);
  });

  it.each([
    ["a filter that the bus does not know", { a: [{ cidr: "10.0.0.0/8" }] }, "`cidr`"],
    ["two filters in one", { a: [{ prefix: "x", suffix: "y" }] }, "exactly one filter"],
    ["a bare value", { a: "x" }, "`a` must be an object"],
    ["no alternatives", { a: [] }, "no alternative"],
    ["an empty pattern", {}, "is empty"],
    ["half a comparison", { a: [{ numeric: [">"] }] }, "pairs"],
    ["`$or` of one", { $or: [{ a: ["x"] }] }, "at least two"],
    ["a prefix that is no string", { a: [{ prefix: 1 }] }, "takes a string"],
  ])("is refused with %s", (_what, pattern, problem) => {
    expect(() => eventPattern(pattern)).toThrow(problem);
  });
});
