/**
 * Every metric of the guard's own, as data: what is emitted, what alarms and the dashboard in `stacks/` may name. A test runs the
 * emitters, and holds them, the alarms and the dashboard against this list.
 */
export const NAMESPACE = "BedrockKeyGuard";

export interface Metric {
  readonly unit: "Count" | "Milliseconds";
  /** Beside `service`, the function's own name: two deployments in an account are two metrics. */
  readonly dimensions: readonly string[];
  readonly says: string;
}

export const METRICS = {
  SweepFinished: { unit: "Count", dimensions: [], says: "sweeps that saw every agent; 0 where one starts" },
  SelfCheckFailed: {
    unit: "Count",
    dimensions: [],
    says: "1 where the guard could not look at its trails or topics, 0 where it could",
  },
  TrailsNotKnown: {
    unit: "Count",
    dimensions: [],
    says: "1 where it can't be known from here what the trails record, 0 where it is known",
  },
  Repairs: { unit: "Count", dimensions: [], says: "key policies that were written" },
  CallerWrites: { unit: "Count", dimensions: [], says: "policies on callers that were written or taken away" },
  EventToDecision: {
    unit: "Milliseconds",
    dimensions: [],
    says: "from CloudTrail's time of a change to the end of the look",
  },
  EventToRepair: { unit: "Milliseconds", dimensions: [], says: "the same, where the look wrote" },
  OpenFindings: { unit: "Count", dimensions: ["severity"], says: "findings that are open" },
  FindingsOpened: {
    unit: "Count",
    dimensions: ["kind", "severity"],
    says: "findings that opened, opened again, or happened",
  },
  FindingsResolved: { unit: "Count", dimensions: ["kind", "severity"], says: "findings that were resolved" },
  AlertsDelivered: { unit: "Count", dimensions: ["channel"], says: "alerts that a channel took" },
  AlertsRefused: { unit: "Count", dimensions: ["channel"], says: "tries in which a channel did not take an alert" },
  ApiCalls: { unit: "Count", dimensions: ["api"], says: "calls to a service of AWS, each try" },
  ApiThrottles: { unit: "Count", dimensions: ["api"], says: "those of them that were throttled" },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
