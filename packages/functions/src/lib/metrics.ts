/**
 * Metrics in CloudWatch's embedded format, by Powertools: lines of the function's log, without a call. They are gathered during an
 * invocation and written at its end; nothing about them ever fails one.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import { Metrics } from "@aws-lambda-powertools/metrics";
import { takeApiCalls } from "@bedrock-key-guard/aws/api-calls.ts";
import type { MiddlewareObj } from "@middy/core";
import { METRICS, type MetricName, NAMESPACE } from "./metric-catalogue.ts";

export interface GuardMetrics {
  /** @param dimensions - those of the catalogue, beside `service` */
  add(name: MetricName, value: number, dimensions?: Readonly<Record<string, string>>): void;
  /** Writes what was added since the last time. */
  flush(): void;
}

/** What CloudWatch takes of one metric in one line. */
const MOST_VALUES = 100;

/** @param service - the function's own name, which Lambda gives as `AWS_LAMBDA_FUNCTION_NAME` */
export function guardMetrics(service: string): GuardMetrics {
  const plain = new Metrics({ namespace: NAMESPACE, serviceName: service });
  let added = 0;
  /** By name and dimensions: what was counted, to be one line. */
  const counted = new Map<string, { name: MetricName; dimensions: Readonly<Record<string, string>>; value: number }>();
  return {
    add(name, value, dimensions = {}) {
      const { unit } = METRICS[name];
      if (METRICS[name].dimensions.length === 0) {
        plain.addMetric(name, unit, value);
        added += 1;
        if (added % MOST_VALUES === 0) plain.publishStoredMetrics();
        return;
      }
      const key = JSON.stringify([name, dimensions]);
      const former = counted.get(key);
      counted.set(key, { name, dimensions, value: (former?.value ?? 0) + value });
    },
    flush() {
      if (plain.hasStoredMetrics()) plain.publishStoredMetrics();
      for (const { name, dimensions, value } of counted.values()) {
        const single = plain.singleMetric();
        for (const [dimension, text] of Object.entries(dimensions)) single.addDimension(dimension, text);
        single.addMetric(name, METRICS[name].unit, value);
      }
      counted.clear();
    },
  };
}

/** Writes the metrics at the end of each invocation, with the calls to AWS that it made. */
export function writeMetrics(metrics: GuardMetrics, warn: (message: string, error: unknown) => void): MiddlewareObj {
  const write = () => {
    try {
      for (const [api, { calls, throttles }] of takeApiCalls()) {
        metrics.add("ApiCalls", calls, { api });
        if (throttles > 0) metrics.add("ApiThrottles", throttles, { api });
      }
      metrics.flush();
    } catch (error) {
      warn("metrics could not be written", error);
    }
  };
  return { after: write, onError: write };
}
