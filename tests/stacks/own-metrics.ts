/** The metrics of the guard's own, by the function that writes them; `metrics.test.ts` holds this against the code. */
import { SEVERITIES } from "../../packages/core/src/finding/finding.ts";
import { METRICS, type MetricName } from "../../packages/functions/src/lib/metric-catalogue.ts";

/** By the function's logical name; each file has the call that adds it. */
export const EMITTERS: Readonly<Record<MetricName, Readonly<Record<string, string>>>> = {
  SweepFinished: { Sweep: "sweep-message.ts" },
  SelfCheckFailed: { Sweep: "sweep-message.ts" },
  TrailsNotKnown: { Sweep: "sweep-message.ts" },
  Repairs: { Reconcile: "key-jobs.ts" },
  CallerWrites: { Callers: "callers-jobs.ts" },
  EventToDecision: { Reconcile: "lib/count-look.ts", Callers: "lib/count-look.ts" },
  EventToRepair: { Reconcile: "lib/count-look.ts", Callers: "lib/count-look.ts" },
  OpenFindings: { Announce: "announce-message.ts" },
  FindingsOpened: { Announce: "announce-message.ts" },
  FindingsResolved: { Announce: "announce-message.ts" },
  AlertsDelivered: { Announce: "announce-message.ts" },
  AlertsRefused: { Announce: "announce-message.ts" },
  ApiCalls: {
    Intake: "lib/metrics.ts",
    Reconcile: "lib/metrics.ts",
    Callers: "lib/metrics.ts",
    Sweep: "lib/metrics.ts",
    Announce: "lib/metrics.ts",
  },
  ApiThrottles: {
    Intake: "lib/metrics.ts",
    Reconcile: "lib/metrics.ts",
    Callers: "lib/metrics.ts",
    Sweep: "lib/metrics.ts",
    Announce: "lib/metrics.ts",
  },
};

/** Values of dimensions that are known when the stack is deployed; of the others an alarm can't name one. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  channel: ["hub", "slack", "chat"],
  severity: SEVERITIES,
};

export interface NamedMetric {
  readonly metric: MetricName;
  readonly dimensions: Readonly<Record<string, string>>;
}

export function metricsOf(functionName: string): readonly NamedMetric[] {
  return (Object.keys(METRICS) as MetricName[])
    .filter((metric) => functionName in EMITTERS[metric])
    .flatMap((metric): readonly NamedMetric[] => {
      const { dimensions } = METRICS[metric];
      const [dimension] = dimensions;
      if (dimension === undefined) return [{ metric, dimensions: {} }];
      if (dimensions.length > 1) return [];
      return (VALUES[dimension] ?? []).map((value) => ({ metric, dimensions: { [dimension]: value } }));
    });
}
