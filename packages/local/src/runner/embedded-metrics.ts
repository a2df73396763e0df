/**
 * What CloudWatch reads of a function's log: lines in the embedded metric format, each with its own data points.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
import type { EmbeddedMetric } from "./model.ts";

export interface DataPoint {
  /** Milliseconds since 1970, as the line says. */
  readonly at: number;
  readonly value: number;
}

export interface EmbeddedMetrics {
  /** Takes what a line of a log carries: nothing, for nearly all of them. */
  take(line: string): void;
  /** Counts what CloudWatch itself would count. */
  count(metric: EmbeddedMetric, point: DataPoint): void;
  /** The metric's data points, in the order of their lines. */
  points(metric: EmbeddedMetric): readonly DataPoint[];
}

export function embeddedMetrics(): EmbeddedMetrics {
  const byMetric = new Map<string, DataPoint[]>();
  const count = (metric: EmbeddedMetric, point: DataPoint) => {
    const known = byMetric.get(keyOf(metric));
    if (known) known.push(point);
    else byMetric.set(keyOf(metric), [point]);
  };
  return {
    take(line) {
      for (const { metric, point } of readLine(line)) count(metric, point);
    },
    count,
    points: (metric) => byMetric.get(keyOf(metric)) ?? [],
  };
}

/** A metric is another one with each other value of a dimension. */
function keyOf({ namespace, name, dimensions }: EmbeddedMetric): string {
  return JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

type Json = Readonly<Record<string, unknown>>;

function readLine(line: string): { metric: EmbeddedMetric; point: DataPoint }[] {
  // CloudWatch takes a line for this format when it has this member.
  if (!line.startsWith("{") || !line.includes('"_aws"')) return [];
  const root = record(parsed(line));
  const { Timestamp: at, CloudWatchMetrics: directives } = record(root._aws);
  if (typeof at !== "number") return [];
  return list(directives)
    .map(record)
    .flatMap(({ Namespace: namespace, Dimensions: sets, Metrics: metrics }) =>
      list(metrics).flatMap((metric) => {
        const { Name: name } = record(metric);
        if (typeof namespace !== "string" || typeof name !== "string") return [];
        const values = [root[name]].flat().filter((value) => typeof value === "number");
        return list(sets).flatMap((set) => {
          const dimensions = Object.fromEntries(
            list(set).map((dimension) => [dimension, String(root[`${dimension}`])]),
          );
          return values.map((value) => ({ metric: { namespace, name, dimensions }, point: { at, value } }));
        });
      }),
    );
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function record(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
