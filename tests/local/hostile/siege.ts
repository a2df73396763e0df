/** The stack on this machine, somebody who can put anything on its queues, and what came of it. */
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { CloudTrailRecord } from "../../../packages/local/src/contract.ts";
import { type Clients, type Laptop, startLaptop } from "../../../packages/local/src/laptop.ts";
import type { Mail } from "../../../packages/local/src/runner/sns-service.ts";

export type QueueName = "intake" | "key" | "sweep" | "slack" | "alarms" | "alert";

const QUEUES: Readonly<Record<QueueName, { readonly queue: string; readonly deadLetters: string }>> = {
  intake: { queue: "intake", deadLetters: "intake-dlq" },
  key: { queue: "key.fifo", deadLetters: "key-dlq.fifo" },
  sweep: { queue: "sweep", deadLetters: "sweep-dlq" },
  slack: { queue: "slack.fifo", deadLetters: "slack-dlq.fifo" },
  alarms: { queue: "slack-alarms", deadLetters: "slack-alarms-dlq" },
  alert: { queue: "alert", deadLetters: "alert-dlq" },
};
const PREFIX = "bedrock-key-guard-local-";

/** The clock goes as fast: much faster, and what takes a moment is over too long ago for the guard. */
const TIME_SCALE = 120;

export interface Sent {
  readonly body: string;
  /** Of the FIFO queues. */
  readonly group?: string | undefined;
}

export interface LogEntry {
  readonly functionName: string;
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface Siege {
  readonly laptop: Laptop;
  /** May do everything in the account. */
  readonly attacker: Clients;
  /** Puts messages on a queue in batches of ten, in this order. @returns their ids */
  put(queue: QueueName, messages: readonly Sent[]): Promise<readonly string[]>;
  /** How often a message of the queue is delivered before it is a dead letter. */
  deliveries(queue: QueueName): number;
  /** The bodies in a dead-letter queue, which is empty afterwards. */
  takeDeadLetters(queue: QueueName): Promise<readonly string[]>;
  /** Waits until the stack is at rest. @returns what came of it since the last time. */
  rest(): Promise<Aftermath>;
  stop(): Promise<void>;
}

export interface Aftermath {
  readonly mails: readonly Mail[];
  /** Bodies that Slack got. */
  readonly posts: readonly string[];
  readonly logs: readonly LogEntry[];
  /** The ARNs of the keys whose policy the guard put. */
  readonly writes: readonly string[];
}

export async function besiege(): Promise<Siege> {
  const records: CloudTrailRecord[] = [];
  const laptop = await startLaptop({
    timeScale: TIME_SCALE,
    // A look at callers may wait ten minutes by the clock for the next reading of IAM.
    clock: "compressed",
    onRecord: (record) => records.push(record),
  });
  const { stack } = laptop;
  const attacker = laptop.administrator(`arn:aws:iam::${laptop.account}:role/team/Attacker`, "mallory");
  const sqs = new SQSClient({
    endpoint: stack.endpoint,
    region: laptop.region,
    credentials: attacker.credentials,
    useQueueUrlAsEndpoint: false,
  });
  const modelOf = (name: string) => stack.queue(`${PREFIX}${name}`).model;
  const urlOf = (name: string) => modelOf(name).url;
  const seen = { mails: 0, posts: 0, logs: 0, records: 0 };

  return {
    laptop,
    attacker,
    async put(queue, messages) {
      const ids: string[] = [];
      for (let from = 0; from < messages.length; from += 10) {
        const answer = await sqs.send(
          new SendMessageBatchCommand({
            QueueUrl: urlOf(QUEUES[queue].queue),
            Entries: messages.slice(from, from + 10).map(({ body, group }, index) => ({
              Id: String(index),
              MessageBody: body,
              ...(QUEUES[queue].queue.endsWith(".fifo")
                ? { MessageGroupId: group ?? crypto.randomUUID(), MessageDeduplicationId: crypto.randomUUID() }
                : {}),
            })),
          }),
        );
        for (const failed of answer.Failed ?? []) throw new Error(`${failed.Code}: ${failed.Message}`);
        ids.push(...(answer.Successful ?? []).map(({ MessageId = "" }) => MessageId));
      }
      return ids;
    },
    deliveries(queue) {
      const { RedrivePolicy = "{}" } = modelOf(QUEUES[queue].queue).attributes;
      return JSON.parse(RedrivePolicy).maxReceiveCount;
    },
    async takeDeadLetters(queue) {
      const QueueUrl = urlOf(QUEUES[queue].deadLetters);
      const bodies: string[] = [];
      for (;;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 }),
        );
        if (Messages.length === 0) return bodies;
        for (const { Body = "", ReceiptHandle } of Messages satisfies Message[]) {
          bodies.push(Body);
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
      }
    },
    async rest() {
      await stack.idle();
      const aftermath: Aftermath = {
        mails: stack.mailbox.slice(seen.mails),
        posts: laptop.slack.posted.slice(seen.posts).map((post) => JSON.stringify(post)),
        logs: stack.logs.slice(seen.logs).flatMap(entryOf),
        writes: records.slice(seen.records).flatMap(guardWrite),
      };
      seen.mails = stack.mailbox.length;
      seen.posts = laptop.slack.posted.length;
      seen.logs = stack.logs.length;
      seen.records = records.length;
      return aftermath;
    },
    async stop() {
      sqs.destroy();
      await laptop.stop();
    },
  };
}

function entryOf({ functionName, line }: { functionName: string; line: string }): LogEntry[] {
  if (!line.startsWith("{")) throw new Error(`a function printed what is no log entry: \`${line}\``);
  return [{ ...JSON.parse(line), functionName: functionName.replace(PREFIX, "") }];
}

/** The key of a PutKeyPolicy by a role of the stack; refused ones count too. */
function guardWrite(record: CloudTrailRecord): string[] {
  if (record.eventName !== "PutKeyPolicy" || !JSON.stringify(record.userIdentity).includes(PREFIX)) return [];
  const [key] = record.resources as readonly { readonly ARN: string }[];
  return [key?.ARN ?? "a key that the record does not name"];
}
