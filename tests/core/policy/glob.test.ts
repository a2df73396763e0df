import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { globMatches } from "../../../packages/core/src/policy/glob.ts";

const text = fc.string({ unit: fc.constantFrom("a", "b", ":"), maxLength: 8 });
const pattern = fc.string({ unit: fc.constantFrom("a", "b", ":", "*", "?"), maxLength: 8 });

describe("a wildcard pattern", () => {
  test("matches as the plain definition says", () => {
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        expect(globMatches(p, t)).toBe(byDefinition(p, t));
      }),
      { numRuns: 3000 },
    );
  });

  test("that was made from a text by putting wildcards into it matches the text", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(text, fc.constantFrom("keep", "*", "?"))), (pieces) => {
        const p = pieces.map(([piece, how]) => (how === "keep" ? piece : how === "*" ? "*" : "?".repeat(piece.length)));
        expect(globMatches(p.join(""), pieces.map(([piece]) => piece).join(""))).toBe(true);
      }),
    );
  });

  test("takes no time that grows out of hand", () => {
    expect(globMatches(`${"a*".repeat(200)}b`, "a".repeat(5000))).toBe(false);
  });
});

function byDefinition(p: string, t: string): boolean {
  if (p === "") return t === "";
  if (p.startsWith("*")) return byDefinition(p.slice(1), t) || (t !== "" && byDefinition(p, t.slice(1)));
  return t !== "" && (p[0] === "?" || p[0] === t[0]) && byDefinition(p.slice(1), t.slice(1));
}
