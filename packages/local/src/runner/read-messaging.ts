/** Queues, topics and tables of the resource graph. */
import { type GraphResource, propertiesOf, stateString } from "./graph.ts";
import type { QueueModel, SubscriptionModel, TableModel, TopicModel } from "./model.ts";
import { namedPolicy } from "./policy-reader.ts";

/** @param policies the queue policies, which are resources of their own. */
export function readQueues(
  queues: readonly GraphResource[],
  policies: readonly GraphResource[],
): readonly QueueModel[] {
  const policyByUrl = new Map<string, unknown>();
  for (const resource of policies) {
    const properties = propertiesOf(resource);
    const url = properties.string("queueUrl");
    // SQS keeps one policy a queue: the second resource would overwrite the first.
    if (policyByUrl.has(url))
      throw new Error(`${properties.where}: the queue \`${url}\` has a second policy; merge them`);
    policyByUrl.set(url, properties.document("policy"));
    properties.finish();
  }
  return queues.map((resource) => {
    const properties = propertiesOf(resource);
    const name = properties.string("name");
    const url = stateString(resource, "url");
    const fifo = properties.optionalBoolean("fifoQueue") ?? false;
    const visibilitySeconds = properties.optionalNumber("visibilityTimeoutSeconds") ?? 30;
    const delaySeconds = properties.optionalNumber("delaySeconds") ?? 0;
    if (fifo && delaySeconds > 0) throw new Error(`${properties.where}: the local queues have no delay on FIFO queues`);
    const contentBased = properties.optionalBoolean("contentBasedDeduplication") ?? false;
    const redrive = properties.optionalDocument("redrivePolicy");
    const maximumSize = properties.optionalNumber("maxMessageSize");
    const policy = policyByUrl.get(url) ?? properties.optionalDocument("policy");
    policyByUrl.delete(url);
    properties.only("deduplicationScope", "queue");
    properties.only("fifoThroughputLimit", "perQueue");
    properties.only("receiveWaitTimeSeconds", 0);
    properties.finish();
    return {
      name,
      url,
      arn: stateString(resource, "arn"),
      fifo,
      visibilitySeconds,
      delaySeconds,
      deadLetterArn: redrive === undefined ? undefined : redriveTarget(redrive, properties.where),
      attributes: {
        VisibilityTimeout: String(visibilitySeconds),
        DelaySeconds: String(delaySeconds),
        ...(fifo ? { FifoQueue: "true", ContentBasedDeduplication: String(contentBased) } : {}),
        ...(redrive === undefined ? {} : { RedrivePolicy: JSON.stringify(redrive) }),
        ...(maximumSize === undefined ? {} : { MaximumMessageSize: String(maximumSize) }),
      },
      policy: policy === undefined ? undefined : namedPolicy(`queue ${name}`, policy),
    };
  });
}

export function readTopics(
  topics: readonly GraphResource[],
  policies: readonly GraphResource[],
  subscriptions: readonly GraphResource[],
): readonly TopicModel[] {
  const policyByArn = new Map<string, unknown>();
  for (const resource of policies) {
    const properties = propertiesOf(resource);
    policyByArn.set(properties.string("arn"), properties.document("policy"));
    properties.finish();
  }
  const byTopic = Map.groupBy(subscriptions.map(readSubscription), (subscription) => subscription.topicArn);
  return topics.map((resource) => {
    const properties = propertiesOf(resource);
    const name = properties.string("name");
    const arn = stateString(resource, "arn");
    properties.only("fifoTopic", false);
    encryptionOf(properties.optionalString("kmsMasterKeyId"), properties.where);
    const policy = policyByArn.get(arn) ?? properties.optionalDocument("policy");
    properties.finish();
    return {
      name,
      arn,
      policy: policy === undefined ? undefined : namedPolicy(`topic ${name}`, policy),
      subscriptions: (byTopic.get(arn) ?? []).map((subscription) => subscription.model),
    };
  });
}

/** A topic under a KMS key needs permissions on the key, which the local topics do not ask for. */
function encryptionOf(keyId: string | undefined, where: string): void {
  if (keyId === undefined || keyId === "") return;
  throw new Error(
    `${where}: the local topics do not know encryption with \`${keyId}\`; alarms can't publish to \`alias/aws/sns\``,
  );
}

function readSubscription(resource: GraphResource): { topicArn: string; model: SubscriptionModel } {
  const properties = propertiesOf(resource);
  const topicArn = properties.string("topic");
  const protocol = properties.string("protocol");
  const endpoint = properties.string("endpoint");
  const raw = properties.optionalBoolean("rawMessageDelivery") ?? false;
  properties.finish();
  switch (protocol) {
    case "email":
      return { topicArn, model: { kind: "email", address: endpoint } };
    case "sqs":
      return { topicArn, model: { kind: "queue", queueArn: endpoint, raw } };
    default:
      throw new Error(`${properties.where}: the local topics do not know the protocol \`${protocol}\``);
  }
}

export function readTables(tables: readonly GraphResource[]): readonly TableModel[] {
  return tables.map((resource) => {
    const properties = propertiesOf(resource);
    properties.only("billingMode", "PAY_PER_REQUEST");
    properties.only("streamEnabled", false);
    properties.block("ttl");
    const model: TableModel = {
      name: properties.string("name"),
      hashKey: properties.string("hashKey"),
      rangeKey: properties.optionalString("rangeKey"),
      attributes: properties.blocks("attributes").map((attribute) => ({
        name: attribute.string("name"),
        type: attribute.string("type"),
      })),
    };
    if (properties.blocks("globalSecondaryIndexes").length + properties.blocks("localSecondaryIndexes").length > 0) {
      throw new Error(`${properties.where}: the local table has no secondary indexes yet`);
    }
    properties.finish();
    return model;
  });
}

/** @throws when a queue's dead letters go to a queue that does not take them: SQS would refuse the redrive policy. */
export function checkRedrive(queues: readonly QueueModel[], allowPolicies: readonly GraphResource[]): void {
  const allowed = new Map<string, readonly string[]>();
  for (const resource of allowPolicies) {
    const properties = propertiesOf(resource);
    const policy = properties.block("redriveAllowPolicy");
    policy.only("redrivePermission", "byQueue");
    allowed.set(properties.string("queueUrl"), policy.strings("sourceQueueArns"));
    properties.finish();
  }
  for (const queue of queues) {
    if (queue.deadLetterArn === undefined) continue;
    const target = queues.find(({ arn }) => arn === queue.deadLetterArn);
    if (!target)
      throw new Error(
        `queue \`${queue.name}\` has its dead letters in \`${queue.deadLetterArn}\`, which the graph does not hold`,
      );
    if (target.fifo !== queue.fifo)
      throw new Error(`queue \`${queue.name}\` and its dead letters must both be FIFO, or neither`);
    const sources = allowed.get(target.url);
    if (sources && !sources.includes(queue.arn))
      throw new Error(`queue \`${target.name}\` takes no dead letters of \`${queue.name}\``);
  }
}

function redriveTarget(policy: unknown, where: string): string {
  const target =
    typeof policy === "object" && policy !== null && "deadLetterTargetArn" in policy
      ? policy.deadLetterTargetArn
      : undefined;
  if (typeof target !== "string") throw new Error(`${where}: its redrive policy names no queue for dead letters`);
  return target;
}
