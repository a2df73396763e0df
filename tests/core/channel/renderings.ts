/** One alert in every channel, as text, with what would make the channel refuse it. */
import type { Alert } from "../../../packages/core/src/alert/alert.ts";
import type { FindingEvent } from "../../../packages/core/src/alert/ports.ts";
import { attributesOf } from "../../../packages/core/src/channel/attributes.ts";
import { chatNotificationOf } from "../../../packages/core/src/channel/chat.ts";
import { emailOf } from "../../../packages/core/src/channel/email.ts";
import { busEventOf } from "../../../packages/core/src/channel/event.ts";
import { slackMessageOf } from "../../../packages/core/src/channel/slack.ts";
import { faultsOfAttributes } from "./validate-attributes.ts";
import { faultsOfChat } from "./validate-chat.ts";
import { faultsOfEmail } from "./validate-email.ts";
import { faultsOfEvent } from "./validate-event.ts";
import { faultsOfSlack } from "./validate-slack.ts";

export interface Rendering {
  readonly channel: "email" | "slack" | "chat" | "attributes" | "event";
  readonly ending: "txt" | "json";
  readonly text: string;
  readonly faults: readonly string[];
}

export function ofAlert(alert: Alert): readonly Rendering[] {
  const email = emailOf(alert);
  const text = `Subject: ${email.subject}\n\n${email.text}`;
  return [
    { channel: "email", ending: "txt", text, faults: faultsOfEmail(email) },
    json("slack", slackMessageOf(alert), faultsOfSlack),
    json("chat", chatNotificationOf(alert), faultsOfChat),
    json("attributes", attributesOf(alert), faultsOfAttributes),
  ];
}

export function ofEvent(event: FindingEvent): Rendering {
  return json("event", busEventOf(event), faultsOfEvent);
}

/** Judged as what arrives: parsed from JSON. */
function json<T>(channel: Rendering["channel"], value: T, faultsOf: (value: T) => readonly string[]): Rendering {
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  return { channel, ending: "json", text, faults: faultsOf(JSON.parse(text) as T) };
}
