/** Moto's EventBridge: the graph's rules, and what CloudTrail would put on the default bus of a Region. */
import type { CloudTrailRecord } from "../../packages/local/src/contract.ts";
import { trailEvent } from "../../packages/local/src/runner/event-bus.ts";
import { type GraphResource, propertiesOf } from "../../packages/local/src/runner/graph.ts";
import type { RuleModel } from "../../packages/local/src/runner/model.ts";

export interface MotoEventBus {
  /** @param resource the rule in the graph, where its pattern stands as it is deployed. */
  putRule(rule: RuleModel, resource: GraphResource): Promise<void>;
  /**
   * Moto records no calls, so what CloudTrail would have sent is put here, and moto's own matching decides which rule
   * takes it, and passes it on to another Region. (EventBridge itself refuses events of a source `aws.…` from anyone but AWS; moto takes them.)
   */
  publish(record: CloudTrailRecord): Promise<void>;
}

export function motoEventBus(endpoint: string, region: string): MotoEventBus {
  /** By hand: a whole SDK client for three calls of a test would be a dependency more. */
  async function call(operation: string, input: object, where: string): Promise<unknown> {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `AWSEvents.${operation}`,
        // Moto reads from it which service and Region are meant; it checks no signature.
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${where}/events/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify(input),
    });
    const text = await response.text();
    const answer: unknown = text === "" ? {} : JSON.parse(text);
    const failed = typeof answer === "object" && answer !== null && "FailedEntryCount" in answer;
    if (!response.ok || (failed && answer.FailedEntryCount !== 0)) {
      throw new Error(`moto refuses \`${operation}\`: ${text}`);
    }
    return answer;
  }

  return {
    async putRule(rule, resource) {
      const properties = propertiesOf(resource);
      const EventPattern = JSON.stringify(properties.document("eventPattern"));
      await call("PutRule", { Name: rule.name, EventPattern, State: "ENABLED" }, rule.region);
      const Targets = rule.targets.map((target, index) => ({
        Id: String(index),
        Arn: target.arn,
        ...(target.kind === "bus" ? { RoleArn: target.roleArn } : {}),
        ...(target.deadLetterArn === undefined ? {} : { DeadLetterConfig: { Arn: target.deadLetterArn } }),
      }));
      await call("PutTargets", { Rule: rule.name, Targets }, rule.region);
    },
    async publish(record) {
      const { source, detailType, detail, time } = trailEvent(record);
      const Entry = { Source: source, DetailType: detailType, Detail: JSON.stringify(detail) };
      const where = typeof record.awsRegion === "string" ? record.awsRegion : region;
      await call("PutEvents", { Entries: [{ ...Entry, Time: new Date(time).getTime() / 1000 }] }, where);
    },
  };
}
