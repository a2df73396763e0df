/** Makes on moto what the resource graph asks for: every name, attribute, policy and pattern is the graph's. */
import { CreateTableCommand, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateTopicCommand, SetTopicAttributesCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { createTable } from "../../packages/local/src/runner/create-table.ts";
import { type GraphResource, graphResources, propertiesOf } from "../../packages/local/src/runner/graph.ts";
import type { QueueModel, StackModel, TopicModel } from "../../packages/local/src/runner/model.ts";
import type { MotoEventBus } from "./event-bus.ts";

export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export async function createStack(parts: {
  readonly graph: unknown;
  readonly model: StackModel;
  readonly config: ClientConfig;
  readonly sqs: SQSClient;
  readonly bus: MotoEventBus;
  /** The URL of one subscriber more, in the place of a person's mailbox: moto sends no emails. */
  readonly mailbox: string;
}): Promise<void> {
  const { model, config } = parts;
  const resources = graphResources(parts.graph);
  const iam = new IAMClient(config);
  const sns = new SNSClient(config);
  const dynamoDb = new DynamoDBClient(config);
  try {
    for (const table of model.tables) await dynamoDb.send(new CreateTableCommand(createTable(table)));
    for (const role of ofType(resources, "aws:iam/role:Role")) await createRole(iam, role);
    // A queue of dead letters is there before the queue that names it.
    for (const queue of model.queues.toSorted((a, b) => order(a) - order(b))) await createQueue(parts.sqs, queue);
    for (const topic of model.topics) await createTopic(sns, topic, parts.mailbox);
    const rules = ofType(resources, "aws:cloudwatch/eventRule:EventRule");
    for (const rule of model.rules) {
      const resource = rules.find(({ inputs }) => inputs.name === rule.name);
      if (!resource) throw new Error(`the graph has no rule \`${rule.name}\``);
      await parts.bus.putRule(rule, resource);
    }
  } finally {
    for (const client of [iam, sns, dynamoDb]) client.destroy();
  }
}

function ofType(resources: readonly GraphResource[], type: string): readonly GraphResource[] {
  return resources.filter((resource) => resource.type === type);
}

const order = (queue: QueueModel): number => (queue.deadLetterArn === undefined ? 0 : 1);

/** From the resource and not from the model, whose trust policies are completed for our own evaluator. */
async function createRole(iam: IAMClient, resource: GraphResource): Promise<void> {
  const role = propertiesOf(resource);
  const RoleName = role.string("name");
  const trust = JSON.stringify(role.document("assumeRolePolicy"));
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  for (const [index, policy] of role.blocks("inlinePolicies").entries()) {
    const PolicyName = policy.optionalString("name") ?? `inline-${index}`;
    const PolicyDocument = JSON.stringify(policy.document("policy"));
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
  }
}

async function createQueue(sqs: SQSClient, queue: QueueModel): Promise<void> {
  const policy = queue.policy ? { Policy: JSON.stringify(queue.policy.document) } : {};
  await sqs.send(new CreateQueueCommand({ QueueName: queue.name, Attributes: { ...queue.attributes, ...policy } }));
}

async function createTopic(sns: SNSClient, topic: TopicModel, mailbox: string): Promise<void> {
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: topic.name }));
  if (TopicArn !== topic.arn) throw new Error(`moto made the topic \`${TopicArn}\`, the graph says \`${topic.arn}\``);
  if (topic.policy) {
    const AttributeValue = JSON.stringify(topic.policy.document);
    await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue }));
  }
  for (const subscription of topic.subscriptions) {
    switch (subscription.kind) {
      case "email":
        await sns.send(new SubscribeCommand({ TopicArn, Protocol: "email", Endpoint: subscription.address }));
        break;
      case "queue": {
        const Attributes = subscription.raw ? { RawMessageDelivery: "true" } : {};
        const Endpoint = subscription.queueArn;
        await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, Attributes }));
        break;
      }
      default:
        subscription satisfies never;
    }
  }
  if (topic.subscriptions.some(({ kind }) => kind === "email")) {
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "http", Endpoint: mailbox }));
  }
}
