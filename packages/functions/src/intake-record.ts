import { isOwnMessage, parseJson, parseLookAgain } from "@bedrock-key-guard/aws/messages.ts";
import type { AccountId } from "@bedrock-key-guard/core/arn.ts";
import { type IntakePorts, type IntakeSettings, takeIn } from "@bedrock-key-guard/core/intake/intake.ts";
import type { SQSRecord } from "aws-lambda";
import { readEvent } from "./cloudtrail.ts";
import { done, type Handled } from "./lib/partial-batch.ts";

export interface IntakeRecordSettings extends IntakeSettings {
  /** The guard's own. */
  readonly account: AccountId;
}

/**
 * Handles one message of the intake queue: an event of EventBridge, or a job that was put there to wait. The job's
 * attempt was counted when it was put there.
 */
export function intakeRecord(
  ports: IntakePorts,
  settings: IntakeRecordSettings,
): (record: SQSRecord) => Promise<Handled> {
  return async ({ body, messageId }) => {
    const json = parseJson(body);
    if (json.kind === "malformed") return json;
    if (isOwnMessage(json.value)) {
      const job = parseLookAgain(json.value);
      if (job.kind === "malformed") return job;
      await ports.keyQueue.lookAt(job.value);
      return done;
    }
    const reading = readEvent(json.value, settings.account);
    switch (reading.kind) {
      case "malformed":
        return reading;
      case "ignored":
        ports.log.info("an event is dropped", { messageId, reason: reading.reason });
        return done;
      case "event": {
        const { cause } = reading.event;
        const outcome = await takeIn(reading.event, ports, settings);
        ports.log.info("an event is taken in", { messageId, eventId: cause.id, eventName: cause.eventName, outcome });
        return done;
      }
      default:
        return reading satisfies never;
    }
  };
}
