import { fileURLToPath } from "node:url";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { onTestFinished } from "vitest";
import type { Caller } from "../../../packages/local/src/contract.ts";
import { authorize } from "../../../packages/local/src/evaluator/authorize.ts";
import { type LocalStack, type LocalStackOptions, startLocalStack } from "../../../packages/local/src/runner/start.ts";
import { queueUrl, type SmallGraph, smallGraph } from "./small-graph.ts";

/** Boots the small graph for one test, sixty minutes in six seconds, and stops it at the test's end. */
export async function smallStack(
  graph: SmallGraph = smallGraph(),
  options: Partial<LocalStackOptions> = {},
): Promise<LocalStack> {
  const root = fileURLToPath(new URL(".", import.meta.url));
  const stack = await startLocalStack({ graph, authorize, services: () => [], root, timeScale: 600, ...options });
  onTestFinished(() => stack.stop());
  return stack;
}

/** Somebody of the account who may do everything. */
export const administrator: Caller = {
  kind: "user",
  arn: "arn:aws:iam::111122223333:user/admin",
  account: "111122223333",
  policies: [
    {
      source: "the administrator",
      document: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
    },
  ],
};

export function clientOptions(stack: LocalStack, caller: Caller) {
  return { endpoint: stack.endpoint, region: "eu-west-1", credentials: stack.register(caller), maxAttempts: 1 };
}

/** Sends orders to the worker in one go; those of a FIFO queue by their group. */
export async function order(stack: LocalStack, queue: string, ...orders: readonly object[]): Promise<void> {
  const client = new SQSClient({ ...clientOptions(stack, administrator), useQueueUrlAsEndpoint: false });
  for (const one of orders) {
    const group = "group" in one && typeof one.group === "string" ? one.group : undefined;
    await client.send(
      new SendMessageCommand({
        QueueUrl: queueUrl(queue),
        MessageBody: JSON.stringify(one),
        ...(group ? { MessageGroupId: group, MessageDeduplicationId: crypto.randomUUID() } : {}),
      }),
    );
  }
  client.destroy();
}

/** What the worker printed, oldest first. */
export function printed(stack: LocalStack): readonly Record<string, unknown>[] {
  return stack.logs.filter(({ line }) => line.startsWith("{")).map(({ line }) => JSON.parse(line));
}

/** The names of the messages that the worker worked on, with how often each had been received. */
export function worked(stack: LocalStack): readonly string[] {
  return printed(stack).flatMap(({ message, count }) => (typeof message === "string" ? [`${message}#${count}`] : []));
}
