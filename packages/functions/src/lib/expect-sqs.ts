import type middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";

/** Refuses an invocation that doesn't come from a queue: Lambda would take the answer for a success. */
export function expectSqs(): middy.MiddlewareObj<SQSEvent, SQSBatchResponse> {
  return {
    before: ({ event }) => {
      if (!isSqsEvent(event))
        throw new Error("the event has no SQS records; this function is invoked by its queue only");
    },
  };
}

export function isSqsEvent(event: unknown): event is SQSEvent {
  return typeof event === "object" && event !== null && "Records" in event && Array.isArray(event.Records);
}
