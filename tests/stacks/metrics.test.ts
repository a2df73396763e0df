/** Every metric that alarms and the dashboard name is one that the code emits, or one that AWS has. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { METRICS, type MetricName, NAMESPACE } from "../../packages/functions/src/lib/metric-catalogue.ts";
import { guardMetrics } from "../../packages/functions/src/lib/metrics.ts";
import { embeddedMetrics } from "../../packages/local/src/runner/embedded-metrics.ts";
import { resources, root, storedGraph } from "./graph.ts";
import { EMITTERS } from "./own-metrics.ts";

const NAMES = Object.keys(METRICS) as MetricName[];

/** Metrics of AWS, with the dimensions by which they are named here. */
const OF_AWS: Readonly<Record<string, readonly string[]>> = {
  // https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
  "AWS/Lambda Errors": ["FunctionName"],
  "AWS/Lambda Throttles": ["FunctionName"],
  // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
  "AWS/SQS ApproximateAgeOfOldestMessage": ["QueueName"],
  "AWS/SQS ApproximateNumberOfMessagesVisible": ["QueueName"],
  // https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
  "AWS/SNS NumberOfNotificationsFailed": ["TopicName"],
};

interface Named {
  readonly where: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** What the emitters write to a function's log, read as CloudWatch reads it. */
function emitted(name: MetricName): readonly string[] {
  const lines: string[] = [];
  const { write } = process.stdout;
  process.stdout.write = (text: string | Uint8Array) => {
    lines.push(...String(text).split("\n"));
    return true;
  };
  try {
    const metrics = guardMetrics("a-function");
    metrics.add(name, 3, Object.fromEntries(METRICS[name].dimensions.map((dimension) => [dimension, "x"])));
    metrics.flush();
  } finally {
    process.stdout.write = write;
  }
  return lines.filter((line) => line !== "");
}

describe("a metric of the guard's own", () => {
  test.each(NAMES)("%s is written as the catalogue has it: one line, its unit and its dimensions", (name) => {
    const lines = emitted(name);
    expect(lines).toHaveLength(1);
    const [line = "{}"] = lines;
    const [directive] = JSON.parse(line)._aws.CloudWatchMetrics;
    expect(directive).toMatchObject({ Namespace: NAMESPACE, Metrics: [{ Name: name, Unit: METRICS[name].unit }] });
    const read = embeddedMetrics();
    read.take(line);
    const dimensions = Object.fromEntries(METRICS[name].dimensions.map((dimension) => [dimension, "x"]));
    const points = read.points({ namespace: NAMESPACE, name, dimensions: { service: "a-function", ...dimensions } });
    expect(points.map(({ value }) => value)).toEqual([3]);
  });

  test.each(NAMES)("%s is added by the code of the functions that are said to emit it", (name) => {
    for (const file of Object.values(EMITTERS[name])) {
      const code = readFileSync(join(root, "packages/functions/src", file), "utf8");
      expect(code, file).toContain(`add("${name}"`);
    }
  });

  test("and counts within an invocation are one line", () => {
    const metrics = guardMetrics("a-function");
    metrics.add("FindingsOpened", 1, { kind: "contested", severity: "high" });
    metrics.add("FindingsOpened", 2, { kind: "contested", severity: "high" });
    const lines: string[] = [];
    const { write } = process.stdout;
    process.stdout.write = (text: string | Uint8Array) => lines.push(String(text)) > 0;
    metrics.flush();
    metrics.flush();
    process.stdout.write = write;
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ FindingsOpened: 3, kind: "contested" }]);
  });
});

const functions = new Map(
  resources(storedGraph(), "aws:lambda/function:Function").map(({ name, inputs }) => [
    inputs.name,
    name.replace(/Function$/, ""),
  ]),
);

function isKnown({ namespace, metric, dimensions }: Named): boolean {
  const given = Object.keys(dimensions).sort();
  if (namespace !== NAMESPACE) return given.join() === OF_AWS[`${namespace} ${metric}`]?.join();
  const name = NAMES.find((one) => one === metric);
  if (!name || given.join() !== ["service", ...METRICS[name].dimensions].sort().join()) return false;
  return (functions.get(dimensions.service ?? "") ?? "?") in EMITTERS[name];
}

