import { createHash } from "node:crypto";
import { SendMessageCommand, type SendMessageCommandInput, type SQSClient } from "@aws-sdk/client-sqs";
import type { CallersJob } from "@bedrock-key-guard/core/callers/job.ts";
import type { CallersQueue } from "@bedrock-key-guard/core/callers/ports.ts";
import type { KeyJob } from "@bedrock-key-guard/core/key/job.ts";
import type { AlertQueue, KeyQueue, LaterQueue, SweepQueue } from "@bedrock-key-guard/core/ports.ts";
import type { ActionsOf } from "./actions.ts";
import { AwsCallError } from "./errors.ts";
import {
  announceBody,
  callersJobBody,
  keyJobBody,
  lookAgainBody,
  sweepAgentBody,
  sweepKeysBody,
  sweepPageBody,
} from "./messages.ts";

export const keyQueueActions = { lookAt: ["sqs:SendMessage"] } as const satisfies ActionsOf<KeyQueue>;
export const laterQueueActions = { lookAgain: ["sqs:SendMessage"] } as const satisfies ActionsOf<LaterQueue>;
export const sweepQueueActions = {
  page: ["sqs:SendMessage"],
  agent: ["sqs:SendMessage"],
  keys: ["sqs:SendMessage"],
} as const satisfies ActionsOf<SweepQueue>;
export const callersQueueActions = { review: ["sqs:SendMessage"] } as const satisfies ActionsOf<CallersQueue>;

export const alertQueueActions = { wake: ["sqs:SendMessage"] } as const satisfies ActionsOf<AlertQueue>;

const LONGEST_DELAY_SECONDS = 900;

export function sqsKeyQueue(client: SQSClient, queueUrl: string): KeyQueue {
  return {
    lookAt: (job: KeyJob) =>
      send(client, {
        QueueUrl: queueUrl,
        MessageBody: keyJobBody(job),
        MessageGroupId: job.key,
        MessageDeduplicationId: deduplicationId(job),
      }),
  };
}

/**
 * The same request, delivered twice, is one message; two requests to look at the same key are two, also when they
 * are alike in their text. Agents count too: two pages of one sweep may find the same key.
 */
export function deduplicationId({ key, agents, causes, attempt }: KeyJob): string {
  const parts = [key, String(attempt), causes.map((cause) => cause.id), [...agents].sort()];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

export function sqsLaterQueue(client: SQSClient, intakeQueueUrl: string): LaterQueue {
  return {
    lookAgain: (job: KeyJob, delaySeconds: number) =>
      send(client, {
        QueueUrl: intakeQueueUrl,
        MessageBody: lookAgainBody(job),
        DelaySeconds: delayOf(delaySeconds),
      }),
  };
}

export function sqsCallersQueue(client: SQSClient, queueUrl: string): CallersQueue {
  return {
    review: (job: CallersJob, delaySeconds: number) =>
      send(client, { QueueUrl: queueUrl, MessageBody: callersJobBody(job), DelaySeconds: delayOf(delaySeconds) }),
  };
}

export function sqsAlertQueue(client: SQSClient, queueUrl: string): AlertQueue {
  return {
    wake: (delaySeconds: number, daily = false) =>
      send(client, { QueueUrl: queueUrl, MessageBody: announceBody({ daily }), DelaySeconds: delayOf(delaySeconds) }),
  };
}

function delayOf(seconds: number): number {
  return Math.min(Math.max(0, Math.round(seconds)), LONGEST_DELAY_SECONDS);
}

export function sqsSweepQueue(client: SQSClient, queueUrl: string): SweepQueue {
  const put = (body: string) => send(client, { QueueUrl: queueUrl, MessageBody: body });
  return {
    page: (page) => put(sweepPageBody(page)),
    agent: (agent) => put(sweepAgentBody(agent)),
    keys: (keys) => put(sweepKeysBody(keys)),
  };
}

async function send(client: SQSClient, input: SendMessageCommandInput): Promise<void> {
  try {
    await client.send(new SendMessageCommand(input));
  } catch (error) {
    throw new AwsCallError("sqs:SendMessage", input.QueueUrl ?? "", error);
  }
}
