import type { Rule } from "./rule.ts";
import { rulesOfAlarms } from "./rules-of-alarms.ts";
import { rulesOfCallers } from "./rules-of-callers.ts";
import { rulesOfDenies } from "./rules-of-denies.ts";
import { rulesOfEvents } from "./rules-of-events.ts";
import { rulesOfForwarding } from "./rules-of-forwarding.ts";
import { rulesOfFunctions } from "./rules-of-functions.ts";
import { rulesOfQueues } from "./rules-of-queues.ts";
import { rulesOfRoles } from "./rules-of-roles.ts";
import { rulesOfState } from "./rules-of-state.ts";
import { rulesOfTelling } from "./rules-of-telling.ts";

export const allRules: readonly Rule[] = [
  ...rulesOfRoles,
  ...rulesOfDenies,
  ...rulesOfCallers,
  ...rulesOfState,
  ...rulesOfQueues,
  ...rulesOfEvents,
  ...rulesOfForwarding,
  ...rulesOfFunctions,
  ...rulesOfAlarms,
  ...rulesOfTelling,
];
