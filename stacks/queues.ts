import type { Place } from "./place.ts";
import { policy, type Statement } from "./policy.ts";

/** A queue whose messages end, after some attempts, in a queue of their own that raises an alarm. */
export interface WorkQueue {
  readonly queue: aws.sqs.Queue;
  readonly deadLetters: aws.sqs.Queue;
  readonly alarm: aws.cloudwatch.MetricAlarm;
  /** Of the function that works on it. */
  readonly timeoutSeconds: number;
  /** For how long Lambda gathers messages before it calls the function; it does not wait where this is absent. */
  readonly batchingWindowSeconds: number | undefined;
  /** In lower case and hyphens. */
  readonly name: string;
  /** From when on a message that waits is a sign that something is broken. */
  readonly tooOldSeconds: number;
}

export interface WorkQueueOptions {
  /** In lower case and hyphens: the resources are named by it. */
  readonly name: string;
  readonly fifo?: boolean;
  /** Of the function that works on it: a message stays hidden for six times as long, as Lambda asks. */
  readonly timeoutSeconds: number;
  /** A gathered message is hidden meanwhile: this comes on top. At most 300, and not on a FIFO queue. */
  readonly batchingWindowSeconds?: number;
  /** How often a message is tried before it is a dead letter. */
  readonly attempts?: number;
  /** By default an hour: a message may be delayed by a quarter of one, and be tried again several times. */
  readonly tooOldSeconds?: number;
  readonly alarmTopic: aws.sns.Topic;
}

const HOUR = 60 * 60;
const DAY = 24 * HOUR;
// A message may fail while a throttled API recovers; more attempts would hold up a FIFO group for too long.
const ATTEMPTS = 5;

export function workQueue(place: Place, options: WorkQueueOptions): WorkQueue {
  const {
    name,
    fifo = false,
    timeoutSeconds,
    batchingWindowSeconds,
    attempts = ATTEMPTS,
    tooOldSeconds = HOUR,
    alarmTopic,
  } = options;
  const id = name
    .split("-")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
  const ending = fifo ? ".fifo" : "";
  // Equal messages are two requests to look: the sender names the duplicates, the content does not.
  const order = fifo ? { fifoQueue: true, contentBasedDeduplication: false } : {};
  const deadLetters = new aws.sqs.Queue(`${id}DeadLetters`, {
    name: `${place.prefix}-${name}-dlq${ending}`,
    ...order,
    // A dead letter keeps the age that it had: only the longest retention leaves people the time to look.
    messageRetentionSeconds: 14 * DAY,
    sqsManagedSseEnabled: true,
  });
  const queue = new aws.sqs.Queue(`${id}Queue`, {
    name: `${place.prefix}-${name}${ending}`,
    ...order,
    messageRetentionSeconds: 4 * DAY,
    visibilityTimeoutSeconds: 6 * timeoutSeconds + (batchingWindowSeconds ?? 0),
    sqsManagedSseEnabled: true,
    redrivePolicy: $util.jsonStringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: attempts }),
  });
  new aws.sqs.RedriveAllowPolicy(`${id}DeadLettersFrom`, {
    queueUrl: deadLetters.url,
    redriveAllowPolicy: $util.jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [queue.arn] }),
  });
  const alarm = new aws.cloudwatch.MetricAlarm(`${id}DeadLettersAlarm`, {
    name: `${place.prefix}-${name}-dlq`,
    alarmDescription: $util.interpolate`bedrock-key-guard could not work on a message of its ${name} queue: nothing was written for it. The log of the function says why. Look at it: aws sqs receive-message --region ${place.region} --queue-url ${deadLetters.url} -- Put it back once that is mended: aws sqs start-message-move-task --region ${place.region} --source-arn ${deadLetters.arn} -- While a message lies there, this alarm does not tell of the next.`,
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: deadLetters.name },
    statistic: "Maximum",
    period: 60,
    evaluationPeriods: 1,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    // SQS reports nothing for a queue that has been idle for hours.
    treatMissingData: "notBreaching",
    alarmActions: [alarmTopic.arn],
  });
  return { queue, deadLetters, alarm, timeoutSeconds, batchingWindowSeconds, name, tooOldSeconds };
}

/** Lets one AWS service send to a queue, on behalf of the named resources of this stack only. */
export function admit(
  id: string,
  queue: aws.sqs.Queue,
  sender: { readonly service: string; readonly arns: readonly $util.Input<string>[] },
): aws.sqs.QueuePolicy {
  const statement: Statement = {
    Sid: id,
    Effect: "Allow",
    Principal: { Service: sender.service },
    Action: "sqs:SendMessage",
    Resource: queue.arn,
    Condition: { ArnEquals: { "aws:SourceArn": sender.arns } },
  };
  return new aws.sqs.QueuePolicy(id, { queueUrl: queue.url, policy: policy([statement]) });
}