describe("what is named", () => {
  test("by an alarm is emitted", () => {
    const named = resources(storedGraph(), "aws:cloudwatch/metricAlarm:MetricAlarm").map(
      ({ name, inputs }): Named => ({
        where: name,
        namespace: inputs.namespace,
        metric: inputs.metricName,
        dimensions: inputs.dimensions,
      }),
    );
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((one) => !isKnown(one))).toEqual([]);
  });

  test("by the dashboard is emitted", () => {
    const named = onDashboard();
    expect(named.length).toBeGreaterThan(30);
    expect(named.filter((one) => !isKnown(one))).toEqual([]);
    // A metric that nobody can look at is emitted for nothing.
    const shown = new Set(named.map(({ metric }) => metric));
    expect(NAMES.filter((name) => !shown.has(name))).toEqual([]);
  });

  test("by mistake is found", () => {
    const service = "bedrock-key-guard-local-announce";
    const of = (metric: string, dimensions: Named["dimensions"], namespace = NAMESPACE): Named => ({
      where: "",
      namespace,
      metric,
      dimensions,
    });
    expect(isKnown(of("AlertsDelivered", { service, channel: "slack" }))).toBe(true);
    expect(isKnown(of("AlertsDelivered", { service }))).toBe(false);
    expect(isKnown(of("Repairs", { service }))).toBe(false);
    expect(isKnown(of("Repaired", { service }))).toBe(false);
    expect(isKnown(of("Errors", { FunctionName: "x" }, "AWS/Lambda"))).toBe(true);
    expect(isKnown(of("Errors", { Function: "x" }, "AWS/Lambda"))).toBe(false);
  });
});

interface Widget {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly type: string;
  readonly properties: {
    readonly title?: string;
    readonly metrics?: readonly (readonly unknown[])[];
    readonly alarms?: readonly string[];
  };
}

function widgets(): readonly Widget[] {
  const [dashboard] = resources(storedGraph(), "aws:cloudwatch/dashboard:Dashboard");
  return dashboard?.inputs.dashboardBody.widgets as readonly Widget[];
}

function onDashboard(): readonly Named[] {
  return widgets().flatMap(({ properties: { title = "", metrics = [] } }) =>
    metrics.map((line): Named => {
      const last = line.at(-1);
      const expression =
        typeof last === "object" && last !== null && "expression" in last ? String(last.expression) : "";
      return { where: title, ...(expression === "" ? ofLine(line) : ofSearch(expression)) };
    }),
  );
}

function ofLine(line: readonly unknown[]): Omit<Named, "where"> {
  const [namespace = "", metric = "", ...rest] = line.filter((one) => typeof one === "string");
  const pairs = rest.flatMap((name, index) => (index % 2 === 0 ? [[name, rest[index + 1] ?? ""]] : []));
  return { namespace, metric, dimensions: Object.fromEntries(pairs) };
}

/** `SEARCH('{Namespace,dimension,…} MetricName="X" service="Y"', 'Sum')` */
function ofSearch(expression: string): Omit<Named, "where"> {
  const [, names = "", metric = ""] = /SEARCH\('\{([^}]+)\} MetricName="(\w+)"/.exec(expression) ?? [];
  const [namespace = "", ...dimensions] = names.split(",");
  const [, service = ""] = /service="([^"]+)"/.exec(expression) ?? [];
  return {
    namespace,
    metric,
    dimensions: Object.fromEntries(dimensions.map((one) => [one, one === "service" ? service : ""])),
  };
}

describe("the dashboard", () => {
  test("lays its widgets out within its width, and none over another", () => {
    const placed = widgets();
    for (const { x, width } of placed) expect(x + width).toBeLessThanOrEqual(24);
    const cells = placed.flatMap(({ x, y, width, height }) =>
      Array.from({ length: width * height }, (_, i) => `${x + (i % width)},${y + Math.floor(i / width)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
  });

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
  test("is within what CloudWatch takes: widgets, lines of a chart, lines in all, the length of a search", () => {
    const lines = widgets().map(({ properties: { metrics = [] } }) => metrics.length);
    expect(lines.length).toBeLessThanOrEqual(500);
    expect(Math.max(...lines)).toBeLessThanOrEqual(500);
    expect(lines.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2500);
    const searches = JSON.stringify(widgets()).match(/SEARCH\([^)]*\)/g) ?? [];
    expect(searches.length).toBeGreaterThan(2);
    for (const search of searches) expect(search.length).toBeLessThan(1024);
  });

  test("shows this deployment's metrics, and not those of another stage in the account", () => {
    const named = onDashboard().filter(({ namespace }) => namespace === NAMESPACE);
    for (const { dimensions } of named) expect(dimensions.service).toMatch(/^bedrock-key-guard-local-/);
  });

  test("shows the state of every alarm", () => {
    const all = resources(storedGraph(), "aws:cloudwatch/metricAlarm:MetricAlarm").map(({ state }) => state.arn);
    const shown = widgets().flatMap(({ properties }) => properties.alarms ?? []);
    expect([...shown].sort()).toEqual(all.sort());
    // What CloudWatch takes in one widget.
    expect(shown.length).toBeLessThanOrEqual(100);
  });
});
