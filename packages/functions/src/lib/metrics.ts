/**
 * Metrics in the embedded metric format: a line of the log, which CloudWatch turns into a metric. It costs no call and
 * no permission.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import type { Clock } from "@bedrock-key-guard/core/ports.ts";

/** Every metric of the guard. */
export const NAMESPACE = "BedrockKeyGuard";

/** Where lines of the log go, as `process.stdout`. */
export interface LogOutput {
  write(text: string): unknown;
}

export interface SweepMetrics {
  /**
   * Counts nothing, but leaves data: where CloudWatch lacks data it goes back to older data of the metric before it
   * takes any for missing, and an alarm on sweeps that never finish would be hours late.
   */
  started(): void;
  finished(): void;
}

/**
 * `SweepFinished`, on which the stack has an alarm.
 *
 * @param service the function's own name, which Lambda gives as `AWS_LAMBDA_FUNCTION_NAME`: two deployments in an
 * account are two metrics.
 * @param output not `console`: in Lambda's JSON format that wraps each line, and CloudWatch would not know it.
 */
export function sweepMetrics(
  service: string,
  clock: Pick<Clock, "now">,
  output: LogOutput = process.stdout,
): SweepMetrics {
  const count = (value: number) => {
    const directive = {
      Namespace: NAMESPACE,
      Dimensions: [["service"]],
      Metrics: [{ Name: "SweepFinished", Unit: "Count" }],
    };
    const _aws = { Timestamp: Date.parse(clock.now()), CloudWatchMetrics: [directive] };
    output.write(`${JSON.stringify({ _aws, service, SweepFinished: value })}\n`);
  };
  return { started: () => count(0), finished: () => count(1) };
}
