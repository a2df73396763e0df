import { functionNameOf, type Place } from "./place.ts";
import type { Settings } from "./settings.ts";
import { SWEEP } from "./sweep.ts";
import { sweepWindow } from "./sweep-window.ts";

/**
 * Tells when no sweep has finished for as long as two of them should take: what the events missed is then found by
 * nobody. The metric is a line of the sweep function's log: `packages/functions/src/lib/metrics.ts`.
 *
 * @param dependsOn the first sweep's start: before it, there is nothing to finish.
 */
export function sweepAlarm(
  place: Place,
  settings: Settings,
  topic: aws.sns.Topic,
  dependsOn: readonly $util.Resource[],
): aws.cloudwatch.MetricAlarm {
  const window = sweepWindow(settings.sweepSchedule);
  if (!window) throw new Error("the settings let a schedule pass that has no window; see `checked`");
  const { periodSeconds, evaluationPeriods } = window;
  const name = functionNameOf(place, SWEEP);
  return new aws.cloudwatch.MetricAlarm(
    "SweepAlarm",
    {
      name: `${place.prefix}-sweep-unfinished`,
      alarmDescription: `bedrock-key-guard has not finished a sweep for ${hours(periodSeconds * evaluationPeriods)}: what the events missed is not found meanwhile. (After the first deployment, the end of the first sweep ends this alarm.) The log says how far it came, and which agents could not be read, which keep a sweep from finishing: aws logs tail /aws/lambda/${name} --region ${place.region} --since 1d -- Too many agents for the schedule? Raise \`sweepShare\` or sweep more rarely, in stacks/settings.ts. Once that is mended, start a sweep: aws lambda invoke --region ${place.region} --function-name ${name} --cli-binary-format raw-in-base64-out --payload '{"v":1,"kind":"start"}' /dev/stdout`,
      namespace: "BedrockKeyGuard",
      metricName: "SweepFinished",
      dimensions: { service: name },
      statistic: "Sum",
      period: periodSeconds,
      evaluationPeriods,
      comparisonOperator: "LessThanThreshold",
      threshold: 1,
      // No sweep at all, since the schedule or the function doesn't run.
      treatMissingData: "breaching",
      alarmActions: [topic.arn],
    },
    { dependsOn: [...dependsOn] },
  );
}

function hours(seconds: number): string {
  const count = Math.round(seconds / 3600);
  return count === 1 ? "an hour" : `${count} hours`;
}
