import { randomUUID } from "node:crypto";
import type { EmulatedService, WireRequest } from "../contract.ts";
import type { Emulation } from "./emulation.ts";
import { mustBeAllowed } from "./shared/access.ts";
import { ServiceError } from "./shared/errors.ts";
import { objectList, optionalNumber, optionalText, requiredText, textList } from "./shared/input.ts";
import { isJsonObject, type JsonObject, parseBody, parseJson } from "./shared/json.ts";
import { jsonAnswer, targetOperation } from "./shared/json-protocol.ts";

/** Amazon EventBridge, as far as putting events on the default bus. AWS JSON 1.1. */
export function eventsService(emulation: Emulation): EmulatedService {
  return {
    signingName: "events",
    async handle(request) {
      return jsonAnswer(() => {
        const operation = targetOperation(request, "AWSEvents");
        emulation.faults.raise("events", operation);
        if (operation !== "PutEvents") {
          throw new ServiceError("UnknownOperationException", `\`${operation}\` is not emulated`);
        }
        return putEvents(emulation, request, parseBody(request.body));
      });
    },
  };
}

/** Each entry succeeds or fails on its own: the answer is a success in either case. */
function putEvents(emulation: Emulation, request: WireRequest, input: JsonObject): JsonObject {
  const entries = objectList(input, "Entries");
  if (entries.length < 1 || entries.length > 10) {
    throw new ServiceError("ValidationException", "Entries must have 1 to 10 members");
  }
  const resource = `arn:aws:events:${emulation.region}:${emulation.account}:event-bus/default`;
  for (const entry of entries) {
    // https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
    const context = {
      "events:source": [requiredText(entry, "Source")],
      "events:detail-type": [requiredText(entry, "DetailType")],
    };
    mustBeAllowed(emulation, request, { action: "events:PutEvents", resource, context });
  }
  const results = entries.map((entry) => putEvent(emulation, entry));
  return { FailedEntryCount: results.filter((result) => "ErrorCode" in result).length, Entries: results };
}

function putEvent(emulation: Emulation, entry: JsonObject): JsonObject {
  const bus = optionalText(entry, "EventBusName") ?? "default";
  if (bus !== "default" && !bus.endsWith(":event-bus/default")) {
    return { ErrorCode: "ResourceNotFoundException", ErrorMessage: `Event bus ${bus} does not exist.` };
  }
  const source = requiredText(entry, "Source");
  // Only AWS services speak with such a name.
  if (source.startsWith("aws.")) {
    return { ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source." };
  }
  const detail = readDetail(requiredText(entry, "Detail"));
  if (!detail) return { ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed." };
  const seconds = optionalNumber(entry, "Time", 0, Number.MAX_SAFE_INTEGER);
  emulation.deliver({
    source,
    detailType: requiredText(entry, "DetailType"),
    detail,
    resources: textList(entry, "Resources"),
    time: (seconds === undefined ? emulation.clock.now() : new Date(seconds * 1000)).toISOString(),
  });
  return { EventId: randomUUID() };
}

function readDetail(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
