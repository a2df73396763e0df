/** What the runner boots: the resource graph in the runner's own words. All times are in seconds, as configured. */
import type { NamedPolicy } from "../contract.ts";
import type { EventPattern } from "./event-pattern.ts";

export interface StackModel {
  readonly account: string;
  readonly region: string;
  readonly queues: readonly QueueModel[];
  readonly topics: readonly TopicModel[];
  readonly tables: readonly TableModel[];
  readonly roles: readonly RoleModel[];
  readonly functions: readonly FunctionModel[];
  readonly mappings: readonly MappingModel[];
  readonly invocations: readonly InvocationModel[];
  readonly rules: readonly RuleModel[];
  readonly schedules: readonly ScheduleModel[];
  readonly alarms: readonly AlarmModel[];
}

export interface QueueModel {
  readonly name: string;
  readonly url: string;
  readonly arn: string;
  readonly fifo: boolean;
  readonly visibilitySeconds: number;
  readonly delaySeconds: number;
  readonly deadLetterArn: string | undefined;
  /** As SQS names them: what fauxqs takes. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly policy: NamedPolicy | undefined;
}

export interface TopicModel {
  readonly name: string;
  readonly arn: string;
  readonly policy: NamedPolicy | undefined;
  readonly subscriptions: readonly SubscriptionModel[];
}

export type SubscriptionModel =
  | { readonly kind: "email"; readonly address: string }
  | { readonly kind: "queue"; readonly queueArn: string; readonly raw: boolean };

export interface TableModel {
  readonly name: string;
  readonly hashKey: string;
  readonly rangeKey: string | undefined;
  readonly attributes: readonly { readonly name: string; readonly type: string }[];
}

export interface RoleModel {
  readonly name: string;
  readonly arn: string;
  readonly trust: NamedPolicy;
  readonly policies: readonly NamedPolicy[];
}

export interface FunctionModel {
  readonly name: string;
  readonly arn: string;
  /** The directory of the bundle, from the project's root. */
  readonly bundle: string;
  readonly roleArn: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly logGroup: string;
  readonly reservedConcurrency: number | undefined;
}

export interface MappingModel {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsItemFailures: boolean;
  readonly maximumConcurrency: number | undefined;
}

export interface InvocationModel {
  readonly functionName: string;
  readonly input: unknown;
}

export interface RuleModel {
  readonly name: string;
  readonly arn: string;
  /** A rule sees the events of its own Region's default bus. */
  readonly region: string;
  readonly pattern: EventPattern;
  readonly targets: readonly TargetModel[];
}

export type TargetModel = {
  readonly arn: string;
  readonly deadLetterArn: string | undefined;
} & (
  | { readonly kind: "queue" }
  /** Another Region's default bus, to which EventBridge puts events as a role. */
  | { readonly kind: "bus"; readonly region: string; readonly roleArn: string }
);

export interface ScheduleModel {
  readonly name: string;
  /** The logical name in the graph. */
  readonly logicalName: string;
  readonly arn: string;
  readonly queueArn: string;
  readonly roleArn: string;
  readonly input: string;
  readonly deadLetterArn: string | undefined;
}

export interface AlarmModel {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly metric: MetricModel;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: AlarmComparison;
  readonly alarmActions: readonly string[];
  readonly okActions: readonly string[];
}

export type MetricModel =
  /** How many messages of a queue are visible. */
  | { readonly kind: "queue-depth"; readonly queueName: string }
  /** What the functions' logs carry, summed up over a period; `missing`: what a period without any data is. */
  | { readonly kind: "embedded"; readonly metric: EmbeddedMetric; readonly missing: "breaching" | "notBreaching" }
  /** What AWS measures of what is emulated in a way that it never goes wrong: such an alarm never rings here. */
  | { readonly kind: "unseen"; readonly metric: EmbeddedMetric };

/** A metric of our own, or one that is counted here in AWS's place. */
export interface EmbeddedMetric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

export type AlarmComparison =
  | "GreaterThanThreshold"
  | "GreaterThanOrEqualToThreshold"
  | "LessThanThreshold"
  | "LessThanOrEqualToThreshold";

export function isAlarmComparison(text: string): text is AlarmComparison {
  return /^(Greater|Less)Than(OrEqualTo)?Threshold$/.test(text);
}
