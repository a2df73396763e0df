/** What a person reads before a policy is written: the lines that go, the lines that come, and where. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commonPairs } from "../../../packages/core/src/key/common-lines.ts";
import { diffStatements } from "../../../packages/core/src/key/diff.ts";
import type { JsonObject } from "../../../packages/core/src/policy/json.ts";

const ADMIN: JsonObject = { Sid: "Admin", Effect: "Allow", Action: "kms:*" };
const own = (...agents: string[]): JsonObject => ({ Sid: "Own", Effect: "Allow", Agents: agents });

describe("the diff of two policies", () => {
  test("is empty where the statements say the same, in whatever order they and their members stand", () => {
    const turned: JsonObject = { Effect: "Allow", Action: "kms:*", Sid: "Admin" };
    expect(diffStatements([ADMIN, own("a")], [own("a"), turned])).toEqual([]);
  });

  test("shows a new statement whole", () => {
    expect(diffStatements([ADMIN], [ADMIN, own("a")])).toEqual([
      "+ {",
      '+   "Sid": "Own",',
      '+   "Effect": "Allow",',
      '+   "Agents": [',
      '+     "a"',
      "+   ]",
      "+ }",
    ]);
  });

  test("shows a removed statement whole, after what comes", () => {
    const lines = diffStatements([own("a"), ADMIN], [{ ...ADMIN, Sid: "Root" }]);
    expect(lines).toEqual([
      ...["+ {", '+   "Sid": "Root",', '+   "Effect": "Allow",', '+   "Action": "kms:*"', "+ }"],
      ...["- {", '-   "Sid": "Own",', '-   "Effect": "Allow",', '-   "Agents": [', '-     "a"', "-   ]", "- }"],
      ...["- {", '-   "Sid": "Admin",', '-   "Effect": "Allow",', '-   "Action": "kms:*"', "- }"],
    ]);
  });

  test("shows a changed statement once, where its Sid stays; an added agent is one added line", () => {
    expect(diffStatements([own("a", "b")], [own("a", "b", "c")])).toEqual([
      "  {",
      '    "Sid": "Own",',
      '    "Effect": "Allow",',
      '    "Agents": [',
      '      "a",',
      '      "b",',
      '+     "c"',
      "    ]",
      "  }",
    ]);
  });

  test("takes a comma at a line's end for no difference, and one within it for a part of the text", () => {
    expect(diffStatements([own("a,b")], [own("a,b", "c")]).slice(4, 6)).toEqual(['      "a,b",', '+     "c"']);
    expect(diffStatements([own("a,b")], [own("ab")]).slice(4, 6)).toEqual(['-     "a,b"', '+     "ab"']);
  });

  test("shows what goes before what comes in its place", () => {
    expect(diffStatements([own("a", "b", "c")], [own("a", "x", "c")]).slice(4, 8)).toEqual([
      '      "a",',
      '-     "b",',
      '+     "x",',
      '      "c"',
    ]);
  });

  test("takes each former statement once: a second one of its Sid is new", () => {
    const lines = diffStatements([own("a")], [own("a", "b"), own("c")]);
    expect(lines.filter((line) => line.endsWith('"Sid": "Own",'))).toEqual(['    "Sid": "Own",', '+   "Sid": "Own",']);
  });

  test("takes no statement without a Sid for the former of another", () => {
    const lines = diffStatements([{ Effect: "Deny" }], [{ Effect: "Allow" }]);
    expect(lines).toEqual(["+ {", '+   "Effect": "Allow"', "+ }", "- {", '-   "Effect": "Deny"', "- }"]);
  });

  test("reads back as both policies, and keeps as many lines as can be kept", () => {
    const list = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });
    fc.assert(
      fc.property(list, list, (before, after) => {
        fc.pre(before.join() !== after.join());
        const lines = diffStatements([own(...before)], [own(...after)]);
        const side = (sign: string) =>
          lines.flatMap((l) => (l.startsWith(sign) || l.startsWith("  ") ? [l.slice(2)] : []));
        expect(side("+ ").map(withoutComma)).toEqual(linesOf(own(...after)));
        expect(side("- ").map(withoutComma)).toEqual(linesOf(own(...before)));
        const kept = lines.filter((line) => line.startsWith("  ")).length;
        expect(kept).toBe(longestInCommon(linesOf(own(...before)), linesOf(own(...after))));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the lines in common", () => {
  test.each<[string, string, string, number]>([
    ["nothing and nothing", "", "", 0],
    ["nothing and something", "", "ab", 0],
    ["something and nothing", "ab", "", 0],
    ["two that share nothing", "ab", "cd", 0],
    ["the same", "abc", "abc", 3],
    ["one in the midst of others", "c", "abcba", 1],
    ["others around one", "abcba", "c", 1],
    ["one that only stands further on", "xby", "xcyb", 2],
    ["the two ends", "abxcd", "abyzcd", 4],
    ["one run in two, which counts once", "aaa", "aaaaa", 3],
    ["a list turned round", "abcdef", "fedcba", 1],
    ["every second one", "abcdefgh", "bxdyfzhw", 4],
    ["what crosses, of which the longer run stays", "abcXY", "XYabc", 3],
    ["what crosses, the other way", "XYabc", "abcXY", 3],
  ])("of %s", (_what, a, b, most) => {
    const pairs = commonPairs([...a], [...b]);
    expect(pairs).toHaveLength(most);
    for (const [n, [i, j]] of pairs.entries()) {
      const [formerI, formerJ] = pairs[n - 1] ?? [-1, -1];
      expect(a[i]).toBe(b[j]);
      expect([i > formerI, j > formerJ]).toEqual([true, true]);
    }
  });

  test("are found in lists as long as a policy can hold, turned round", () => {
    const ids = Array.from({ length: 5000 }, (_, i) => `${i}`);
    expect(commonPairs(ids, ids.toReversed())).toHaveLength(1);
  });
});

function linesOf(statement: JsonObject): readonly string[] {
  return JSON.stringify(statement, null, 2).split("\n").map(withoutComma);
}

function withoutComma(line: string): string {
  return line.replace(/,$/, "");
}

/** By its definition. */
function longestInCommon(a: readonly string[], b: readonly string[]): number {
  const rows: number[][] = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (const [i, left] of a.entries()) {
    for (const [j, right] of b.entries()) {
      const [above = [], here = []] = [rows[i], rows[i + 1]];
      here[j + 1] = left === right ? (above[j] ?? 0) + 1 : Math.max(above[j + 1] ?? 0, here[j] ?? 0);
    }
  }
  return rows.at(-1)?.at(-1) ?? 0;
}
