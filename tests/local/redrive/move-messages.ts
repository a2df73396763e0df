/**
 * What SQS's StartMessageMoveTask does, which the local SQS does not have: every message of a dead-letter queue goes back to
 * the queue that it came from, or to the one that is named, as a new message of the same group.
 *
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";

/** Which queue's dead letters a queue holds, by ARN: SQS remembers that of each message. As JSON. */
export const SOURCES_VARIABLE = "REDRIVE_SOURCES";

export async function moveMessages(
  { SourceArn: from = "", DestinationArn }: { readonly SourceArn?: string; readonly DestinationArn?: string },
  sqs: SQSClient,
): Promise<{ readonly TaskHandle: string }> {
  const sources = JSON.parse(process.env[SOURCES_VARIABLE] ?? "{}") as Readonly<Record<string, string>>;
  const to = DestinationArn ?? sources[from];
  if (to === undefined) throw new Error(`\`${from}\` is no dead-letter queue of another queue`);
  const source = urlOf(from);
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: source,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 43_200,
        MessageSystemAttributeNames: ["MessageGroupId"],
      }),
    );
    if (Messages.length === 0) return { TaskHandle: `${from} to ${to}` };
    for (const message of Messages) {
      await sqs.send(new SendMessageCommand({ QueueUrl: urlOf(to), MessageBody: message.Body, ...placeIn(message) }));
      await sqs.send(new DeleteMessageCommand({ QueueUrl: source, ReceiptHandle: message.ReceiptHandle }));
    }
  }
}

/**
 * A message of a FIFO queue stays in its group. On its way to the dead letters its deduplication id became its message's id,
 * so that it is not dropped for the one that failed.
 */
function placeIn({ Attributes, MessageId }: Message) {
  const group = Attributes?.MessageGroupId;
  return group === undefined ? {} : { MessageGroupId: group, MessageDeduplicationId: MessageId };
}

function urlOf(arn: string): string {
  const [, , , region, account, name] = arn.split(":");
  return `https://sqs.${region}.amazonaws.com/${account}/${name}`;
}
