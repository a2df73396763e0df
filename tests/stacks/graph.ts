import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** The repository's root. */
export const root = join(import.meta.dirname, "../..");

const texts = z.union([z.string(), z.array(z.string())]);

const statement = z.object({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Principal: z.record(z.string(), texts).optional(),
  Action: texts.optional(),
  Resource: texts.optional(),
  Condition: z.record(z.string(), z.record(z.string(), texts)).optional(),
});
// Strict here, so that a NotAction or NotResource is refused instead of overlooked.
const policy = z.object({ Version: z.literal("2012-10-17"), Statement: z.array(statement.strict()) });

export type Statement = z.infer<typeof statement>;

/** What the rules read of each type of resource. */
const types = {
  "aws:iam/role:Role": z.object({
    name: z.string(),
    assumeRolePolicy: policy,
    inlinePolicies: z.array(z.object({ name: z.string(), policy })).default([]),
    managedPolicyArns: z.array(z.string()).default([]),
  }),
  "aws:lambda/function:Function": z.object({
    name: z.string(),
    role: z.string(),
    handler: z.string(),
    runtime: z.string(),
    architectures: z.array(z.string()),
    timeout: z.number(),
    environment: z.object({ variables: z.record(z.string(), z.string()) }),
    loggingConfig: z.object({ logFormat: z.string(), logGroup: z.string() }),
    reservedConcurrentExecutions: z.number().optional(),
  }),
  "aws:lambda/eventSourceMapping:EventSourceMapping": z.object({
    eventSourceArn: z.string(),
    functionName: z.string(),
    batchSize: z.number(),
    maximumBatchingWindowInSeconds: z.number().default(0),
    functionResponseTypes: z.array(z.string()).default([]),
    scalingConfig: z.object({ maximumConcurrency: z.number() }).optional(),
  }),
  "aws:lambda/functionRecursionConfig:FunctionRecursionConfig": z.object({
    functionName: z.string(),
    recursiveLoop: z.string(),
  }),
  "aws:lambda/invocation:Invocation": z.object({
    functionName: z.string(),
    input: z.string(),
    triggers: z.record(z.string(), z.string()),
  }),
  "aws:sqs/queue:Queue": z.object({
    name: z.string(),
    fifoQueue: z.boolean().default(false),
    contentBasedDeduplication: z.boolean().default(false),
    messageRetentionSeconds: z.number(),
    visibilityTimeoutSeconds: z.number().optional(),
    sqsManagedSseEnabled: z.boolean().optional(),
    redrivePolicy: z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: z.number() }).optional(),
  }),
  "aws:sqs/queuePolicy:QueuePolicy": z.object({ queueUrl: z.string(), policy }),
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": z.object({
    queueUrl: z.string(),
    redriveAllowPolicy: z.object({ redrivePermission: z.string(), sourceQueueArns: z.array(z.string()) }),
  }),
  "aws:sns/topic:Topic": z.object({ name: z.string(), kmsMasterKeyId: z.string().optional() }),
  "aws:sns/topicPolicy:TopicPolicy": z.object({ arn: z.string(), policy }),
  "aws:sns/topicSubscription:TopicSubscription": z.object({
    topic: z.string(),
    protocol: z.string(),
    endpoint: z.string(),
    rawMessageDelivery: z.boolean().default(false),
  }),
  "aws:cloudwatch/eventRule:EventRule": z.object({
    name: z.string(),
    eventBusName: z.string(),
    eventPattern: z.object({
      source: z.array(z.string()),
      "detail-type": z.array(z.string()),
      detail: z.object({
        eventSource: z.array(z.string()),
        eventName: z.array(z.string()),
        errorCode: z.array(z.object({ exists: z.boolean() })).optional(),
      }),
    }),
  }),
  "aws:cloudwatch/eventTarget:EventTarget": z.object({
    rule: z.string(),
    arn: z.string(),
    roleArn: z.string().optional(),
    /** Where it is not in the stack's own. */
    region: z.string().optional(),
    retryPolicy: z.object({ maximumEventAgeInSeconds: z.number(), maximumRetryAttempts: z.number() }).optional(),
    deadLetterConfig: z.object({ arn: z.string() }).optional(),
  }),
  "aws:cloudwatch/logGroup:LogGroup": z.object({ name: z.string(), retentionInDays: z.number() }),
  "aws:cloudwatch/metricAlarm:MetricAlarm": z.object({
    name: z.string(),
    namespace: z.string(),
    metricName: z.string(),
    dimensions: z.record(z.string(), z.string()),
    statistic: z.string(),
    period: z.number(),
    evaluationPeriods: z.number(),
    comparisonOperator: z.string(),
    threshold: z.number(),
    treatMissingData: z.string().optional(),
    alarmDescription: z.string(),
    alarmActions: z.array(z.string()),
  }),
  "aws:cloudwatch/dashboard:Dashboard": z.object({ dashboardName: z.string(), dashboardBody: z.looseObject({}) }),
  "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration": z.object({
    iamRoleArn: z.string(),
    snsTopicArns: z.array(z.string()),
    guardrailPolicyArns: z.array(z.string()),
    userAuthorizationRequired: z.boolean().optional(),
  }),
  "aws:dynamodb/table:Table": z.object({
    hashKey: z.string(),
    rangeKey: z.string(),
    billingMode: z.string(),
    deletionProtectionEnabled: z.boolean().default(false),
    pointInTimeRecovery: z.object({ enabled: z.boolean() }).optional(),
    ttl: z.object({ attributeName: z.string(), enabled: z.boolean() }).optional(),
  }),
  "aws:scheduler/schedule:Schedule": z.object({
    scheduleExpression: z.string(),
    target: z.object({ arn: z.string(), roleArn: z.string(), input: z.string() }),
  }),
};

