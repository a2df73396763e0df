import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { KillSwitch, KillSwitchLever, Pause } from "@bedrock-key-guard/core/ports.ts";
import * as z from "zod";
import type { ActionsOf } from "./actions.ts";
import { time, VERSION, words } from "./schema.ts";
import { calling, itemKey, readItem, type Table } from "./table.ts";

export const killSwitchActions = { read: ["dynamodb:GetItem"] } as const satisfies ActionsOf<KillSwitch>;

/** What a person's own credentials need; no role of the guard has them for this item. */
export const killSwitchLeverActions = {
  pause: ["dynamodb:PutItem"],
  resume: ["dynamodb:DeleteItem"],
} as const satisfies ActionsOf<KillSwitchLever>;

const item = z.discriminatedUnion("state", [
  z.object({ state: z.literal("paused"), reason: words.default(""), by: words.default(""), at: time.optional() }),
  z.object({ state: z.literal("running") }),
]);

/**
 * The switch is one item, `{"v":1,"pk":"GUARD","sk":"SWITCH","state":"paused","reason":…,"by":…}`. Without it, or in
 * state `running`, the guard may write; an item that can't be read throws, so that nothing is written.
 */
export function dynamoKillSwitch(table: Table): KillSwitch {
  return {
    async read(): Promise<Pause> {
      const found = await readItem(table, itemKey.killSwitch, item);
      return found?.state === "paused" ? { kind: "paused", reason: found.reason, by: found.by } : { kind: "off" };
    },
  };
}

/** Overwrites and deletes whatever stands there, also an item that can't be read: a person decides. */
export function dynamoKillSwitchLever(table: Table): KillSwitchLever {
  const key = itemKey.killSwitch;
  return {
    async pause(by: string, reason: string, at: string): Promise<void> {
      const paused: z.input<typeof item> = { state: "paused", by, reason, at };
      const put = new PutCommand({ TableName: table.name, Item: { v: VERSION, ...key, ...paused } });
      await calling("dynamodb:PutItem", key, () => table.client.send(put));
    },

    async resume(): Promise<void> {
      const remove = new DeleteCommand({ TableName: table.name, Key: key });
      await calling("dynamodb:DeleteItem", key, () => table.client.send(remove));
    },
  };
}
