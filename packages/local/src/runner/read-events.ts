/** Rules, schedules and alarms of the resource graph. */
import { eventPattern } from "./event-pattern.ts";
import { type GraphResource, type Properties, propertiesOf, stateString } from "./graph.ts";
import {
  type AlarmModel,
  isAlarmComparison,
  type MetricModel,
  type RuleModel,
  type ScheduleModel,
  type TargetModel,
} from "./model.ts";
import { UNSEEN_METRICS } from "./not-honoured.ts";

/** @param home the stack's own Region, where whatever names no other one is */
export function readRules(
  rules: readonly GraphResource[],
  targets: readonly GraphResource[],
  home: string,
): readonly RuleModel[] {
  const byRule = Map.groupBy(
    targets.map((target) => readTarget(target, home)),
    (target) => target.rule,
  );
  const read = rules.map((resource): RuleModel => {
    const properties = propertiesOf(resource);
    const name = properties.string("name");
    const region = properties.optionalString("region") ?? home;
    const arn = stateString(resource, "arn");
    if (regionOf(arn) !== region) throw new Error(`${properties.where}: it is in ${region}, and its ARN is \`${arn}\``);
    onDefaultBus(properties);
    properties.only("state", "ENABLED");
    const pattern = eventPattern(properties.document("eventPattern"));
    properties.finish();
    const own = byRule.get(`${region} ${name}`) ?? [];
    byRule.delete(`${region} ${name}`);
    for (const { model } of own) mustReach(properties.where, region, model);
    return { name, arn, region, pattern, targets: own.map(({ model }) => model) };
  });
  const [orphan] = byRule.keys();
  if (orphan !== undefined)
    throw new Error(`a target is of the rule \`${orphan}\`, which the resource graph does not hold`);
  return read;
}

/** `rule`: its Region and its name. */
function readTarget(resource: GraphResource, home: string): { readonly rule: string; readonly model: TargetModel } {
  const properties = propertiesOf(resource);
  properties.optionalString("targetId");
  onDefaultBus(properties);
  const rule = `${properties.optionalString("region") ?? home} ${properties.string("rule")}`;
  const arn = properties.string("arn");
  const deadLetterArn = properties.block("deadLetterConfig").optionalString("arn");
  const model: TargetModel = isBus(arn)
    ? { kind: "bus", arn, deadLetterArn, region: regionOf(arn), roleArn: properties.string("roleArn") }
    : { kind: "queue", arn, deadLetterArn };
  properties.finish();
  return { rule, model };
}

/**
 * Of another Region, EventBridge reaches event buses only; its dead letters stay in its own.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
function mustReach(where: string, region: string, target: TargetModel): void {
  const near = [target.kind === "queue" ? target.arn : undefined, target.deadLetterArn];
  const far = near.find((arn) => arn !== undefined && regionOf(arn) !== region);
  if (far !== undefined) throw new Error(`${where}: a rule in ${region} can't send to \`${far}\``);
  if (target.kind === "bus" && target.region === region) {
    throw new Error(`${where}: it sends what comes to the default bus of ${region} there again`);
  }
}

function isBus(arn: string): boolean {
  if (arn.split(":")[2] !== "events") return false;
  if (arn.endsWith(":event-bus/default")) return true;
  throw new Error(`the local AWS has default buses only, not \`${arn}\``);
}

function regionOf(arn: string): string {
  return arn.split(":")[3] ?? "";
}

/** CloudTrail's events come to the default bus only. */
function onDefaultBus(properties: Properties): void {
  const bus = properties.optionalString("eventBusName") ?? "default";
  if (bus === "default" || bus.endsWith(":event-bus/default")) return;
  throw new Error(`${properties.where}: the local AWS has the default bus only, not \`${bus}\``);
}

export function readSchedules(schedules: readonly GraphResource[]): readonly ScheduleModel[] {
  return schedules.map((resource) => {
    const properties = propertiesOf(resource);
    properties.only("groupName", "default");
    properties.only("state", "ENABLED");
    const target = properties.block("target");
    const model: ScheduleModel = {
      name: properties.string("name"),
      logicalName: resource.name,
      arn: stateString(resource, "arn"),
      queueArn: target.string("arn"),
      roleArn: target.string("roleArn"),
      input: target.string("input"),
      deadLetterArn: target.block("deadLetterConfig").optionalString("arn"),
    };
    properties.finish();
    return model;
  });
}

export function readAlarms(alarms: readonly GraphResource[]): readonly AlarmModel[] {
  return alarms.map((resource) => {
    const properties = propertiesOf(resource);
    properties.only("actionsEnabled", true);
    const comparison = properties.string("comparisonOperator");
    if (!isAlarmComparison(comparison)) throw new Error(`${properties.where}: unknown comparison \`${comparison}\``);
    const evaluationPeriods = properties.optionalNumber("evaluationPeriods") ?? 1;
    const model: AlarmModel = {
      name: properties.string("name"),
      arn: stateString(resource, "arn"),
      description: properties.optionalString("alarmDescription"),
      metric: readMetric(properties),
      periodSeconds: properties.optionalNumber("period") ?? 60,
      evaluationPeriods,
      datapointsToAlarm: properties.optionalNumber("datapointsToAlarm") ?? evaluationPeriods,
      threshold: properties.optionalNumber("threshold") ?? 0,
      comparison,
      alarmActions: properties.strings("alarmActions"),
      okActions: properties.strings("okActions"),
    };
    properties.finish();
    return model;
  });
}

/** What the runner counts in CloudWatch's place. */
const COUNTED: ReadonlySet<string> = new Set(["AWS/Lambda Errors"]);

/** Of AWS's own metrics the local AWS has few; those of other namespaces are what the functions write to their logs. */
function readMetric(properties: Properties): MetricModel {
  const namespace = properties.string("namespace");
  const name = properties.string("metricName");
  if (!namespace.startsWith("AWS/") || COUNTED.has(`${namespace} ${name}`)) return readEmbedded(properties, namespace);
  if (Object.hasOwn(UNSEEN_METRICS, `${namespace} ${name}`)) {
    properties.string("statistic");
    properties.string("treatMissingData");
    return { kind: "unseen", metric: { namespace, name, dimensions: properties.stringMap("dimensions") } };
  }
  properties.only("namespace", "AWS/SQS");
  properties.only("metricName", "ApproximateNumberOfMessagesVisible");
  properties.only("statistic", "Maximum", "Average", "Minimum"); // equal here: one sample a period
  properties.only("treatMissingData", "notBreaching", "missing", "ignore", "breaching"); // no sample is ever missing
  const dimensions = properties.stringMap("dimensions");
  const queueName = dimensions.QueueName;
  if (queueName === undefined || Object.keys(dimensions).length > 1) {
    throw new Error(`${properties.where}: alarms on a queue know one dimension, \`QueueName\``);
  }
  return { kind: "queue-depth", queueName };
}

function readEmbedded(properties: Properties, namespace: string): MetricModel {
  const name = properties.string("metricName");
  const dimensions = properties.stringMap("dimensions");
  properties.string("statistic");
  properties.only("statistic", "Sum");
  const missing = properties.string("treatMissingData");
  if (missing !== "breaching" && missing !== "notBreaching") {
    throw new Error(`${properties.where}: the local alarms don't know missing data as \`${missing}\``);
  }
  return { kind: "embedded", metric: { namespace, name, dimensions }, missing };
}
