import { describe, expect, test } from "vitest";
import { storedGraph } from "./graph.ts";
import { broken } from "./rule.ts";
import { rulesOfAlarms } from "./rules-of-alarms.ts";
import { rulesOfDenies } from "./rules-of-denies.ts";
import { rulesOfFunctions } from "./rules-of-functions.ts";
import { rulesOfQueues } from "./rules-of-queues.ts";
import { rulesOfRoles } from "./rules-of-roles.ts";
import { rulesOfState } from "./rules-of-state.ts";

describe("what would be deployed", () => {
  const ofWork = [...rulesOfQueues, ...rulesOfFunctions, ...rulesOfAlarms];
  for (const rule of [...rulesOfRoles, ...rulesOfDenies, ...rulesOfState, ...ofWork]) {
    test(rule.says, () => {
      expect(rule.brokenBy(storedGraph())).toEqual([]);
      for (const one of rule.breaks) {
        expect(rule.brokenBy(broken(one)), `after changing ${JSON.stringify(one)}`).not.toEqual([]);
      }
    });
  }
});