type Types = typeof types;
export type Type = keyof Types;

const graph = z.object({
  resources: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      inputs: z.record(z.string(), z.unknown()),
      state: z.object({
        id: z.string(),
        arn: z.string().default(""),
        url: z.string().default(""),
        bundle: z.string().default(""),
      }),
    }),
  ),
});

export type Graph = z.infer<typeof graph>;

export interface Resource<T extends Type> {
  readonly name: string;
  readonly inputs: z.infer<Types[T]>;
  readonly state: Graph["resources"][number]["state"];
}

/** A fresh copy of the stored graph. */
export function storedGraph(): Graph {
  return readGraph(join(root, "stacks/graph.json"));
}

export function readGraph(file: string): Graph {
  return graph.parse(JSON.parse(readFileSync(file, "utf8")));
}

export function resources<T extends Type>(from: Graph, type: T): Resource<T>[] {
  // The schema at `type` gives the shape at `type`, which TypeScript does not follow through the lookup.
  const read = (inputs: unknown) => types[type].parse(inputs) as z.infer<Types[T]>;
  return from.resources
    .filter((resource) => resource.type === type)
    .map(({ name, inputs, state }) => ({ name, inputs: read(inputs), state }));
}

/** A value of a statement as a list, however it is written. */
export function list(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

/** All that a role is allowed and denied. */
export function statementsOf(role: Resource<"aws:iam/role:Role">): Statement[] {
  return role.inputs.inlinePolicies.flatMap(({ policy }) => policy.Statement);
}

/** Each queue that a function works on, with the function and what connects them. */
export function workers(from: Graph) {
  const queues = resources(from, "aws:sqs/queue:Queue");
  const functions = resources(from, "aws:lambda/function:Function");
  return resources(from, "aws:lambda/eventSourceMapping:EventSourceMapping").map((mapping) => {
    const queue = queues.find(({ state }) => state.arn === mapping.inputs.eventSourceArn);
    const worker = functions.find(({ state }) => state.arn === mapping.inputs.functionName);
    if (!queue || !worker) throw new Error(`\`${mapping.name}\` connects what is not in the graph`);
    return { mapping, queue, function: worker };
  });
}
