/** The event that Lambda makes of a batch of messages, and what it reads from the function's answer. */

export interface ReceivedMessage {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly MD5OfBody: string;
  readonly Attributes?: Readonly<Record<string, string>>;
  readonly MessageAttributes?: Readonly<Record<string, MessageAttribute>>;
}

interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export function sqsEvent(messages: readonly ReceivedMessage[], queueArn: string, region: string): object {
  return {
    Records: messages.map((message) => ({
      messageId: message.MessageId,
      receiptHandle: message.ReceiptHandle,
      body: message.Body,
      attributes: message.Attributes ?? {},
      messageAttributes: Object.fromEntries(
        Object.entries(message.MessageAttributes ?? {}).map(([name, attribute]) => [name, lambdaAttribute(attribute)]),
      ),
      md5OfBody: message.MD5OfBody,
      eventSource: "aws:sqs",
      eventSourceARN: queueArn,
      awsRegion: region,
    })),
  };
}

function lambdaAttribute(attribute: MessageAttribute): object {
  return {
    ...(attribute.StringValue === undefined ? {} : { stringValue: attribute.StringValue }),
    ...(attribute.BinaryValue === undefined ? {} : { binaryValue: attribute.BinaryValue }),
    stringListValues: [],
    binaryListValues: [],
    dataType: attribute.DataType,
  };
}

/**
 * The messages that a `ReportBatchItemFailures` answer gives back.
 *
 * Nothing, an empty object or an empty list is full success. An answer of another shape, an empty identifier or one
 * that is not of the batch fails the whole batch.
 *
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export function itemFailures(answer: unknown, batch: readonly string[]): ReadonlySet<string> {
  const whole = new Set(batch);
  if (answer === null || answer === undefined) return new Set();
  if (typeof answer !== "object") return whole;
  const failures = "batchItemFailures" in answer ? answer.batchItemFailures : undefined;
  if (failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return whole;
  const failed = new Set<string>();
  for (const failure of failures as readonly unknown[]) {
    const id =
      typeof failure === "object" && failure !== null && "itemIdentifier" in failure ? failure.itemIdentifier : "";
    if (typeof id !== "string" || !whole.has(id)) return whole;
    failed.add(id);
  }
  return failed;
}
