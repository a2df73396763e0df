import type { KillSwitch } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { line, time } from "./schema.ts";
import { itemKey, readItem, type Table } from "./table.ts";

export const killSwitchActions = { read: ["dynamodb:GetItem"] } as const satisfies ActionsOf<KillSwitch>;

const item = z.discriminatedUnion("state", [
  z.object({ state: z.literal("paused"), reason: line.default(""), by: line.default(""), at: time.optional() }),
  z.object({ state: z.literal("running") }),
]);

/**
 * The switch is one item, `{"v":1,"pk":"GUARD","sk":"SWITCH","state":"paused","reason":…,"by":…}`. Without it, or in
 * state `running`, the guard may write; an item that can't be read throws, so that nothing is written.
 */
export function dynamoKillSwitch(table: Table): KillSwitch {
  return {
    async read() {
      const found = await readItem(table, itemKey.killSwitch, item);
      return found?.state === "paused" ? { kind: "paused", reason: found.reason, by: found.by } : { kind: "off" };
    },
  };
}
