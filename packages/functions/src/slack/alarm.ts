import type { Parsed } from "@bedrock-key-guard/aws/messages.ts";
import { reasonOf } from "@bedrock-key-guard/aws/schema.ts";
import type { Alarm } from "@bedrock-key-guard/core/channel/slack.ts";
import * as z from "zod";

const alarm: z.ZodType<Alarm> = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.string(),
  NewStateReason: z.string(),
  StateChangeTime: z.string().nullish(),
  AWSAccountId: z.string().nullish(),
  Region: z.string().nullish(),
});

export function isAlarm(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "AlarmName");
}

export function parseAlarm(value: unknown): Parsed<Alarm> {
  const parsed = alarm.safeParse(value);
  return parsed.success
    ? { kind: "parsed", value: parsed.data }
    : { kind: "malformed", reason: `not a cloudwatch alarm: ${reasonOf(parsed.error)}` };
}
