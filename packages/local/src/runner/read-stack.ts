import { type GraphResource, graphResources, propertiesOf } from "./graph.ts";
import type { StackModel } from "./model.ts";
import { NOT_HONOURED_TYPES } from "./not-honoured.ts";
import { readAlarms, readRules, readSchedules } from "./read-events.ts";
import { readFunctions, readInvocations, readMappings, readRoles } from "./read-functions.ts";
import { checkRedrive, readQueues, readTables, readTopics } from "./read-messaging.ts";

/**
 * Reads the golden resource graph into what the runner boots.
 *
 * @throws for a resource type or a property that the runner does not honour, naming it, and for references to
 * resources that the graph does not hold.
 */
export function readStack(graph: unknown): StackModel {
  const byType = Map.groupBy(graphResources(graph), (resource) => resource.type);
  const take = (type: string): readonly GraphResource[] => {
    const resources = byType.get(type) ?? [];
    byType.delete(type);
    return resources;
  };

  const queues = readQueues(take("aws:sqs/queue:Queue"), take("aws:sqs/queuePolicy:QueuePolicy"));
  const functions = readFunctions(take("aws:lambda/function:Function"));
  const place = placeOf([...functions, ...queues].map(({ arn }) => arn));
  const model = {
    queues,
    topics: readTopics(
      take("aws:sns/topic:Topic"),
      take("aws:sns/topicPolicy:TopicPolicy"),
      take("aws:sns/topicSubscription:TopicSubscription"),
    ),
    tables: readTables(take("aws:dynamodb/table:Table")),
    roles: readRoles(take("aws:iam/role:Role"), take("aws:iam/rolePolicy:RolePolicy")),
    functions,
    mappings: readMappings(take("aws:lambda/eventSourceMapping:EventSourceMapping")),
    invocations: readInvocations(take("aws:lambda/invocation:Invocation")),
    rules: readRules(
      take("aws:cloudwatch/eventRule:EventRule"),
      take("aws:cloudwatch/eventTarget:EventTarget"),
      place.region,
    ),
    schedules: readSchedules(take("aws:scheduler/schedule:Schedule")),
    alarms: readAlarms(take("aws:cloudwatch/metricAlarm:MetricAlarm")),
    ...place,
  };
  checkRedrive(queues, take("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"));
  for (const group of take("aws:cloudwatch/logGroup:LogGroup")) {
    const properties = propertiesOf(group);
    properties.optionalString("name");
    // CloudWatch reads the embedded metrics of this class only.
    properties.only("logGroupClass", "STANDARD");
    properties.finish();
  }
  for (const type of byType.keys()) {
    if (Object.keys(NOT_HONOURED_TYPES).some((prefix) => type.startsWith(prefix))) continue;
    throw new Error(
      `the local AWS does not know the resource type \`${type}\`; teach the runner, or list it in \`not-honoured.ts\``,
    );
  }
  checkReferences(model);
  return model;
}

/** The account and Region that the graph was made for. */
function placeOf(arns: readonly string[]): { account: string; region: string } {
  const [, , , region, account] = arns[0]?.split(":") ?? [];
  if (!region || !account)
    throw new Error("the resource graph has no function or queue to tell its account and Region from");
  return { account, region };
}

function checkReferences(model: StackModel): void {
  const known = new Set([...model.queues, ...model.topics, ...model.roles, ...model.functions].map(({ arn }) => arn));
  const names = new Set([...model.functions, ...model.queues].map(({ name }) => name));
  const need = (who: string, set: ReadonlySet<string>, reference: string | undefined) => {
    if (reference !== undefined && !set.has(reference)) {
      throw new Error(`${who} refers to \`${reference}\`, which the resource graph does not hold`);
    }
  };
  for (const one of model.functions) need(`function \`${one.name}\``, known, one.roleArn);
  for (const one of model.invocations) need("an invocation", names, one.functionName);
  for (const one of model.mappings) {
    need("an event source mapping", names, one.functionName);
    need("an event source mapping", known, one.queueArn);
  }
  for (const rule of model.rules) {
    for (const target of rule.targets) {
      need(`rule \`${rule.name}\``, known, target.kind === "queue" ? target.arn : target.roleArn);
      need(`rule \`${rule.name}\``, known, target.deadLetterArn);
    }
  }
  for (const one of model.schedules) {
    for (const reference of [one.queueArn, one.roleArn, one.deadLetterArn])
      need(`schedule \`${one.name}\``, known, reference);
  }
  for (const topic of model.topics) {
    for (const one of topic.subscriptions) {
      need(`a subscription of \`${topic.name}\``, known, one.kind === "queue" ? one.queueArn : undefined);
    }
  }
  for (const alarm of model.alarms) {
    const { metric } = alarm;
    need(`alarm \`${alarm.name}\``, names, metric.kind === "queue-depth" ? metric.queueName : undefined);
    for (const action of [...alarm.alarmActions, ...alarm.okActions]) need(`alarm \`${alarm.name}\``, known, action);
  }
}
