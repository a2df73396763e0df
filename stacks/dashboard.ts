import { functionNameOf, type Place } from "./place.ts";
import type { WorkQueue } from "./queues.ts";

export interface DashboardParts {
  readonly functions: readonly string[];
  readonly queues: readonly WorkQueue[];
  readonly channels: readonly string[];
  readonly alarms: readonly aws.cloudwatch.MetricAlarm[];
}

type Line = readonly [...(string | { readonly [name: string]: unknown })[]];

interface Widget {
  readonly type: "text" | "alarm" | "metric";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly properties: Readonly<Record<string, unknown>>;
}

const OWN = "BedrockKeyGuard";
const WIDTH = 24;
const DAY = 24 * 60 * 60;

/**
 * Four questions, a row each, from the top: is the guard working, what is open, what did it change, how fast is it and what does it
 * call. The first three of an account's dashboards cost nothing; this one is USD 3 a month beyond that.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export function dashboard(place: Place, parts: DashboardParts): aws.cloudwatch.Dashboard {
  const { alarms, queues } = parts;
  const names = {
    alarms: $util.all(alarms.map(({ arn }) => arn)),
    queues: $util.all(queues.map(({ queue }) => queue.name)),
    deadLetters: $util.all(queues.map(({ deadLetters }) => deadLetters.name)),
  };
  return new aws.cloudwatch.Dashboard("Dashboard", {
    dashboardName: place.prefix,
    dashboardBody: $util
      .all([names.alarms, names.queues, names.deadLetters])
      .apply(([arns, waiting, dead]) =>
        JSON.stringify({ start: "-P7D", widgets: widgets(place, parts, { arns, waiting, dead }) }),
      ),
  });
}

interface Names {
  readonly arns: readonly string[];
  readonly waiting: readonly string[];
  readonly dead: readonly string[];
}

function widgets(place: Place, { functions, channels }: DashboardParts, { arns, waiting, dead }: Names): Widget[] {
  const of = (name: string) => functionNameOf(place, name);
  const own = (metric: string, fn: string, label: string, more: object = {}): Line => [
    OWN,
    metric,
    "service",
    of(fn),
    { label, ...more },
  ];
  const callers = functions.filter((name) => name !== "notify-slack");
  const rows: readonly (readonly Omit<Widget, "x" | "y" | "width">[])[] = [
    [text(introduction(place))],
    [
      {
        type: "alarm",
        height: 3,
        properties: { title: "Is the guard working? Each of these should be OK", alarms: arns },
      },
    ],
    [
      chart(place, "Sweeps that saw every agent, a day", [own("SweepFinished", "sweep", "finished")], { period: DAY }),
      chart(
        place,
        "Does CloudTrail tell it of changes? 0: yes, or there is a finding",
        [
          own("SelfCheckFailed", "sweep", "it could not look"),
          own("TrailsNotKnown", "sweep", "it can't be known from here"),
        ],
        { stat: "Maximum", period: DAY, view: "singleValue" },
      ),
      chart(place, "Functions that ended without an answer, or could not run", [
        ...functions.map(
          (name): Line => ["AWS/Lambda", "Errors", "FunctionName", of(name), { label: `${name} errors` }],
        ),
        ...functions.map(
          (name): Line => ["AWS/Lambda", "Throttles", "FunctionName", of(name), { label: `${name} throttles` }],
        ),
      ]),
    ],
    [
      chart(
        place,
        "Oldest message of each queue, in seconds",
        waiting.map((name): Line => ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name, { label: name }]),
        { stat: "Maximum" },
      ),
      chart(
        place,
        "Dead letters",
        dead.map((name): Line => ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", name, { label: name }]),
        { stat: "Maximum" },
      ),
    ],
    [
      chart(
        place,
        "What is open?",
        SEVERITIES.map(
          ({ severity, color }): Line => [
            OWN,
            "OpenFindings",
            "service",
            of("announce"),
            "severity",
            severity,
            { label: severity, color },
          ],
        ),
        { stat: "Maximum", view: "singleValue" },
      ),
      chart(
        place,
        "Findings that opened or happened, by kind",
        [search("FindingsOpened", "kind,severity", of("announce"))],
        { period: DAY },
      ),
      chart(
        place,
        "Findings that were resolved, by kind",
        [search("FindingsResolved", "kind,severity", of("announce"))],
        { period: DAY },
      ),
    ],
    [
      chart(place, "What did it change? Key policies, a day", [own("Repairs", "reconcile", "key policies written")], {
        period: DAY,
      }),
      ...(functions.includes("callers")
        ? [
            chart(place, "Policies on callers, a day", [own("CallerWrites", "callers", "written or taken away")], {
              period: DAY,
            }),
          ]
        : []),
      chart(
        place,
        "Whom did it tell? Alerts by channel, a day",
        channels.flatMap((channel): Line[] => [
          [OWN, "AlertsDelivered", "service", of("announce"), "channel", channel, { label: channel }],
          [
            OWN,
            "AlertsRefused",
            "service",
            of("announce"),
            "channel",
            channel,
            { label: `${channel} refused`, color: "#d62728" },
          ],
        ]),
        { period: DAY },
      ),
    ],
    [
      chart(place, "How fast? From a change to the decision, and to the repair, in milliseconds", [
        own("EventToDecision", "reconcile", "decision, half", { stat: "p50" }),
        own("EventToDecision", "reconcile", "decision, 99 of 100", { stat: "p99" }),
        own("EventToRepair", "reconcile", "repair, half", { stat: "p50" }),
        own("EventToRepair", "reconcile", "repair, 99 of 100", { stat: "p99" }),
      ]),
      chart(
        place,
        "Calls to AWS, by service",
        callers.map((name) => search("ApiCalls", "api", of(name))),
      ),
      chart(
        place,
        "Calls that were throttled",
        callers.map((name) => search("ApiThrottles", "api", of(name))),
      ),
    ],
  ];
  return laidOut(rows);
}

const SEVERITIES = [
  { severity: "critical", color: "#d62728" },
  { severity: "high", color: "#ff7f0e" },
  { severity: "medium", color: "#bcbd22" },
  { severity: "low", color: "#1f77b4" },
] as const;

/**
 * Kinds and services are not known when this is deployed: what there is of one function is looked for.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html
 */
