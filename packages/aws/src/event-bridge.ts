import { type EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import type { Events, FindingEvent } from "@bedrock-key-guard/core/alert/ports.ts";
import { busEventOf } from "@bedrock-key-guard/core/channel/event.ts";
import type { ActionsOf } from "./actions.ts";
import { AwsCallError } from "./errors.ts";

export const eventsActions = { emit: ["events:PutEvents"] } as const satisfies ActionsOf<Events>;

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const MOST_ENTRIES = 10;

/** The guard's own events, on the account's default bus, where rules of anybody's find them. */
export function eventBridgeEvents(client: EventBridgeClient): Events {
  return {
    async emit(events: readonly FindingEvent[]): Promise<void> {
      for (let from = 0; from < events.length; from += MOST_ENTRIES) {
        await put(client, events.slice(from, from + MOST_ENTRIES));
      }
    },
  };
}

/** EventBridge takes some entries of a call and not others, and answers with success. */
async function put(client: EventBridgeClient, events: readonly FindingEvent[]): Promise<void> {
  const entries = events.map((event) => {
    const { source, detailType, time, resources, detail } = busEventOf(event);
    return {
      Source: source,
      DetailType: detailType,
      Time: new Date(time),
      Resources: [...resources],
      Detail: JSON.stringify(detail),
    };
  });
  try {
    const { FailedEntryCount = 0, Entries = [] } = await client.send(new PutEventsCommand({ Entries: entries }));
    if (FailedEntryCount === 0) return;
    const refused = Entries.find(({ ErrorCode }) => ErrorCode !== undefined);
    throw new Error(
      `${FailedEntryCount} of ${entries.length} events were not taken: ${refused?.ErrorCode} ${refused?.ErrorMessage ?? ""}`,
    );
  } catch (error) {
    throw new AwsCallError("events:PutEvents", "default", error);
  }
}
