/** The guard's functions as they are built, each in a process of its own, driven from moto's queues. */

import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { keyArn } from "../../packages/core/src/arn.ts";
import { functionEnvironment } from "../../packages/local/src/runner/function-environment.ts";
import { type FunctionProcess, startFunctionProcess } from "../../packages/local/src/runner/function-process.ts";
import type { FunctionModel, MappingModel, QueueModel, StackModel } from "../../packages/local/src/runner/model.ts";
import { itemFailures, type ReceivedMessage, sqsEvent } from "../../packages/local/src/runner/sqs-event.ts";
import type { StackClock } from "../../packages/local/src/runner/time.ts";
import type { ClientConfig } from "./create-stack.ts";

export interface Guard {
  /** Feeds the functions until every queue that feeds one is empty. @throws when one never is, saying which. */
  settle(): Promise<void>;
  /** What the functions logged, oldest first. */
  readonly logs: readonly string[];
  stop(): Promise<void>;
}

export interface GuardParts {
  readonly model: StackModel;
  readonly config: ClientConfig;
  readonly sqs: SQSClient;
  readonly slackWebhookUrl: string;
  readonly clock: StackClock;
  /** Called around each batch, with the key that it is about where there is one. */
  readonly watch: (one: FunctionModel, keyArn: string | undefined, run: () => Promise<unknown>) => Promise<unknown>;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const SETTLE_MILLISECONDS = 25_000;

export async function startGuard(parts: GuardParts): Promise<Guard> {
  const { model, config, sqs } = parts;
  const logs: string[] = [];
  const processes = new Map<string, FunctionProcess>();
  const stop = async () => void (await Promise.all([...processes.values()].map((one) => one.stop())));

  for (const one of model.functions) processes.set(one.name, start(one));
  for (const [name, one] of processes) {
    const failure = await one.started;
    if (!failure) continue;
    await stop();
    throw new Error(`the function \`${name}\` does not start: ${failure.errorMessage}; run \`npm run bundle\``);
  }

  function start(one: FunctionModel): FunctionProcess {
    const place = { ...config, root: ROOT, slackWebhookUrl: parts.slackWebhookUrl };
    return startFunctionProcess({
      model: one,
      bundle: path.resolve(ROOT, one.bundle),
      environment: functionEnvironment(one, place),
      onLine: (line) => logs.push(line),
      onRead: () => {},
      clock: parts.clock,
    });
  }

  async function invoke(one: FunctionModel, event: unknown): Promise<unknown> {
    const result = await processes.get(one.name)?.invoke(event);
    if (result?.kind === "returned") return result.value;
    throw new Error(`\`${one.name}\` did not return: ${JSON.stringify(result)}\n${logs.slice(-5).join("\n")}`);
  }

  /** @returns how many messages were handled. */
  async function feed(mapping: MappingModel): Promise<number> {
    const queue = model.queues.find(({ arn }) => arn === mapping.queueArn);
    const one = model.functions.find(({ name }) => name === mapping.functionName);
    if (!queue || !one) throw new Error(`a mapping to \`${mapping.functionName}\` has no function or no queue`);
    const messages = await receive(queue, mapping);
    if (messages.length === 0) return 0;
    // Not every group is a key: alerts have one of their own.
    const key = queue.fifo ? keyArn(messages[0]?.Attributes?.MessageGroupId ?? "") : undefined;
    const answer = await parts.watch(one, key, () => invoke(one, sqsEvent(messages, queue.arn, model.region)));
    const failed = itemFailures(
      answer,
      messages.map(({ MessageId }) => MessageId),
    );
    for (const { MessageId, ReceiptHandle } of messages) {
      const message = { QueueUrl: queue.url, ReceiptHandle };
      // Given back at once, where Lambda would wait for the visibility timeout of minutes.
      if (failed.has(MessageId))
        await sqs.send(new ChangeMessageVisibilityCommand({ ...message, VisibilityTimeout: 0 }));
      else await sqs.send(new DeleteMessageCommand(message));
    }
    return messages.length;
  }

  /** From a FIFO queue one at a time: within a receive, moto does not keep the order of groups as SQS does. */
  async function receive(queue: QueueModel, mapping: MappingModel): Promise<readonly ReceivedMessage[]> {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queue.url,
        MaxNumberOfMessages: queue.fifo ? 1 : Math.min(mapping.batchSize, 10),
        MessageSystemAttributeNames: ["All"],
        WaitTimeSeconds: 0,
      }),
    );
    return Messages.map(complete);
  }

  async function waiting(): Promise<readonly string[]> {
    const reasons: string[] = [];
    for (const { queueArn } of model.mappings) {
      const queue = model.queues.find(({ arn }) => arn === queueArn);
      const held = queue ? await depth(sqs, queue) : 0;
      if (held > 0) reasons.push(`${queueArn} holds ${held}`);
    }
    return reasons;
  }

  return {
    logs,
    stop,
    async settle() {
      const end = performance.now() + SETTLE_MILLISECONDS;
      for (;;) {
        let handled = 0;
        for (const mapping of model.mappings) handled += await feed(mapping);
        if (handled > 0) continue;
        const reasons = await waiting();
        if (reasons.length === 0) return;
        if (performance.now() > end)
          throw new Error(`the guard is not at rest: ${reasons.join("; ")}\n${logs.slice(-5).join("\n")}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
  };
}

/** None of the guard's messages has attributes of its own. */
function complete({ MessageId, ReceiptHandle, Body, MD5OfBody, Attributes }: Message): ReceivedMessage {
  if (!MessageId || !ReceiptHandle || Body === undefined || !MD5OfBody || !Attributes) {
    throw new Error(`moto gave a message that lacks something: \`${MessageId}\``);
  }
  return { MessageId, ReceiptHandle, Body, MD5OfBody, Attributes };
}

/** Messages that wait, that are delayed, and that someone works on. */
export async function depth(sqs: SQSClient, queue: QueueModel): Promise<number> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ["All"] }),
  );
  return (
    Number(Attributes.ApproximateNumberOfMessages) +
    Number(Attributes.ApproximateNumberOfMessagesDelayed) +
    Number(Attributes.ApproximateNumberOfMessagesNotVisible)
  );
}
