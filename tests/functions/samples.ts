import type { SQSRecord } from "aws-lambda";
import { accountOf } from "../../packages/core/src/arn.ts";
import { sampleKey } from "../aws/samples.ts";

export const account = accountOf(sampleKey());

export function sqsRecord(messageId: string, body: string, group?: string): SQSRecord {
  return {
    messageId,
    receiptHandle: "receipt",
    body,
    attributes: {
      ApproximateReceiveCount: "1",
      SentTimestamp: "0",
      SenderId: "sender",
      ApproximateFirstReceiveTimestamp: "0",
      ...(group === undefined ? {} : { MessageGroupId: group }),
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "arn:aws:sqs:eu-west-1:111122223333:queue",
    awsRegion: "eu-west-1",
  };
}

export interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that keeps its lines. */
export function memoryLog() {
  const lines: Line[] = [];
  const at = (level: string) => (message: string, fields: Readonly<Record<string, unknown>>) => {
    lines.push({ level, message, fields });
  };
  return { lines, info: at("info"), warn: at("warn"), error: at("error") };
}
