import { describe, expect, test } from "vitest";
import { allRules } from "./all-rules.ts";
import { storedGraph } from "./graph.ts";
import { broken } from "./rule.ts";

describe("what would be deployed", () => {
  for (const rule of allRules) {
    test(rule.says, () => {
      expect(rule.brokenBy(storedGraph())).toEqual([]);
      for (const one of rule.breaks) {
        expect(rule.brokenBy(broken(one)), `after changing ${JSON.stringify(one)}`).not.toEqual([]);
      }
    });
  }
});
