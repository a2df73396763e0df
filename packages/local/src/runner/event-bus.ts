/** The default buses of EventBridge, one in each Region: the graph's rules, matched and delivered. */
import { randomUUID } from "node:crypto";
import type { BusEvent, CloudTrailRecord } from "../contract.ts";
import type { Access } from "./access.ts";
import { roleFor, sessionOf } from "./function-pool.ts";
import type { RuleModel, StackModel, TargetModel } from "./model.ts";
import type { SqsService } from "./sqs-service.ts";
import type { UsageRecorder } from "./usage.ts";

export interface PublishOptions {
  /** As if the target could not be reached for a day: the event goes to the target's dead-letter queue. */
  readonly undeliverable?: boolean;
}

export interface EventBus {
  /**
   * Puts an event on the bus of a Region.
   *
   * @returns the names of the rules that matched, once their targets have the event; those of another Region's bus, to
   * which a rule forwarded it, too.
   */
  put(event: BusEvent, region: string, options?: PublishOptions): Promise<readonly string[]>;
  /** Events that are on their way to targets. */
  pending(): number;
}

export function eventBus(parts: {
  readonly model: StackModel;
  readonly access: Access;
  readonly sqs: SqsService;
  readonly usage: UsageRecorder;
}): EventBus {
  const { model, access, sqs, usage } = parts;
  let pending = 0;

  async function put(event: BusEvent, region: string, options: PublishOptions): Promise<readonly string[]> {
    const envelope = {
      version: "0",
      id: randomUUID(),
      "detail-type": event.detailType,
      source: event.source,
      account: model.account,
      // EventBridge counts in seconds.
      time: event.time.replace(/\.\d+Z$/, "Z"),
      region,
      resources: event.resources,
      detail: event.detail,
    };
    return route(JSON.stringify(envelope), region, options);
  }

  /** @param body the event's envelope, which stays as it is on its way from bus to bus */
  async function route(body: string, region: string, options: PublishOptions): Promise<readonly string[]> {
    const matching: string[] = [];
    for (const rule of model.rules.filter((one) => one.region === region)) {
      const match = rule.pattern.match(JSON.parse(body));
      usage.pattern(rule.name, match.used);
      if (!match.matched) continue;
      matching.push(rule.name);
      for (const target of rule.targets) {
        const delivered = await deliver(rule, target, body, options);
        if (delivered && target.kind === "bus") matching.push(...(await route(body, target.region, {})));
      }
    }
    return matching;
  }

  /** @returns whether the target has the event */
  async function deliver(
    rule: RuleModel,
    target: TargetModel,
    body: string,
    options: PublishOptions,
  ): Promise<boolean> {
    const sender = { kind: "service", name: "events.amazonaws.com" } as const;
    const source = { arn: rule.arn, account: model.account };
    const refusal = options.undeliverable
      ? "the target could not be reached"
      : target.kind === "queue"
        ? await sqs.send({ queueArn: target.arn, body, sender, source })
        : forwardRefusal(rule, target);
    if (refusal === undefined) return true;
    if (!options.undeliverable) usage.lacking(`rule ${rule.name} could not deliver: ${refusal}`);
    if (target.deadLetterArn === undefined) return false;
    const attributes = {
      RULE_ARN: rule.arn,
      TARGET_ARN: target.arn,
      ERROR_CODE: options.undeliverable ? "SDK_CLIENT_ERROR" : "NO_PERMISSIONS",
      ERROR_MESSAGE: refusal,
    };
    const lost = await sqs.send({ queueArn: target.deadLetterArn, body, attributes, sender, source });
    if (lost !== undefined) usage.lacking(`rule ${rule.name} lost an event: ${lost}`);
    return false;
  }

  /** Why the target's role may not put events on the other bus; undefined where it may. */
  function forwardRefusal(rule: RuleModel, target: Extract<TargetModel, { kind: "bus" }>): string | undefined {
    const source = { arn: rule.arn, account: model.account };
    try {
      const role = roleFor(model, target.roleArn, "events.amazonaws.com", access, source);
      const caller = sessionOf(role, rule.name, model.account);
      const answer = access({ caller, action: "events:PutEvents", resource: target.arn });
      return answer.kind === "denied" ? answer.message : undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  return {
    async put(event, region, options = {}) {
      pending += 1;
      try {
        return await put(event, region, options);
      } finally {
        pending -= 1;
      }
    },
    pending: () => pending,
  };
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
