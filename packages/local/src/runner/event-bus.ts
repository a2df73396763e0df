/** The default bus of EventBridge: the graph's rules, matched and delivered. */
import { randomUUID } from "node:crypto";
import type { BusEvent, CloudTrailRecord } from "../contract.ts";
import type { RuleModel, StackModel, TargetModel } from "./model.ts";
import type { SqsService } from "./sqs-service.ts";
import type { UsageRecorder } from "./usage.ts";

export interface PublishOptions {
  /** As if the target could not be reached for a day: the event goes to the target's dead-letter queue. */
  readonly undeliverable?: boolean;
}

export interface EventBus {
  /** @returns the names of the rules that matched, once their targets have the event. */
  put(event: BusEvent, options?: PublishOptions): Promise<readonly string[]>;
  /** Events that are on their way to targets. */
  pending(): number;
}

export function eventBus(parts: {
  readonly model: StackModel;
  readonly sqs: SqsService;
  readonly usage: UsageRecorder;
}): EventBus {
  const { model, sqs, usage } = parts;
  let pending = 0;

  async function put(event: BusEvent, options: PublishOptions): Promise<readonly string[]> {
    const envelope = {
      version: "0",
      id: randomUUID(),
      "detail-type": event.detailType,
      source: event.source,
      account: model.account,
      // EventBridge counts in seconds.
      time: event.time.replace(/\.\d+Z$/, "Z"),
      region: model.region,
      resources: event.resources,
      detail: event.detail,
    };
    const body = JSON.stringify(envelope);
    const matching: string[] = [];
    for (const rule of model.rules) {
      const match = rule.pattern.match(JSON.parse(body));
      usage.pattern(rule.name, match.used);
      if (!match.matched) continue;
      matching.push(rule.name);
      for (const target of rule.targets) await deliver(rule, target, body, options);
    }
    return matching;
  }

  async function deliver(rule: RuleModel, target: TargetModel, body: string, options: PublishOptions): Promise<void> {
    const sender = { kind: "service", name: "events.amazonaws.com" } as const;
    const source = { arn: rule.arn, account: model.account };
    const refusal = options.undeliverable
      ? "the target could not be reached"
      : await sqs.send({ queueArn: target.arn, body, sender, source });
    if (refusal === undefined) return;
    if (!options.undeliverable) usage.lacking(`rule ${rule.name} could not deliver: ${refusal}`);
    if (target.deadLetterArn === undefined) return;
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: options.undeliverable ? "SDK_CLIENT_ERROR" : "NO_PERMISSIONS",
      ERROR_MESSAGE: refusal,
    };
    const lost = await sqs.send({ queueArn: target.deadLetterArn, body, attributes, sender, source });
    if (lost !== undefined) usage.lacking(`rule ${rule.name} lost an event: ${lost}`);
  }

  return {
    async put(event, options = {}) {
      pending += 1;
      try {
        return await put(event, options);
      } finally {
        pending -= 1;
      }
    },
    pending: () => pending,
  };
}

/** Whether a record reaches this Region's bus: IAM's go to us-east-1, wherever the call was made. */
export function isOfRegion(record: CloudTrailRecord, region: string): boolean {
  return record.awsRegion === undefined || record.awsRegion === region;
}

/** A CloudTrail record as the bus carries it: `kms.amazonaws.com` becomes the source `aws.kms`. */
export function trailEvent(record: CloudTrailRecord): BusEvent {
  const time = record.eventTime;
  return {
    source: `aws.${record.eventSource.split(".")[0]}`,
    detailType: "AWS API Call via CloudTrail",
    detail: record,
    resources: [],
    time: typeof time === "string" ? time : new Date().toISOString(),
  };
}