function search(metric: string, dimensions: string, service: string): Line {
  const expression = `SEARCH('{${OWN},service,${dimensions}} MetricName="${metric}" service="${service}"', 'Sum')`;
  return [{ expression, label: "" }];
}

function chart(
  { region }: Place,
  title: string,
  metrics: readonly Line[],
  more: { readonly stat?: string; readonly period?: number; readonly view?: string } = {},
): Omit<Widget, "x" | "y" | "width"> {
  const { stat = "Sum", period = 300, view = "timeSeries" } = more;
  return { type: "metric", height: 6, properties: { title, region, view, stat, period, metrics } };
}

function text(markdown: string): Omit<Widget, "x" | "y" | "width"> {
  return { type: "text", height: 4, properties: { markdown } };
}

function introduction({ prefix, region }: Place): string {
  return [
    `# ${prefix}`,
    "Something is open? `npx bedrock-key-guard findings --table TABLE --region REGION` lists it, with what to do. An alarm rings? It says where to look; `docs/runbook.md` has a section for each.",
    `Start a sweep: \`aws lambda invoke --region ${region} --function-name ${prefix}-sweep --cli-binary-format raw-in-base64-out --payload '{"v":1,"kind":"start"}' /dev/stdout\``,
  ].join("\n\n");
}

/** Each row is as high as its highest widget, and filled. */
function laidOut(rows: readonly (readonly Omit<Widget, "x" | "y" | "width">[])[]): Widget[] {
  let y = 0;
  return rows.flatMap((row) => {
    const width = Math.floor(WIDTH / row.length);
    const placed = row.map((widget, index) => ({ ...widget, x: index * width, y, width }));
    y += Math.max(...row.map(({ height }) => height));
    return placed;
  });
}
